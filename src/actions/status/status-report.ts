import type { Terminal } from '../../base/config/config.js';
import { formatMoment } from '../../base/dates/calendar.js';
import type { DateRange, IncompleteDate } from '../../base/dates/date-ranges.js';
import { paint } from '../../base/terminal/paint.js';
import { formatTable } from '../../base/terminal/table.js';
import { countOf, formatAge, formatBytes } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import type { Cell } from '../../base/types/result.js';
import type { LossKind } from '../../lake/survey.js';
import {
  type DatasetStatus,
  nameMoment,
  type PartitionNote,
  type PartitionStatus,
  type StatusCommands,
  type StatusReport,
} from './read-status.js';

const COLUMNS = ['date', 'rows', 'rejected', 'size', 'source', 'landed (UTC)', 'state'];
const WORDS = {
  not_built: 'not built yet',
  stale: 'changed since the last build',
  old_policy: 'under an old policy',
} as const satisfies Record<PartitionNote, string>;
const MAX_RANGES = 10;

/** Each dataset with its newest dates, its missing dates, and the commands that fix problems. */
export function formatStatus(report: StatusReport, terminal: Terminal): string {
  const datasets = report.datasets.map((dataset) => formatDataset(dataset, report, terminal));
  return [...datasets, formatFill(report), formatUnreadable(report), formatLeftBehind(report)]
    .filter((text) => text !== '')
    .join('\n\n');
}

function formatDataset(
  dataset: DatasetStatus,
  { from, to, commands }: StatusReport,
  terminal: Terminal,
): string {
  const { newest, partitions, rows, bytes, missing } = dataset;
  const title = paint(dataset.dataset, 'bold', terminal.color);
  if (partitions === 0) {
    const span = from === null ? '' : ` from ${from} to ${to}`;
    return [
      `${title}: no data has landed${span}.`,
      ...describePruned(dataset),
      ...describeLost(dataset, commands),
      `Next: ${commands.run}`,
    ].join('\n');
  }
  const sums = `${countOf(partitions, 'partition')}, ${countOf(rows, 'row')}, ${formatBytes(bytes)}`;
  const hidden = partitions - newest.length;
  return [
    `${title}: ${sums}`,
    '',
    formatTable(COLUMNS, newest.map(listCells), { ...terminal, grouped: true }),
    ...(hidden > 0
      ? [`… and ${countOf(hidden, 'older partition')} (show all with --limit ${partitions})`]
      : []),
    '',
    ...describePruned(dataset),
    ...describeKeys(dataset),
    ...describeLost(dataset, commands),
    ...(missing.length === 0 && dataset.incomplete.length === 0 ? ['No dates are missing.'] : []),
    ...describeMissing(missing),
    ...describeIncomplete(dataset.incomplete),
    ...describeLate(dataset),
    ...describeOverdue(dataset),
    ...describeNotes(dataset, commands),
  ].join('\n');
}

/** Nothing to say where all dates with tokens have one key. */
function describeKeys({ keys }: DatasetStatus): string[] {
  const named = keys.filter(({ key_id }) => key_id !== null);
  if (named.length < 2) return [];
  const ranges = named.map(({ key_id, from, to }) => `${from} to ${to} (key ${key_id ?? ''})`);
  return [`Tokens of these dates do not join with each other: ${ranges.join('; ')}.`];
}

function describePruned({ pruned_before }: DatasetStatus): string[] {
  return pruned_before === null ? [] : [`Raw files before ${pruned_before} are pruned.`];
}

const LOSSES = {
  gone: 'gone',
  older: 'replaced by older data',
  changed: 'its manifest was changed',
} as const satisfies Record<LossKind, string>;

function describeLost({ dataset, lost }: DatasetStatus, { restore }: StatusCommands): string[] {
  const [first] = lost;
  if (first === undefined) return [];
  const shown = lost.slice(0, MAX_RANGES).map(({ rows, run_id, kind, ...moment }) => {
    return `  ${nameMoment(moment)}: ${countOf(rows, 'row')} landed by run ${run_id}, ${LOSSES[kind]}`;
  });
  const hidden = lost.length - shown.length;
  return [
    `${countOf(lost.length, 'partition')} lost:`,
    ...shown,
    ...(hidden > 0 ? [`  … and ${countOf(hidden, 'more partition')}`] : []),
    `Restore the files, or land the data again: ${restore[dataset] ?? ''}`,
    'Build the tables without it: pipeline transform --accept-loss',
  ];
}

