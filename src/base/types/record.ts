/**
 * What a record passes through on its way from the API to the lake. Every stage takes one of these shapes and
 * gives the next; raw values exist in `RawPage` and `CheckedPage` only, and both live in memory alone.
 */

/** One answer of the API, decoded and parsed once. `index` counts pages of a dataset's pull from 0. */
export interface RawPage {
  readonly index: number;
  readonly records: readonly unknown[];
  /** Records of datasets with a list of their own in the page, by dataset; null where the page has no such list. */
  readonly others?: OtherRecords;
}

export type OtherRecords = ReadonlyMap<string, readonly unknown[] | null>;

/** Why one record was refused. Built from the schema and the definition, never from the record. */
export interface Reject {
  readonly page: number;
  readonly position: number;
  /** `missing`, `type`, `format`, `pattern`, `enum`, `range`, `length`, `integer_unsafe`, `text_invalid`, … */
  readonly code: string;
  /** Contract path such as `address.city`, or '' for the record as a whole. */
  readonly path: string;
  /** The JSON Schema keyword that refused it. */
  readonly keyword: string;
}

/** The good records of one page as columns: one JSON text `{"page":[…],"position":[…],"<leaf>":[…]}` (`nameColumns`). */
export interface CheckedPage {
  readonly index: number;
  /** Records in the page before any was refused. */
  readonly fetched: number;
  /** Rows in `columns`. */
  readonly accepted: number;
  readonly columns: string;
  /** The same values by the path of their leaf, as JavaScript has them, in the order of the rows. */
  readonly values: ReadonlyMap<string, readonly unknown[]>;
  readonly rejects: readonly Reject[];
}

declare const masked: unique symbol;

/** A brand that only `anonymize/` can give: what carries it was written by the compiled statement. */
export type Masked<T> = T & { readonly [masked]: true };

/** Per column: rows that are null and the sum of `hash(column)`, as a decimal string. */
export interface ColumnCustody {
  readonly nulls: number;
  readonly hashSum: string;
}

/** Count, nulls and hash sums of a set of rows: equal on both sides of a hand-over, or a row was changed on the way. */
export interface Custody {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, ColumnCustody>;
}

/** Masked rows of a fixed range of pages in the run's staging folder, in (page, position) order. */
export type MaskedSegment = Masked<{
  readonly dataset: string;
  /** 0-based number of the part (a fixed page range) that it belongs to. */
  readonly part: number;
  /** Absolute path of the Parquet file, with `page` and `position` beside the landing columns. */
  readonly path: string;
  readonly firstPage: number;
  readonly custody: Custody;
}>;
