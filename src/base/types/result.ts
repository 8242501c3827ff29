import type { CheckRule, Severity } from './dataset-check.js';
import type { Counts, Drift, Partition } from './record.js';

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

export interface PathCount {
  readonly path: string;
  readonly count: number;
}

export interface RejectCount extends PathCount {
  readonly code: string;
}

export interface DatasetResult extends Counts {
  readonly dataset: string;
  /** The first of `partitions`; null when every record was a duplicate, refused or absent. */
  readonly partition: Partition | null;
  readonly partitions: readonly Partition[];
  /** Records whose exploded array was empty: they make no row, and are in no other count. */
  readonly empty: number;
  readonly rejects: readonly RejectCount[];
  readonly nulled: readonly PathCount[];
  readonly drift: readonly Drift[];
  /** Share of people, 0 to 1, whom the kept quasi columns of the raw zone single out; null without such columns. */
  readonly singled_out: number | null;
  /** True when the same bytes were landed already, so that nothing was moved. */
  readonly unchanged: boolean;
}

export interface ModelResult {
  /** Qualified name, such as `silver.persons_anonymized`. */
  readonly model: string;
  readonly pipeline: string;
  readonly rows: number;
  /** `skipped`: its inputs and its SQL were as at its last build. */
  readonly built: 'skipped' | 'incremental' | 'full';
  /** Landed dates that were read for it. */
  readonly dates: number;
}

/** What one check found; counts and tokens, never a value. */
export interface CheckResult {
  readonly check: string;
  /** Whose check it is; null in entries of the ledger from before that was kept. */
  readonly pipeline: string | null;
  /** Null for a check that is an SQL file. */
  readonly dataset: string | null;
  /** The landed date that was looked at; null for a check of whole tables. */
  readonly date: string | null;
  readonly severity: Severity;
  readonly passed: boolean;
  /** Rows that are wrong; of `row_count` and `volume` the rows that are there, of `freshness` days. */
  readonly found: number;
  /** Tokens of a few of those rows, where the dataset's key is one. */
  readonly tokens: readonly string[];
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
