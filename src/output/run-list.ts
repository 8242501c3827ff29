import type { Terminal } from '../config.js';
import type { LedgerPage } from '../ledger/read-runs.js';
import type { Cell, DatasetResult } from '../result.js';
import type { RunRecord } from '../run-record.js';
import { scrub } from './scrub.js';
import { formatTable } from './table.js';

const COLUMNS = [
  ...['started (UTC)', 'pipeline', 'date', 'command', 'status'],
  ...['fetched', 'landed', 'refused', 'seconds', 'error'],
];

/** The ledger as a table, newest run first, and what in it is no run. */
export function formatRuns({ runs, skipped }: LedgerPage, terminal: Terminal): string {
  const table =
    runs.length === 0
      ? 'Nothing has run.'
      : formatTable(COLUMNS, runs.map(listCells), { ...terminal, grouped: true });
  if (skipped.length === 0) return table;
  const lines = skipped.map((path) => `  ${scrub(path)}`);
  return [table, '', 'Passed over, since they are no runs:', ...lines].join('\n');
}

function listCells(run: RunRecord): Cell[] {
  const { started_at, pipeline, date, command, status, datasets, error } = run;
  return [
    `${started_at.slice(0, 10)} ${started_at.slice(11, 19)}`,
    pipeline,
    date,
    command,
    status,
    ...(['fetched', 'landed', 'rejected'] as const).map((count) => sumOf(datasets, count)),
    measureSeconds(run),
    error?.code ?? null,
  ];
}

/** Null for a run without datasets, such as a transform: it did not count any. */
function sumOf(datasets: readonly DatasetResult[], count: 'fetched' | 'landed' | 'rejected'): number | null {
  if (datasets.length === 0) return null;
  return datasets.reduce((sum, dataset) => sum + dataset[count], 0);
}

/** In tenths; null for a run that has not ended, or was killed. */
function measureSeconds({ started_at, finished_at }: RunRecord): number | null {
  if (finished_at === null) return null;
  return Math.round((Date.parse(finished_at) - Date.parse(started_at)) / 100) / 10;
}
