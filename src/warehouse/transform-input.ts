import type { Effects } from '../effects.js';
import type { RunRecord } from '../run-record.js';
import type { LandedPartition, WarehousePipeline } from './landed-partition.js';

export interface TransformInput {
  readonly databasePath: string;
  /** Absolute root of the lake, without links in it. */
  readonly lakeDir: string;
  readonly runId: string;
  readonly toolVersion: string;
  /** Everything that has landed, of all pipelines; a dataset without a definition is left out. */
  readonly partitions: readonly LandedPartition[];
  readonly runs: readonly RunRecord[];
  /** All pipelines of the project: the warehouse is one file. */
  readonly pipelines: readonly WarehousePipeline[];
  /** Dates to make anew besides those that changed; `all` starts from an empty file. */
  readonly dates: 'all' | readonly string[];
  readonly effects: Pick<Effects, 'log' | 'signal'>;
}
