/** A landed column with the predicate that all of its values satisfy. */
export interface LandedColumn {
  readonly name: string;
  /** DuckDB type, as the landing list has it. */
  readonly type: string;
  readonly treatment: string;
  readonly shape: string;
}

/** What is decided of a dataset, as far as landing needs it. */
export interface LandingPlan {
  readonly dataset: string;
  readonly columns: readonly LandedColumn[];
  readonly primaryKey: readonly string[];
  readonly onDuplicate: 'keep_last' | 'keep_first' | 'fail';
  /** Columns that together may single a person out. */
  readonly quasiColumns: readonly string[];
}
