import type { PiiClass } from '../../base/types/definition.js';

/** A column of bronze that a published column goes back to. */
export interface LandedSource {
  readonly dataset: string;
  readonly column: string;
  readonly class: PiiClass;
  /** Null for a column of the lake's own, such as the date of a row. */
  readonly treatment: string | null;
  /** No column of gold or of a report may be made of it without saying so. */
  readonly rawOnly: boolean;
}

/** What one column of a model is made of, or comes from rows that are decided by. */
export interface ColumnLineage {
  readonly name: string;
  /** The strictest of all of these; `none` for a constant of rows that nothing decides. */
  readonly class: PiiClass;
  /** Columns of bronze views and models that DuckDB reads for it, such as `silver.users.city`. */
  readonly reads: readonly string[];
  readonly landed: readonly LandedSource[];
  /** Parts of plans on its way that are not known: it counts as made of everything. */
  readonly unknown: readonly string[];
  /** Why it may be shown although it follows from what is raw only; null where nothing is said. */
  readonly exposes: string | null;
}

export interface ModelLineage {
  /** Qualified name. */
  readonly model: string;
  readonly pipeline: string;
  readonly columns: readonly ColumnLineage[];
  /** What decides which rows there are, here and in what it reads: filters, joins, groups, keys. All columns have it too. */
  readonly indirect: readonly LandedSource[];
}

export interface TypedColumn {
  readonly name: string;
  readonly type: string;
}

/** A SELECT that DuckDB has bound. */
export interface BoundSelect {
  /** With the names that a table made of it has. */
  readonly columns: readonly TypedColumn[];
  /** The SELECT as it stands after `from`, with columns `o0`, `o1` and so on. */
  readonly relation: string;
}

/** The strictest first. */
const CLASSES = ['direct', 'sensitive', 'quasi', 'none'] as const satisfies readonly PiiClass[];

export function strictestOf(landed: readonly LandedSource[]): PiiClass {
  return CLASSES.find((known) => landed.some((source) => source.class === known)) ?? 'none';
}
