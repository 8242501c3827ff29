import type { Terminal } from '../../base/config/config.js';
import { paint } from '../../base/terminal/paint.js';
import { countOf, formatBytes, formatCount, formatSeconds } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import { countFound, type RunResult, type TransformResult } from '../../base/types/result.js';
import type { CheckResult, DatasetResult, ModelResult } from '../../base/types/run-record.js';
import { formatReports } from '../report/report-tables.js';
import { describeFound } from './found.js';

/** Of each report; `pipeline report` prints them all. */
const REPORT_ROWS = 10;

/** What a run has to say to a person: what came, what landed and where, the reports, and what to try next. */
export function formatRun(result: RunResult, terminal: Terminal): string {
  return sections(
    formatHead(result, terminal),
    ...result.datasets.map((dataset) => formatDataset(dataset, result)),
    formatModels(result.models),
    formatWarned(result.checks),
    formatReports(result.reports, terminal, { pipeline: result.pipeline, rows: REPORT_ROWS }),
    formatNext(result),
  );
}

export function formatIngest(result: RunResult, terminal: Terminal): string {
  return sections(
    formatHead(result, terminal),
    ...result.datasets.map((dataset) => formatDataset(dataset, result)),
  );
}

export function formatTransform(
  { models, checks, timings_ms, ...found }: TransformResult,
  terminal: Terminal,
): string {
  const head = paint(`Built in ${formatSeconds(timings_ms.transform)}`, 'bold', terminal.color);
  return sections([head, ...describeFound(found)].join('\n'), formatModels(models), formatWarned(checks));
}

function sections(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n\n');
}

function formatHead(result: RunResult, { color }: Terminal): string {
  const { pipeline, date, status, timings_ms } = result;
  const seconds = formatSeconds(timings_ms.total);
  const what = status === 'unchanged' ? `unchanged since it landed last (${seconds})` : `done in ${seconds}`;
  return [paint(`${pipeline}, ${date}: ${what}`, 'bold', color), ...describeFound(result)].join('\n');
}

function formatDataset(dataset: DatasetResult, result: RunResult): string {
  const fetched = `${countOf(dataset.fetched, 'record')} of ${dataset.dataset}`;
  const lines: [string, string][] = [
    ['fetched', `${fetched}${describeRate(dataset, result)}`],
    ['landed', `${countOf(dataset.landed, 'row')}${describePlace(dataset)}`],
    ['refused', describeRefused(dataset)],
  ];
  if (dataset.duplicates > 0) lines.push(['duplicates', `${formatCount(dataset.duplicates)} left out`]);
  if (dataset.empty > 0) {
    lines.push([
      'empty',
      `${formatCount(dataset.empty)} records with nothing in their array, which make no row`,
    ]);
  }
  for (const { path, count } of dataset.nulled) {
    lines.push(['set to null', `${scrub(path)} in ${countOf(count, 'record')}`]);
  }
  for (const { kind, path, count } of dataset.drift) {
    lines.push(['drift', `${kind.replaceAll('_', ' ')} ${scrub(path)} in ${countOf(count, 'record')}`]);
  }
  if (dataset.singled_out !== null) lines.push(['still told', describeSingledOut(dataset.singled_out)]);
  return lines.map(([name, text]) => `  ${name.padEnd(12)}${text}`).join('\n');
}

/** Of the only dataset: those of several share the time. */
function describeRate({ fetched }: DatasetResult, { datasets, timings_ms }: RunResult): string {
  if (datasets.length > 1) return '';
  return `, ${formatCount(Math.round((fetched / Math.max(1, timings_ms.ingest)) * 1000))} a second`;
}

function describePlace({ partitions }: DatasetResult): string {
  const [first] = partitions;
  if (first === undefined) return ' would land; this was a try';
  const bytes = partitions.reduce((sum, partition) => sum + partition.bytes, 0);
  const more = partitions.length > 1 ? ` and ${partitions.length - 1} more parts` : '';
  return ` in ${first.path}${more}, ${formatBytes(bytes)}`;
}

function describeRefused({ rejected, rejects }: DatasetResult): string {
  if (rejected === 0) return 'none';
  const reasons = rejects.map(
    ({ code, path, count }) => `${code}${path === '' ? '' : ` ${path}`} ${formatCount(count)}`,
  );
  return `${formatCount(rejected)}: ${reasons.join(', ')}`;
}

/** Masked is not anonymous, and a run says so. */
function describeSingledOut(share: number): string {
  const percent = Math.round(share * 100);
  return `the kept columns single out ${percent} % of the rows: masked is not anonymous, keep the raw zone restricted`;
}

/** Each model with what became of it: built, added to, or as before. */
export function formatModels(models: readonly ModelResult[]): string {
  if (models.length === 0) return '';
  return models
    .map((result) => {
      const verb = result.built === 'skipped' ? 'as before' : 'built';
      return `  ${verb.padEnd(12)}${result.model}, ${countOf(result.rows, 'row')}${describeExtent(result)}`;
    })
    .join('\n');
}

function describeExtent({ built, dates }: ModelResult): string {
  switch (built) {
    case 'full':
      return '';
    case 'incremental':
      return `, ${countOf(dates, 'date')} of them anew`;
    case 'skipped':
      return ': nothing that it reads has changed';
    default:
      return built satisfies never;
  }
}

function formatNext({ pipeline, reports, models }: RunResult): string {
  const [report] = reports;
  const model = models.at(-1);
  const tries = [
    [`pipeline explain ${pipeline}`, 'what is decided for each field, what it still tells, and the SQL'],
    [`pipeline verify`, 'hold the lake against its manifests'],
    ...(model === undefined ? [] : [[`pipeline query "from ${model.model} limit 10"`, 'SQL on the tables']]),
    ...(report === undefined ? [] : [[`pipeline export ${pipeline} ${report.report}`, 'a report as CSV']]),
  ];
  const width = Math.max(...tries.map(([command = '']) => command.length));
  return [
    'Next, by `npx` from a checkout',
    ...tries.map(([command = '', what = '']) => `  ${command.padEnd(width)}  ${what}`),
  ].join('\n');
}

/** A line for each check that failed and lets the work go on, with what to type to see more of it. */
export function formatWarned(checks: readonly CheckResult[]): string {
  const failed = checks.filter(({ passed, severity }) => !passed && severity === 'warn');
  const names = new Set(failed.map(nameCheck));
  return [...names]
    .map((name) => `  ${'warned'.padEnd(12)}${describe(failed.filter((one) => nameCheck(one) === name))}`)
    .join('\n');
}

/** SQL checks of two pipelines may have one name. */
function nameCheck({ pipeline, check }: CheckResult): string {
  return `${pipeline ?? ''} ${check}`;
}

/** Of several dates the last one is told, since `check` looks at one. */
function describe(results: readonly CheckResult[]): string {
  const last = results.toSorted((a, b) => ((a.date ?? '') < (b.date ?? '') ? -1 : 1)).at(-1);
  if (last === undefined) return '';
  const { check, pipeline, date } = last;
  const others = results.length - 1;
  const more = others === 0 ? '' : ` on ${date ?? ''} and on ${countOf(others, 'more date')}`;
  const next = ['pipeline check', pipeline, date === null ? null : `--date ${date}`];
  return `${check}, ${countFound(last)}${more}: ${next.filter((word) => word !== null).join(' ')}`;
}
