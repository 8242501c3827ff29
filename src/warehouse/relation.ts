/** What the readers of a dataset or a model must observe. */
export interface Relation {
  /** The name under which a scan lists it: of a published view, the model's. */
  readonly name: string;
  /** By name, as a scan lists it. */
  readonly columns: ReadonlyMap<string, RelationColumn>;
  /** Of its rows, if a raw-only column selects them. */
  readonly rows: Restriction | null;
  /** It reads a dataset with tokens, so the order of its rows must not be that of the source. */
  readonly isPersonal: boolean;
}

export interface RelationColumn {
  readonly isToken: boolean;
  /** It derives from a quasi-identifier, a direct field or the landing date, by which people differ, and is no token. */
  readonly isQuasi: boolean;
  /** Of a column that derives from a raw-only one. */
  readonly restriction: Restriction | null;
  /** The model itself gives a reason. In gold it lets the column out of its own table, and no further. */
  readonly isExposed: boolean;
}

/** Why a column, or the rows of a table, need an `exposes` reason. */
export interface Restriction {
  /** Names from the restricted column back to the landed column. */
  readonly path: readonly string[];
  /** An unsupported operator in a plan, which counts as reading everything. */
  readonly unknown: string | null;
  /** True if silver gives the reason: models built on it need none. */
  readonly hasReason: boolean;
}
