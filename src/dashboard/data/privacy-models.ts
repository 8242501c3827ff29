import type { ReleaseView } from './list-releases.js';
import type { Problem, RunLine } from './models.js';

export interface ColumnDecision {
  readonly column: string;
  readonly from: readonly string[];
  readonly class: string;
  readonly treatment: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly reveals: string;
  readonly reviewed: string | null;
}

export interface DatasetDecisions {
  readonly dataset: string;
  readonly columns: readonly ColumnDecision[];
  readonly dropped: readonly { readonly path: string; readonly class: string }[];
  readonly sql: string;
  readonly caveats: readonly string[];
}

export interface ProofLine {
  readonly dataset: string;
  readonly date: string;
  readonly slot: string | null;
  readonly rows: number;
  readonly columns: number;
  readonly adopted: boolean;
  readonly singledOut: number | null;
}

export interface KeyLine {
  readonly id: string;
  readonly partitions: number;
  readonly datasets: readonly string[];
  readonly from: string;
  readonly to: string;
}

/** A landed column and its treatment; null for columns that the lake adds, such as the date of a row. */
export interface ColumnOrigin {
  readonly landed: string;
  readonly treatment: string | null;
  readonly rawOnly: boolean;
}

export interface PublishedTable {
  readonly model: string;
  readonly file: string;
  /** The share of its rows that is unique, from the last run that built it; null if it has no tokens. */
  readonly singledOut: number | null;
  readonly columns: readonly {
    readonly column: string;
    /** The strictest class of its source columns. */
    readonly class: string;
    readonly from: readonly ColumnOrigin[];
    /** Sources that could not be traced, in words. */
    readonly doubts: readonly string[];
    /** Why it is exposed although a source column is raw only; null if none is. */
    readonly exposes: string | null;
  }[];
  /** Columns used in filters, joins and groups. */
  readonly decides: readonly ColumnOrigin[];
}

export interface PrivacyModel {
  readonly pipeline: string;
  readonly file: string;
  readonly releases: readonly ReleaseView[];
  readonly datasets: readonly DatasetDecisions[];
  /** The newest partitions, newest first. */
  readonly proofs: readonly ProofLine[];
  readonly proofTotal: number;
  /** Runs that a shape check or a control total stopped, newest first. */
  readonly refusals: readonly RunLine[];
  readonly keys: readonly KeyLine[];
  readonly lineage: readonly PublishedTable[] | Problem;
}
