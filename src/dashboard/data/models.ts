import type { Blanked, Cell } from '../../base/types/result.js';
import type {
  CheckResult,
  DatasetResult,
  ModelResult,
  RunStatus,
  StageMetrics,
} from '../../base/types/run-record.js';

/** The models of the views: names from definitions, numbers, and results of reports. */
export type Verdict = 'good' | 'watch' | 'bad' | 'none';

/** An error of the catalogue. */
export type Problem = Readonly<Record<'code' | 'message' | 'remedy', string>>;

/** What a run does: fetch or import data, build tables, check them, or something else. */
export type RunKind = 'load' | 'build' | 'check' | 'other';

/** Which runs to list; null for all. `failed` includes interrupted runs, `succeeded` those that changed nothing. */
export interface RunFilter {
  readonly kind: RunKind | null;
  readonly status: 'succeeded' | 'failed' | null;
}

export interface RunLine {
  readonly runId: string;
  readonly command: string;
  readonly kind: RunKind;
  /** `300 rows landed, 2 rejected`, `4 tables`, `5 of 6 checks passed`; empty if there is nothing to count. */
  readonly outcome: string;
  readonly pipeline: string;
  readonly date: string | null;
  readonly slot: string | null;
  readonly status: RunStatus;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly fetched: number;
  readonly landed: number;
  readonly rejected: number;
  readonly errorCode: string | null;
}

export interface DayCount {
  readonly date: string;
  /** Null if nothing has landed. */
  readonly landed: number | null;
  readonly rejected: number;
}

export interface CheckCounts {
  readonly passed: number;
  readonly warned: number;
  readonly failed: number;
}

/** Why a pipeline is not good. */
export interface Reason {
  readonly verdict: 'bad' | 'watch';
  /** A sentence. */
  readonly text: string;
  /** A date or an instant; null if it is not known. */
  readonly since: string | null;
  /** The view that shows more. */
  readonly link: { readonly pipeline: string } & (
    { readonly view: 'run'; readonly runId: string } | { readonly view: 'lake' }
  );
}

export interface PipelineCard {
  readonly pipeline: string;
  readonly description: string;
  readonly verdict: Verdict;
  /** The worst first; empty if the state is good. */
  readonly reasons: readonly Reason[];
  /** The run in progress; null for none. */
  readonly running: string | null;
  readonly lastRun: RunLine | null;
  readonly newest: string | null;
  readonly daysBehind: number;
  readonly days: readonly DayCount[];
  readonly checks: CheckCounts;
}

export interface OverviewModel {
  readonly pipelines: readonly PipelineCard[];
}

export interface Hint {
  readonly kind: 'number' | 'bar' | 'line' | 'points';
  readonly x?: string;
  readonly y: string;
  readonly by?: string | null;
  readonly size?: string | null;
}

export interface ReportTable {
  readonly columns: readonly { readonly name: string; readonly isNumber: boolean }[];
  /** The first of `total` rows, for a chart; a view lists fewer. */
  readonly rows: readonly (readonly Cell[])[];
  readonly total: number;
  readonly blanked: Blanked | null;
}

/** Rows of a result that a view lists. */
export const LISTED_ROWS = 500;

export interface ReportModel {
  readonly name: string;
  readonly title: string;
  readonly file: string;
  readonly sql: string;
  readonly internal: boolean;
  readonly chart: Hint | null;
  readonly result: ReportTable | Problem;
}

export interface PipelineModel {
  readonly pipeline: string;
  readonly description: string;
  /** The date shown; null if nothing has landed. */
  readonly date: string | null;
  /** False if nothing has landed for the date. */
  readonly isLanded: boolean;
  /** False if the tables hold no data of the date, so that its reports would be empty. */
  readonly isBuilt: boolean;
  /** All landed dates, oldest first. */
  readonly dates: readonly string[];
  /** The command that lands the date, or the current one if there is no date. */
  readonly fetchCommand: string;
  /** When the tables were built, an instant; null if the ledger does not say. */
  readonly asOf: string | null;
  /** A later run that the tables do not include, as a sentence, and its id; null if there is none. */
  readonly leftOut: { readonly text: string; readonly runId: string } | null;
  readonly reports: readonly ReportModel[];
  /** Today (UTC), the default of the run form. */
  readonly today: string;
  /** The current hour (UTC) for hourly pipelines; null for others. */
  readonly hour: string | null;
  /** True if a dataset's source only returns current data. */
  readonly isSnapshot: boolean;
}

export interface RunsModel {
  readonly runs: readonly RunLine[];
  /** True if there are older runs. */
  readonly more: boolean;
}

export interface RunModel extends RunLine {
  readonly toolVersion: string;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  readonly stages: readonly StageMetrics[];
  readonly datasets: readonly DatasetResult[];
  readonly models: readonly ModelResult[];
  readonly checks: readonly CheckResult[];
  /** Number of checks of other pipelines that also ran. */
  readonly otherChecks: number;
  readonly error:
    | (Problem & {
        readonly where: readonly (readonly [string, string])[];
        /** What is on disk after the failure, as a sentence. */
        readonly onDisk: string;
      })
    | null;
  readonly healed: readonly string[];
  /** True if this dashboard runs it. */
  readonly isHere: boolean;
}

export type DayState = 'landed' | 'incomplete' | 'missing' | PartitionState | 'outside';
type PartitionState = 'changed' | 'not_built' | 'old_policy';

export interface LakeDay {
  readonly date: string;
  readonly state: DayState;
}

export interface PartitionLine {
  readonly date: string;
  readonly slot: string | null;
  readonly rows: number;
  readonly rejected: number;
  readonly bytes: number;
  readonly source: string;
  readonly landedAt: string;
  readonly states: readonly DayState[];
}

export interface LakeDataset {
  readonly dataset: string;
  readonly partitions: number;
  readonly rows: number;
  readonly bytes: number;
  readonly counts: Readonly<Record<Exclude<DayState, 'outside'>, number>>;
  readonly prunedBefore: string | null;
  /** The days of the year shown. */
  readonly days: readonly LakeDay[];
  /** The partitions of that year, newest first. */
  readonly lines: readonly PartitionLine[];
}

export interface LakeModel {
  readonly pipeline: string;
  readonly year: string | null;
  /** Years with landed data, newest first. */
  readonly years: readonly string[];
  readonly datasets: readonly LakeDataset[];
  readonly advice: readonly string[];
}

const ORDER: readonly StageMetrics['stage'][] = ['fetch', 'check', 'mask', 'land', 'transform', 'report'];

/** Sorts stages by dataset, then in the order of processing; the ledger lists them in the order they ended. Pure. */
export function orderStages(stages: readonly StageMetrics[]): readonly StageMetrics[] {
  const datasets = [...new Set(stages.map(({ dataset }) => dataset))];
  return stages.toSorted(
    (a, b) =>
      datasets.indexOf(a.dataset) - datasets.indexOf(b.dataset) ||
      ORDER.indexOf(a.stage) - ORDER.indexOf(b.stage),
  );
}
