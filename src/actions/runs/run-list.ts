import type { Config, Terminal } from '../../base/config/config.js';
import type { Effects } from '../../base/effects.js';
import { formatTable, measureTable } from '../../base/terminal/table.js';
import { scrub } from '../../base/text/scrub.js';
import type { Cell } from '../../base/types/result.js';
import type { DatasetResult, RunRecord } from '../../base/types/run-record.js';
import { type LedgerPage, readRuns } from '../../ledger/read-runs.js';
import { findDefinition, openProject } from '../../project.js';

interface Column {
  readonly name: string;
  readonly read: (run: RunRecord) => Cell;
}

const COLUMNS: readonly Column[] = [
  { name: 'started (UTC)', read: ({ started_at }) => showTime(started_at, 'T00:00:00'.length) },
  { name: 'run', read: ({ run_id }) => run_id },
  { name: 'pipeline', read: ({ pipeline }) => pipeline },
  { name: 'date', read: ({ date, slot }) => (date === null || slot === null ? date : `${date}T${slot}`) },
  { name: 'command', read: ({ command }) => command },
  { name: 'status', read: ({ status }) => status },
  { name: 'fetched', read: ({ datasets }) => sumOf(datasets, 'fetched') },
  { name: 'landed', read: ({ datasets }) => sumOf(datasets, 'landed') },
  { name: 'rejected', read: ({ datasets }) => sumOf(datasets, 'rejected') },
  { name: 'seconds', read: measureSeconds },
  { name: 'error', read: ({ error }) => error?.code ?? null },
];
const TO_THE_MINUTE: Column = {
  name: 'started (UTC)',
  read: ({ started_at }) => showTime(started_at, 'T00:00'.length),
};
/** Columns to hide first in a narrow terminal; a cut time, date or code would be useless. */
const EXPENDABLE = ['run', 'seconds', 'fetched', 'command', 'rejected', 'landed', 'pipeline'];

/** The ledger as a table, newest run first, and its invalid files. */
export function formatRuns({ runs, skipped }: LedgerPage, terminal: Terminal): string {
  const table = runs.length === 0 ? 'No runs.' : formatFitting(runs, terminal);
  if (skipped.length === 0) return table;
  const lines = skipped.map((path) => `  ${scrub(path)}`);
  return [table, '', 'Skipped files that are not runs:', ...lines].join('\n');
}

/** As many complete columns as fit, and a line that lists the hidden ones. */
function formatFitting(runs: readonly RunRecord[], terminal: Terminal): string {
  const columns = chooseColumns(runs, terminal.width);
  const left = COLUMNS.filter(({ name }) => columns.every((column) => column.name !== name));
  const heads = columns.map(({ name }) => name);
  const table = formatTable(heads, listRows(columns, runs), {
    ...terminal,
    width: Number.POSITIVE_INFINITY,
    grouped: true,
  });
  if (left.length === 0) return table;
  const names = left.map(({ name }) => name).join(', ');
  return `${table}\n\nHidden (terminal too narrow): ${names}. Use a wider terminal or --json.`;
}

function chooseColumns(runs: readonly RunRecord[], width: number): readonly Column[] {
  const fits = (columns: readonly Column[]): boolean => {
    const heads = columns.map(({ name }) => name);
    return measureTable(heads, listRows(columns, runs), true) <= width;
  };
  let columns = COLUMNS;
  for (const name of EXPENDABLE) {
    if (fits(columns)) return columns;
    const short = columns.map((column) => (column.name === TO_THE_MINUTE.name ? TO_THE_MINUTE : column));
    if (fits(short)) return short;
    columns = columns.filter((column) => column.name !== name);
  }
  return fits(columns) ? columns : [TO_THE_MINUTE, ...columns.slice(1)];
}

function listRows(columns: readonly Column[], runs: readonly RunRecord[]): Cell[][] {
  return runs.map((run) => columns.map(({ read }) => read(run)));
}

function showTime(instant: string, length: number): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 10 + length)}`;
}

/** Null for a run without datasets, such as a transform. */
function sumOf(datasets: readonly DatasetResult[], count: 'fetched' | 'landed' | 'rejected'): number | null {
  if (datasets.length === 0) return null;
  return datasets.reduce((sum, dataset) => sum + dataset[count], 0);
}

/** Rounded to tenths; null for a run that has not finished or was killed. */
function measureSeconds({ started_at, finished_at }: RunRecord): number | null {
  if (finished_at === null) return null;
  return Math.round((Date.parse(finished_at) - Date.parse(started_at)) / 100) / 10;
}

/** Which runs to list; null where an option is not given. */
interface LedgerRequest {
  readonly pipeline: string | null;
  /** Logical date of the runs, `YYYY-MM-DD`. */
  readonly date: string | null;
  readonly limit: number;
}

/**
 * The newest runs, and files that are not runs. Definitions are read only if a pipeline is named, so that the ledger is
 * readable even if a definition is invalid.
 * @throws E_UNKNOWN, E_DISK_READ
 */
export async function readLedger(
  context: { readonly config: Config; readonly effects: Effects },
  { pipeline, date, limit }: LedgerRequest,
): Promise<LedgerPage> {
  if (pipeline !== null) findDefinition(await openProject(context), pipeline);
  return readRuns(
    context.config.lakeDir,
    limit,
    (run) => (pipeline === null || run.pipeline === pipeline) && (date === null || run.date === date),
  );
}
