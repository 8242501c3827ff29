import type { BronzeDataset } from '../landed-partition.js';
import type { Scan } from './lineage-room.js';

/** Why a column, or the rows of a table, need an `exposes` reason. */
export interface Restriction {
  /** Names from the restricted column back to the landed column. */
  readonly path: readonly string[];
  /** An unsupported operator in a plan, which counts as reading everything. */
  readonly unknown: string | null;
  /** True if silver gives the reason: models built on it need none. */
  readonly hasReason: boolean;
}

/** By column, such as `silver.users.city`, and by table for the restriction of its rows. */
export type Restrictions = ReadonlyMap<string, Restriction>;

/** Raw-only columns of bronze. */
export function restrictDatasets(datasets: readonly BronzeDataset[]): Map<string, Restriction> {
  const names = datasets.flatMap(({ name, columns }) =>
    columns.filter(({ rawOnly }) => rawOnly).map((column) => `bronze.${name}.${column.name}`),
  );
  return new Map(names.map((name) => [name, { path: [name], unknown: null, hasReason: false }]));
}

/** The restriction that follows from a scan; null if nothing that it reads is restricted. Pure. */
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
