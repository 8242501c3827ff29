import type { ErrorCode, Where } from '../errors.js';
import type { CheckResult, DatasetResult, ModelResult } from './result.js';

export type RunStatus = 'running' | 'succeeded' | 'unchanged' | 'failed' | 'interrupted';

/** The ledger's name for work on all pipelines; none can have it. */
export const ALL_PIPELINES = '*';

/** One run in the ledger: `data_lake/_runs/YYYY/MM/DD/<run id>.json`, replaced by rename as the run goes on. */
export interface RunRecord {
  readonly format: 1;
  /** UUIDv7; its folder is the UTC day of the start. */
  readonly run_id: string;
  /** The verb: `run`, `ingest`, `transform`, `adopt`, … */
  readonly command: string;
  readonly pipeline: string;
  /** Logical date, `YYYY-MM-DD`; null for work on all dates. */
  readonly date: string | null;
  readonly slot: string | null;
  readonly status: RunStatus;
  /** ISO 8601, UTC. */
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly tool_version: string;
  readonly stages: readonly StageMetrics[];
  readonly datasets: readonly DatasetResult[];
  readonly models: readonly ModelResult[];
  readonly checks: readonly CheckResult[];
  readonly error: { readonly code: ErrorCode; readonly where: Where } | null;
  /** Runs whose commit this one found half done and rolled forward. */
  readonly healed: readonly string[];
  /** What a prune took out of the lake; absent of other runs. */
  readonly pruned?: readonly PrunedZone[];
  readonly cpu_ms: number;
  readonly peak_memory_bytes: number;
}

/** What went of one zone and dataset; counts and dates, nothing of what was in it. */
export interface PrunedZone {
  readonly zone: 'raw' | 'ledger' | 'quarantine';
  /** Null for the ledger. */
  readonly dataset: string | null;
  /** Partitions, or entries of the ledger. */
  readonly partitions: number;
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
  /** The first and the last date that went. */
  readonly from: string;
  readonly to: string;
}

/** What one stage took in and gave out. */
export interface StageMetrics {
  readonly stage: 'fetch' | 'check' | 'mask' | 'land' | 'transform' | 'report';
  readonly dataset: string | null;
  readonly rows_in: number;
  readonly rows_out: number;
  /** Time in which the stage had work, summed over what ran side by side. */
  readonly busy_ms: number;
}
