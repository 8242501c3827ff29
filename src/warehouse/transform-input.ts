import type { Effects } from '../base/effects.js';
import type { CheckResult, RunRecord } from '../base/types/run-record.js';
import type { LandedPartition, WarehousePipeline } from './landed-partition.js';
import type { LandedCheckpoint } from './models/landed-checkpoint.js';

/**
 * Dates to make anew besides those that changed; `full` makes all dates of all models anew in the file that is there,
 * `all` starts from an empty file.
 */
export type BuildScope = 'all' | 'full' | readonly string[];

export interface TransformInput {
  readonly databasePath: string;
  /** Absolute root of the lake, without links in it. */
  readonly lakeDir: string;
  readonly runId: string;
  readonly toolVersion: string;
  /** Everything that has landed, of all pipelines; a dataset without a definition is left out. */
  readonly partitions: readonly LandedPartition[];
  /** What models start from whose raw files are pruned. */
  readonly checkpoints: readonly LandedCheckpoint[];
  readonly runs: readonly RunRecord[];
  /** All pipelines of the project: the warehouse is one file. */
  readonly pipelines: readonly WarehousePipeline[];
  readonly dates: BuildScope;
  /** Told what the checks found, also when they stop the publication. */
  readonly onChecks: (checks: readonly CheckResult[]) => void;
  readonly effects: Pick<Effects, 'now' | 'log' | 'signal'>;
}
