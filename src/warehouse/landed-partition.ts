import type { DatasetCheck } from '../base/types/dataset-check.js';
import type { LandedType, PiiClass } from '../base/types/definition.js';
import type { Manifest } from '../base/types/manifest.js';

/** The inputs of the warehouse: manifests with their files, and definitions. */

/** One dataset, date and slot of the lake. */
export interface LandedPartition {
  readonly manifest: Manifest;
  /** Absolute paths in the order of `manifest.files`. */
  readonly files: readonly string[];
}

export interface LandingColumnType {
  readonly name: string;
  readonly type: LandedType;
  readonly class: PiiClass;
  readonly treatment: string;
  /** A column of gold or of a report that derives from it needs an `exposes` reason. */
  readonly rawOnly: boolean;
}

/** A dataset as its current definition lands it. */
export interface BronzeDataset {
  readonly name: string;
  /** `snapshot`: each date holds all rows, so a row missing on a date has been deleted. */
  readonly time: 'by_date' | 'snapshot' | 'seeded';
  readonly columns: readonly LandingColumnType[];
  /** Primary key columns that hold tokens, by which a check can identify a row. */
  readonly tokens: readonly string[];
  readonly checks: readonly DatasetCheck[];
}

export interface WarehousePipeline {
  readonly pipeline: string;
  /** Absolute path of `sql/<pipeline>`. */
  readonly sqlDir: string;
  readonly datasets: readonly BronzeDataset[];
}
