import type { Landing } from './landed.js';
import type { CheckRule } from './dataset-check.js';
import type { ReleaseResult } from './release-result.js';
import type { CheckResult, DatasetResult, ModelResult } from './run-record.js';
import type { Recovery } from './staging.js';

/** Dead runs that a command recovered or cleaned up, as `--json` prints them. */
export interface RecoveryKeys {
  /** Runs whose interrupted commit was completed. */
  readonly recovered: readonly string[];
  /** Dead runs whose staging was removed. */
  readonly cleaned_up: readonly string[];
  /** Alias of `recovered`, kept for one version. */
  readonly healed: readonly string[];
  /** Alias of `cleaned_up`, kept for one version. */
  readonly swept: readonly string[];
}

export function toRecoveryKeys({ recovered, cleanedUp }: Recovery): RecoveryKeys {
  return { recovered, cleaned_up: cleanedUp, healed: recovered, swept: cleanedUp };
}

/** The result of a run: exactly what `pipeline run --json` prints (snake case, no clock in `reports`). */
export interface RunResult extends RecoveryKeys {
  readonly run_id: string;
  readonly pipeline: string;
  readonly date: string;
  readonly status: 'succeeded' | 'unchanged';
  readonly datasets: readonly DatasetResult[];
  readonly models: readonly ModelResult[];
  readonly releases: readonly ReleaseResult[];
  /** Checks of the run's own pipeline; the ledger has those of all pipelines. */
  readonly checks: readonly CheckResult[];
  readonly reports: readonly ReportResult[];
  readonly timings_ms: Timings;
}

export interface Timings {
  readonly ingest: number;
  readonly transform: number;
  readonly report: number;
  readonly total: number;
}

export type Cell = string | number | boolean | null;

/** The small cells that a report hides. Its last `rows` rows have no value in `columns`. */
export interface Blanked {
  readonly min_cell: number;
  readonly rows: number;
  readonly cells: number;
  readonly columns: readonly string[];
}

export interface ReportResult {
  readonly report: string;
  readonly title: string;
  readonly columns: readonly string[];
  /** Rows in the report's total order; integers beyond 2^53 and decimals are strings. */
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  /** Null where the pipeline has no `min_cell`, or the report is not about people. */
  readonly blanked: Blanked | null;
}

/** The finding of a failed check as text: `3 rows`. */
export function countFound({ check, dataset, found }: CheckResult): string {
  const kind: string = dataset === null ? 'sql' : (check.slice(dataset.length + 1).split('.')[0] ?? '');
  const unit = kind === ('freshness' satisfies CheckRule['kind']) ? 'day' : 'row';
  return `${found} ${unit}${found === 1 ? '' : 's'}`;
}

/** The same with its date: `3 rows on 2026-11-20`. */
export function describeFinding(result: CheckResult): string {
  return `${countFound(result)}${result.date === null ? '' : ` on ${result.date}`}`;
}

/** What had landed of a dataset for a date and slot. */
export type AcceptedLoss = Pick<Landing, 'pipeline' | 'dataset' | 'date' | 'slot' | 'run_id' | 'rows'>;

export interface TransformResult extends RecoveryKeys {
  readonly run_id: string;
  readonly models: readonly ModelResult[];
  readonly releases: readonly ReleaseResult[];
  readonly checks: readonly CheckResult[];
  /** Landed partitions that are gone, and that the tables were built without (`--accept-loss`). */
  readonly accepted_losses: readonly AcceptedLoss[];
  readonly timings_ms: { readonly transform: number };
}
