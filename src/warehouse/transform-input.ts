import type { Effects } from '../base/effects.js';
import type { ReleaseResult } from '../base/types/release-result.js';
import type { CheckResult, RunRecord } from '../base/types/run-record.js';
import type { PublishedState } from './file/next-file.js';
import type { KnownInput } from './known-project.js';
import type { LandedPartition, WarehousePipeline } from './landed-partition.js';
import type { LandedCheckpoint } from './models/landed-checkpoint.js';

/**
 * Dates to rebuild in addition to changed ones. `full` rebuilds all dates of all models in the current file; `all` starts
 * from an empty file.
 */
export type BuildScope = 'all' | 'full' | readonly string[];

export interface TransformInput {
  readonly databasePath: string;
  /** Null if it is not known yet. */
  readonly published: PublishedState | null;
  /** Absolute root of the lake, without symbolic links. */
  readonly lakeDir: string;
  readonly runId: string;
  readonly toolVersion: string;
  /** All landed partitions of all pipelines. */
  readonly partitions: readonly LandedPartition[];
  /** Checkpoints of models whose raw files were pruned. */
  readonly checkpoints: readonly LandedCheckpoint[];
  readonly runs: readonly RunRecord[];
  /** The pipelines to build, with all that share tables with them. */
  readonly pipelines: readonly WarehousePipeline[];
  /** The other pipelines that the published file may have: it is one file, and what it has of them stays as it is. */
  readonly others: readonly string[];
  /** Where earlier commands keep what they found out about the SQL; null to keep nothing. */
  readonly known: KnownInput | null;
  readonly dates: BuildScope;
  /** People were erased from the lake: tables without them are published in any case. */
  readonly isErasure: boolean;
  /**
   * Called with the check results, also if they stop the publication, and with whether they follow from the tables alone,
   * not from the clock.
   */
  readonly onChecks: (checks: readonly CheckResult[], areRepeatable: boolean) => void;
  /** Called with what was measured of each release, also if it stops the publication. */
  readonly onRelease: (release: ReleaseResult) => void;
  readonly effects: Pick<Effects, 'now' | 'log' | 'signal'>;
}
