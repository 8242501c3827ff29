import type { PiiClass } from '../../base/types/definition.js';

/** A bronze column that a published column derives from. */
export interface LandedSource {
  readonly dataset: string;
  readonly column: string;
  readonly class: PiiClass;
  /** Null for a column that the lake adds, such as the date of a row. */
  readonly treatment: string | null;
  /** A column of gold or of a report that derives from it needs an `exposes` reason. */
  readonly rawOnly: boolean;
}

/** The sources of one column of a model, and of its rows. */
export interface ColumnLineage {
  readonly name: string;
  /** The strictest class of all sources; `none` for a constant in unfiltered rows. */
  readonly class: PiiClass;
  /** Columns of bronze views and models that DuckDB reads for it, such as `silver.users.city`. */
  readonly reads: readonly string[];
  readonly landed: readonly LandedSource[];
  /** Unsupported operators in the plans: it then counts as derived from everything. */
  readonly unknown: readonly string[];
  /** Why it is exposed although it derives from a raw-only column; null if no reason is given. */
  readonly exposes: string | null;
}

export interface ModelLineage {
  /** Qualified name. */
  readonly model: string;
  readonly pipeline: string;
  readonly columns: readonly ColumnLineage[];
  /** Columns used in filters, joins, groups and keys, here and in its inputs. Every column includes them too. */
  readonly indirect: readonly LandedSource[];
}

export interface TypedColumn {
  readonly name: string;
  readonly type: string;
}

/** A SELECT bound by DuckDB. */
export interface BoundSelect {
  /** Columns, with the names of the resulting table. */
  readonly columns: readonly TypedColumn[];
  /** The SELECT as a relation for `from`, with columns `o0`, `o1` and so on. */
  readonly relation: string;
}

/** Strictest first. */
const CLASSES = ['direct', 'sensitive', 'quasi', 'none'] as const satisfies readonly PiiClass[];

export function strictestOf(landed: readonly LandedSource[]): PiiClass {
  return CLASSES.find((known) => landed.some((source) => source.class === known)) ?? 'none';
}
