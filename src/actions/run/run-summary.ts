import type { Terminal } from '../../base/config/config.js';
import { paint } from '../../base/terminal/paint.js';
import { countOf, formatBytes, formatCount, formatSeconds } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import { countFound, type RunResult, type TransformResult } from '../../base/types/result.js';
import type { CheckResult, DatasetResult, ModelResult } from '../../base/types/run-record.js';
import { nameOfHidden } from '../../contract/undeclared.js';
import { formatReports } from '../report/report-tables.js';
import { describeRecovery } from './found.js';
import { formatReleases } from './release-summary.js';

/** Rows shown of each report; `pipeline report` prints all of them. */
const REPORT_ROWS = 10;

/** The summary of a run: fetched and landed records, models, reports, and commands to try next. */
export function formatRun(result: RunResult, terminal: Terminal): string {
  return sections(
    formatHead(result, terminal),
    ...result.datasets.map((dataset) => formatDataset(dataset, result, terminal)),
    formatModels(result.models),
    formatReleases(result.releases),
    formatWarned(result.checks),
    formatReports(result.reports, terminal, { pipeline: result.pipeline, rows: REPORT_ROWS }),
    formatNext(result),
  );
}

export function formatIngest(result: RunResult, terminal: Terminal): string {
  return sections(
    formatHead(result, terminal),
    ...result.datasets.map((dataset) => formatDataset(dataset, result, terminal)),
  );
}

export function formatTransform(
  { models, releases, checks, timings_ms, accepted_losses, ...found }: TransformResult,
  terminal: Terminal,
): string {
  const head = paint(`Built in ${formatSeconds(timings_ms.transform)}`, 'bold', terminal.color);
  return sections(
    [head, ...describeRecovery(found)].join('\n'),
    formatAccepted(accepted_losses),
    formatModels(models),
    formatReleases(releases),
    formatWarned(checks),
  );
}

function formatAccepted(losses: TransformResult['accepted_losses']): string {
  if (losses.length === 0) return '';
  const lines = losses.map(({ dataset, date, slot, run_id, rows }) => {
    const moment = slot === null ? date : `${date}T${slot}`;
    return `  ${moment}  ${dataset}, ${countOf(rows, 'row')}, landed by run ${run_id}`;
  });
  return [`Built without ${countOf(losses.length, 'partition')}:`, ...lines].join('\n');
}

function sections(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n\n');
}

function formatHead(result: RunResult, { color }: Terminal): string {
  const { pipeline, date, status, timings_ms } = result;
  const seconds = formatSeconds(timings_ms.total);
  const what = status === 'unchanged' ? `unchanged since the last run (${seconds})` : `done in ${seconds}`;
  return [paint(`${pipeline}, ${date}: ${what}`, 'bold', color), ...describeRecovery(result)].join('\n');
}

function formatDataset(dataset: DatasetResult, result: RunResult, terminal: Terminal): string {
  const fetched = `${countOf(dataset.fetched, 'record')} of ${dataset.dataset}`;
  const lines: [string, string][] = [
    ['fetched', `${fetched}${describeRate(dataset, result)}`],
    ['landed', `${countOf(dataset.landed, 'row')}${describePlace(dataset)}`],
    ['rejected', describeRejected(dataset)],
  ];
  if (dataset.duplicates > 0) lines.push(['duplicates', `${formatCount(dataset.duplicates)} removed`]);
  if (dataset.forgotten > 0)
    lines.push(['forgotten', `${countOf(dataset.forgotten, 'row')} of erased people`]);
  if (dataset.page_drift !== null) lines.push(['page drift', describePageDrift(dataset.page_drift)]);
  if (dataset.empty > 0) {
    lines.push(['empty', `${formatCount(dataset.empty)} records without rows (list empty, null or absent)`]);
  }
  for (const { path, count } of dataset.nulled) {
    lines.push(['set to null', `${scrub(path)} in ${countOf(count, 'record')}`]);
  }
  if (dataset.withheld !== null && dataset.withheld > 0)
    lines.push([
      'withheld',
      `${countOf(dataset.withheld, 'kept cell')} with a direct value of their own record`,
    ]);
  for (const entry of dataset.drift) lines.push(['drift', describeDrift(entry, terminal)]);
  if (dataset.singled_out !== null) lines.push(['risk', describeRisk(dataset.singled_out)]);
  return lines.map(([name, text]) => `  ${name.padEnd(12)}${text}`).join('\n');
}

/** The name of an undeclared field is shown on a terminal alone: a file or a log could keep it. */
function describeDrift(entry: DatasetResult['drift'][number], { interactive }: Terminal): string {
  const name = interactive ? nameOfHidden(entry) : null;
  const path = name === null ? entry.path : `${name} ${entry.path}`;
  return `${entry.kind.replaceAll('_', ' ')} ${scrub(path)} in ${countOf(entry.count, 'record')}`;
}

