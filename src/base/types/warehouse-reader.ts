import type { Blanked, Cell } from './result.js';

/** What the warehouse gives to those who read it: types only, so that reports need not know how it is opened. */

/** Numbers and booleans are written bare in CSV; everything else is text. Cells of `nested` are the text of JSON. */
export type ColumnKind = 'number' | 'boolean' | 'text' | 'nested';

export interface ResultColumn {
  readonly name: string;
  readonly kind: ColumnKind;
}

interface TracedColumn extends ResultColumn {
  /** Its cells may hold a token, in any form. */
  readonly isToken: boolean;
}

/** How a report hides small cells; names of columns are in lower case. */
export interface CellRules {
  /** People below which a row shows no numbers. */
  readonly minCell: number;
  readonly people: string;
  /** All columns that count people, also those of a part of them: each is held to the minimum. */
  readonly counts: readonly string[];
  /** Columns with a number of people of which those of the row are a part. */
  readonly totals: readonly string[];
  /** Columns by which the rows differ, made of no aggregate; text among them stays visible in a hidden row. */
  readonly labels: readonly string[];
}

/** Where a SELECT comes from: an error says so, and a report must state its order. */
export type StatementOrigin =
  | { readonly kind: 'query' }
  | { readonly kind: 'table'; readonly table: string }
  | {
      readonly kind: 'report';
      readonly report: string;
      readonly file: string;
      /** Its lines `-- exposes: COLUMN because WHY`, unparsed; null if there are none. */
      readonly exposes: string | null;
      /** Null where no cell is hidden. */
      readonly cells: CellRules | null;
    };

export interface Statement {
  readonly sql: string;
  /** `YYYY-MM-DD`, bound to `$date` where the SELECT names it; null allows no parameter. */
  readonly date: string | null;
  readonly origin: StatementOrigin;
}

export interface ResultShape {
  readonly columns: readonly TracedColumn[];
  /** Its first sort key is a token, so that two results align by rank. */
  readonly isOrderedByToken: boolean;
}

/** Rows arrive in batches and are not kept: memory stays flat however many there are. */
export interface Selection extends ResultShape {
  /** What is hidden in the last of its rows; null where no cell is. */
  readonly blanked: Blanked | null;
  readonly batches: AsyncIterable<readonly (readonly Cell[])[]>;
}

/** One SELECT at a time on the published warehouse; nothing else can be said to it. */
export interface WarehouseReader {
  /** The columns of a SELECT, without running it. @throws as `select` */
  describe(statement: Statement): Promise<ResultShape>;
  /**
   * The rows of a report with small cells hidden: nothing that reads a report sees them.
   * Rows about people are in an order that says nothing more than the rows, unless the SELECT states one.
   * @throws E_QUERY or E_MODEL (by origin) if it is no single SELECT, calls a table function or does not bind,
   * E_EXPORT_RAW if it reads bronze of a restricted raw zone, E_LINEAGE if a column derives from a raw-only one and
   * nothing says why, E_SQL_RUN if it fails while it runs
   */
  select(statement: Statement): Promise<Selection>;
  /** Writes the rows as Parquet (zstd) to `path`, inside the folder that the reader may write to. */
  writeParquet(
    statement: Statement,
    path: string,
  ): Promise<{ readonly rows: number; readonly blanked: Blanked | null }>;
  close(): void;
}
