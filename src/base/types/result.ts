import type { CheckRule } from './dataset-check.js';
import type { CheckResult, DatasetResult, ModelResult } from './run-record.js';

/** What a run gives back: exactly what `pipeline run --json` prints (snake case, no clock in `reports`). */
export interface RunResult {
  readonly run_id: string;
  readonly pipeline: string;
  readonly date: string;
  readonly status: 'succeeded' | 'unchanged';
  readonly datasets: readonly DatasetResult[];
  readonly models: readonly ModelResult[];
  /** Of the run's own pipeline; the ledger has those of all. */
  readonly checks: readonly CheckResult[];
  readonly reports: readonly ReportResult[];
  /** Runs whose commit was found half done, and finished. */
  readonly healed: readonly string[];
  /** Dead runs whose staging was removed. */
  readonly swept: readonly string[];
  readonly timings_ms: Timings;
}

export interface Timings {
  readonly ingest: number;
  readonly transform: number;
  readonly report: number;
  readonly total: number;
}

export type Cell = string | number | boolean | null;

export interface ReportResult {
  readonly report: string;
  readonly title: string;
  readonly columns: readonly string[];
  /** Rows in the report's total order; integers beyond 2^53 and decimals are strings. */
  readonly rows: readonly Readonly<Record<string, Cell>>[];
}

/** What a failed check found, in words: `3 rows`. */
export function countFound({ check, dataset, found }: CheckResult): string {
  const kind: string = dataset === null ? 'sql' : (check.slice(dataset.length + 1).split('.')[0] ?? '');
  const unit = kind === ('freshness' satisfies CheckRule['kind']) ? 'day' : 'row';
  return `${found} ${unit}${found === 1 ? '' : 's'}`;
}

/** The same with its date: `3 rows on 2026-11-20`. */
export function describeFinding(result: CheckResult): string {
  return `${countFound(result)}${result.date === null ? '' : ` on ${result.date}`}`;
}

export interface TransformResult {
  readonly run_id: string;
  readonly models: readonly ModelResult[];
  readonly checks: readonly CheckResult[];
  readonly healed: readonly string[];
  readonly swept: readonly string[];
  readonly timings_ms: { readonly transform: number };
}
