import type { DatasetCheck } from '../base/types/dataset-check.js';
import type { LandedType, PiiClass } from '../base/types/definition.js';
import type { Manifest } from '../base/types/manifest.js';
import type { ReleaseDefinition } from '../base/types/release.js';

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
  /**
   * `snapshot`: each date holds all rows, so a row missing on a date has been deleted. `latest`: the newest date of a
   * snapshot, see `listBronze`.
   */
  readonly time: 'by_date' | 'snapshot' | 'seeded' | 'latest';
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
  readonly releases: readonly ReleaseDefinition[];
}

const LATEST_SUFFIX = '_latest';

/** The datasets, and for each snapshot another one with what landed last of it: `bronze.people_latest`. */
export function listBronze(datasets: readonly BronzeDataset[]): BronzeDataset[] {
  return datasets.flatMap((dataset) =>
    dataset.time === 'snapshot'
      ? [
          dataset,
          { ...dataset, name: `${dataset.name}${LATEST_SUFFIX}`, time: 'latest' as const, checks: [] },
        ]
      : [dataset],
  );
}

/** The dataset whose rows it holds. */
export function landedName({ name, time }: Pick<BronzeDataset, 'name' | 'time'>): string {
  return time === 'latest' ? name.slice(0, -LATEST_SUFFIX.length) : name;
}

/** The partitions of a dataset; of `latest`, those of the newest date and hour. */
export function choosePartitions(
  dataset: BronzeDataset,
  partitions: readonly LandedPartition[],
): readonly LandedPartition[] {
  const own = partitions.filter(({ manifest }) => manifest.dataset === landedName(dataset));
  if (dataset.time !== 'latest') return own;
  const momentOf = ({ manifest: { date, slot } }: LandedPartition) => `${date} ${slot ?? ''}`;
  const last = own.map(momentOf).sort().at(-1);
  return own.filter((partition) => momentOf(partition) === last);
}