/** The rate of a single dataset; several datasets share the time, so they have none. */
function describeRate({ fetched }: DatasetResult, { datasets, timings_ms }: RunResult): string {
  if (datasets.length > 1) return '';
  return `, ${formatCount(Math.round((fetched / Math.max(1, timings_ms.ingest)) * 1000))} a second`;
}

function describePlace({ partitions }: DatasetResult): string {
  const [first] = partitions;
  if (first === undefined) return ' (dry run: nothing was written)';
  const bytes = partitions.reduce((sum, partition) => sum + partition.bytes, 0);
  const more = partitions.length > 1 ? ` and ${partitions.length - 1} more parts` : '';
  return ` in ${first.path}${more}, ${formatBytes(bytes)}`;
}

function describePageDrift({
  count,
  pages: [first, second],
}: NonNullable<DatasetResult['page_drift']>): string {
  return `${countOf(count, 'record')} came on pages ${first} and ${second}: as many may be missing`;
}

function describeRejected({ rejected, rejects }: DatasetResult): string {
  if (rejected === 0) return '0';
  const reasons = rejects.map(
    ({ code, path, count }) => `${code}${path === '' ? '' : ` ${path}`} ${formatCount(count)}`,
  );
  return `${formatCount(rejected)}: ${reasons.join(', ')}`;
}

/** Masked data is not anonymous: each run states the share of rows that are unique. */
function describeRisk(share: number): string {
  return `re-identification: ${describeUnique(share)}; keep the raw zone restricted`;
}

function describeUnique(share: number): string {
  return `${Math.round(share * 100)} % of rows are unique on the kept columns`;
}

/** Each model with its result: built, extended or unchanged. */
export function formatModels(models: readonly ModelResult[]): string {
  if (models.length === 0) return '';
  return models
    .map((result) => {
      const verb = result.built === 'skipped' ? 'unchanged' : 'built';
      const line = `  ${verb.padEnd(12)}${result.model}, ${countOf(result.rows, 'row')}${describeExtent(result)}`;
      return result.singled_out === null
        ? line
        : `${line}\n  ${''.padEnd(12)}${describeUnique(result.singled_out)}`;
    })
    .join('\n');
}

function describeExtent({ built, dates }: ModelResult): string {
  switch (built) {
    case 'full':
      return '';
    case 'incremental':
      return `, ${countOf(dates, 'date')} rebuilt`;
    case 'skipped':
      return ': its inputs have not changed';
    default:
      return built satisfies never;
  }
}

function formatNext({ pipeline, reports, models }: RunResult): string {
  const [report] = reports;
  const model = models.at(-1);
  const tries = [
    [`pipeline explain ${pipeline}`, 'how each field is treated, what it still reveals, and the SQL'],
    [`pipeline verify`, 'compare the lake’s files with their manifests'],
    ...(model === undefined
      ? []
      : [[`pipeline query "from ${model.model} limit 10"`, 'query the tables with SQL']]),
    ...(report === undefined
      ? []
      : [[`pipeline export ${pipeline} ${report.report}`, 'export a report as CSV']]),
  ];
  const width = Math.max(...tries.map(([command = '']) => command.length));
  return [
    'Next (prefix with `npx` in a checkout)',
    ...tries.map(([command = '', what = '']) => `  ${command.padEnd(width)}  ${what}`),
  ].join('\n');
}

/** One line per failed check of severity `warn`, with the command that shows its details. */
export function formatWarned(checks: readonly CheckResult[]): string {
  const failed = checks.filter(({ passed, severity }) => !passed && severity === 'warn');
  const names = new Set(failed.map(nameCheck));
  return [...names]
    .map(
      (name) =>
        `  ${'warning'.padEnd(12)}${describeWarning(failed.filter((one) => nameCheck(one) === name))}`,
    )
    .join('\n');
}

/** SQL checks of two pipelines can have the same name. */
function nameCheck({ pipeline, check }: CheckResult): string {
  return `${pipeline ?? ''} ${check}`;
}

/** Of several dates only the last one is named, since `pipeline check` reads one date. */
function describeWarning(results: readonly CheckResult[]): string {
  const last = results.toSorted((a, b) => ((a.date ?? '') < (b.date ?? '') ? -1 : 1)).at(-1);
  if (last === undefined) return '';
  const { check, pipeline, date } = last;
  const others = results.length - 1;
  const more = others === 0 ? '' : ` on ${date ?? ''} and on ${countOf(others, 'more date')}`;
  const next = ['pipeline check', pipeline, date === null ? null : `--date ${date}`];
  return `${check}, ${countFound(last)}${more}: ${next.filter((word) => word !== null).join(' ')}`;
}