/** Damaged files and files of a newer version: what they hold is in no count above. */
function formatUnreadable({ unreadable }: StatusReport): string {
  if (unreadable.length === 0) return '';
  const lines = unreadable.map(({ path, problem }) => `  ${scrub(path)}: ${problem}`);
  return [`${countOf(unreadable.length, 'file')} of the lake cannot be used:`, ...lines].join('\n');
}

function listCells({ date, slot, rows, rejected, bytes, source, landed_at, notes }: PartitionStatus): Cell[] {
  const state = notes.length === 0 ? 'built' : notes.map((note) => WORDS[note]).join(', ');
  const landed = formatMoment(landed_at);
  return [nameMoment({ date, slot }), rows, rejected, formatBytes(bytes), source, landed, state];
}

function formatFill({ commands: { fill } }: StatusReport): string {
  return fill === null ? '' : `Land the missing dates: ${fill}`;
}

/** `new data was expected by 06:00 on 2026-11-20` */
export function describeLate({ late }: Pick<DatasetStatus, 'late'>): string[] {
  if (late === null) return [];
  const by = late.by === null ? '' : `${late.by} on `;
  return [`Late: new data was expected by ${by}${late.since}.`];
}

/** `Late by 3 h: the newest date landed at 2026-11-19 02:00 UTC.` */
export function describeOverdue({ overdue }: Pick<DatasetStatus, 'overdue'>): string[] {
  if (overdue === null) return [];
  const landed = formatMoment(overdue.landed_at, 'minute');
  return [`Late by ${formatAge(overdue.late_seconds)}: the newest date landed at ${landed} UTC.`];
}

function describeMissing(missing: readonly DateRange[]): string[] {
  if (missing.length === 0) return [];
  const days = missing.reduce((sum, range) => sum + range.days, 0);
  const shown = missing.slice(0, MAX_RANGES).map((range) => {
    return range.days === 1
      ? `  ${range.from}`
      : `  ${range.from} to ${range.to} (${countOf(range.days, 'date')})`;
  });
  const hidden = missing.length - shown.length;
  const more = hidden > 0 ? [`  … and ${countOf(hidden, 'more gap')}`] : [];
  return [`${countOf(days, 'date')} missing:`, ...shown, ...more];
}

function describeIncomplete(incomplete: readonly IncompleteDate[]): string[] {
  if (incomplete.length === 0) return [];
  const hours = incomplete.reduce((sum, { missing }) => sum + missing.length, 0);
  const shown = incomplete
    .slice(-MAX_RANGES)
    .map(({ date, missing }) => `  ${date}: ${missing.map((hour) => `T${hour}`).join(' ')}`);
  const hidden = incomplete.length - shown.length;
  const more = hidden > 0 ? [`  … and ${countOf(hidden, 'earlier date')}`] : [];
  return [`${countOf(hours, 'hour')} missing:`, ...shown, ...more];
}

/** The command that fixes each kind of problem. */
function describeNotes({ counts }: DatasetStatus, { build, renew }: StatusCommands): string[] {
  const unbuilt = counts.not_built + counts.stale;
  return [
    ...(unbuilt > 0 && build !== null
      ? [`${countOf(unbuilt, 'date')} not built or changed since the last build: ${build}`]
      : []),
    ...(counts.old_policy > 0 && renew !== null
      ? [`${countOf(counts.old_policy, 'date')} under an old policy: ${renew}`]
      : []),
  ];
}

function formatLeftBehind({ unfinished_commits, dead_staging, at_work }: StatusReport): string {
  return [
    ...at_work.map((runId) => `Run ${runId} is in progress.`),
    ...unfinished_commits.map(
      (runId) => `The commit of run ${runId} was interrupted: complete it with pipeline verify.`,
    ),
    ...dead_staging.map(
      (runId) => `Run ${runId} was killed and left staged files: remove them with pipeline verify.`,
    ),
  ].join('\n');
}
