import type { DatasetCheck } from '../base/types/dataset-check.js';
import type { ColumnType, PiiClass } from '../base/types/definition.js';
import type { Manifest } from '../base/types/manifest.js';

/** What the warehouse is built from, as `pipeline.ts` hands it over: manifests with their files, and definitions. */

/** One dataset and date (and slot) of the lake. */
export interface LandedPartition {
  readonly manifest: Manifest;
  /** Absolute paths in the order of `manifest.files`. */
  readonly files: readonly string[];
}

export interface LandingColumnType {
  readonly name: string;
  readonly type: ColumnType;
  readonly class: PiiClass;
  readonly treatment: string;
  /** No column of gold or of a report may be made of it without saying so. */
  readonly rawOnly: boolean;
}

/** A dataset as its definition lands it now. */
export interface BronzeDataset {
  readonly name: string;
  /** `snapshot`: each date has everything that there was, so that what a date lacks is gone. */
  readonly time: 'by_date' | 'snapshot' | 'seeded';
  readonly columns: readonly LandingColumnType[];
  /** Columns of the primary key that hold tokens: what a check may name a row by. */
  readonly tokens: readonly string[];
  readonly checks: readonly DatasetCheck[];
}

export interface WarehousePipeline {
  readonly pipeline: string;
  /** Absolute path of `sql/<pipeline>`. */
  readonly sqlDir: string;
  readonly datasets: readonly BronzeDataset[];
}
