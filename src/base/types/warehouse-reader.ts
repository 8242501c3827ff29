import type { Cell } from './result.js';

/** What the warehouse gives to those who read it: types only, so that reports need not know how it is opened. */

/** Numbers and booleans are written bare in CSV; everything else is text. Cells of `nested` are the text of JSON. */
export type ColumnKind = 'number' | 'boolean' | 'text' | 'nested';

export interface ResultColumn {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** Where a SELECT comes from: an error says so, and a report must state its order. */
export type StatementOrigin =
  | { readonly kind: 'query' }
  | { readonly kind: 'table'; readonly table: string }
  | { readonly kind: 'report'; readonly report: string; readonly file: string };

export interface Statement {
  readonly sql: string;
  /** `YYYY-MM-DD`, bound to `$date` where the SELECT names it; null allows no parameter. */
  readonly date: string | null;
  readonly origin: StatementOrigin;
}

/** Rows arrive in batches and are not kept: memory stays flat however many there are. */
export interface Selection {
  readonly columns: readonly ResultColumn[];
  readonly batches: AsyncIterable<readonly (readonly Cell[])[]>;
}

/** One SELECT at a time on the published warehouse; nothing else can be said to it. */
export interface WarehouseReader {
  /**
   * @throws E_QUERY or E_MODEL (by origin) if it is no single SELECT, calls a table function or does not bind,
   * E_EXPORT_RAW if it reads bronze of a restricted raw zone, E_SQL_RUN if it fails while it runs
   */
  select(statement: Statement): Promise<Selection>;
  /** Writes the rows as Parquet (zstd) to `path`, inside the folder that the reader may write to; gives their number. */
  writeParquet(statement: Statement, path: string): Promise<number>;
  close(): void;
}
