import type { BronzeDataset } from '../landed-partition.js';
import type { Scan } from './lineage-room.js';

/** Why a column, or the rows of a table, may not be shown without saying so. */
export interface Restriction {
  /** By name, from what is restricted back to what has landed. */
  readonly path: readonly string[];
  /** A part of a plan on the way that is not known, and counts as reading everything. */
  readonly unknown: string | null;
  /** True where silver says why it is shown: nothing that is built on it must say so again. */
  readonly hasReason: boolean;
}

/** By column, such as `silver.users.city`, and by table, for what decides its rows. */
export type Restrictions = ReadonlyMap<string, Restriction>;

/** Columns of bronze that are raw only. */
export function restrictDatasets(datasets: readonly BronzeDataset[]): Map<string, Restriction> {
  const names = datasets.flatMap(({ name, columns }) =>
    columns.filter(({ rawOnly }) => rawOnly).map((column) => `bronze.${name}.${column.name}`),
  );
  return new Map(names.map((name) => [name, { path: [name], unknown: null, hasReason: false }]));
}

/** What follows for that which makes a scan; null if nothing that it reads is restricted. Pure. */
export function restrict(name: string, scan: Scan, known: Restrictions): Restriction | null {
  const read = [...scan.columns, ...scan.tables].flatMap((source) => known.get(source) ?? []);
  const source = read.find(({ hasReason }) => !hasReason) ?? read[0];
  const [unknown] = scan.unknown;
  if (source !== undefined) {
    const { path, hasReason } = source;
    return { path: [name, ...path], unknown: unknown ?? source.unknown, hasReason };
  }
  return unknown === undefined ? null : { path: [name], unknown, hasReason: false };
}
