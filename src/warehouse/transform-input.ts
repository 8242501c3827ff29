import type { Effects } from '../base/effects.js';
import type { CheckResult, RunRecord } from '../base/types/run-record.js';
import type { LandedPartition, WarehousePipeline } from './landed-partition.js';
import type { LandedCheckpoint } from './models/landed-checkpoint.js';

/**
 * Dates to rebuild in addition to changed ones. `full` rebuilds all dates of all models in the current file; `all` starts
 * from an empty file.
 */
export type BuildScope = 'all' | 'full' | readonly string[];

export interface TransformInput {
  readonly databasePath: string;
  /** Absolute root of the lake, without symbolic links. */
  readonly lakeDir: string;
  readonly runId: string;
  readonly toolVersion: string;
  /** All landed partitions of all pipelines, except datasets without a definition. */
  readonly partitions: readonly LandedPartition[];
  /** Checkpoints of models whose raw files were pruned. */
  readonly checkpoints: readonly LandedCheckpoint[];
  readonly runs: readonly RunRecord[];
  /** All pipelines of the project: the warehouse is one file. */
  readonly pipelines: readonly WarehousePipeline[];
  readonly dates: BuildScope;
  /**
   * Called with the check results, also if they stop the publication, and with whether they follow from the tables alone,
   * not from the clock.
   */
  readonly onChecks: (checks: readonly CheckResult[], areRepeatable: boolean) => void;
  readonly effects: Pick<Effects, 'now' | 'log' | 'signal'>;
}
