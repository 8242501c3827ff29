/** What `load` copies out of the published warehouse: types only, since the warehouse and the targets do not know each other. */

export const LAYERS = ['bronze', 'silver', 'gold', 'ops'] as const;
export type Layer = (typeof LAYERS)[number];

export interface LoadColumn {
  readonly name: string;
  /** As DuckDB writes it. */
  readonly type: string;
  readonly comment: string | null;
}

/** A published table with the columns that may leave. */
export interface LoadTable {
  readonly layer: Layer;
  readonly name: string;
  readonly columns: readonly LoadColumn[];
  /** The column by which it is loaded date by date; null for a table that is replaced as a whole. */
  readonly dateColumn: string | null;
  /** Columns that identify a row; empty if none do. */
  readonly key: readonly string[];
  readonly comment: string | null;
}

/** One date of a table, or a whole table: what one transaction replaces. */
export interface PartState {
  /** `YYYY-MM-DD`; null for a whole table, and for rows without a date. */
  readonly date: string | null;
  readonly rows: number;
  /** Of the columns and all rows, whatever their order. */
  readonly digest: string;
  /** Cells with U+0000, which no target can hold. */
  readonly nuls: number;
  /** Rows in which a part of the key is null. */
  readonly keyless: number;
}

/** A part to load. */
export interface LoadPart extends PartState {
  readonly table: LoadTable;
  /** A SELECT of its rows in DuckDB, with the columns of the table. */
  readonly sql: string;
  /** Records of its pipeline and date that were rejected. */
  readonly rejected: number;
}

/** `silver.users` */
export function nameTable({ layer, name }: Pick<LoadTable, 'layer' | 'name'>): string {
  return `${layer}.${name}`;
}
