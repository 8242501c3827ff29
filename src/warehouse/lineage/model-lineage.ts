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

/** What one column of a model is made of. */
export interface ColumnLineage {
  /** `(2)` for the second one if its SQL gives it no name; `*` stands for columns that cannot be listed. */
  readonly name: string;
  /** The strictest of what it is made of; `none` for a constant. */
  readonly class: PiiClass;
  /** Columns of bronze views and models that its expression names, such as `silver.users.city`. */
  readonly reads: readonly string[];
  readonly landed: readonly LandedSource[];
  /** Names in its own expression that no table has: it is made of all that the model reads. */
  readonly unresolved: readonly string[];
  /** Parts of SQL on its way that are not known: it may be made of anything. */
  readonly unknown: readonly string[];
  /** Why it may be shown although it is made of what is raw only; null where nothing is said. */
  readonly exposes: string | null;
}

export interface ModelLineage {
  /** Qualified name. */
  readonly model: string;
  readonly pipeline: string;
  readonly columns: readonly ColumnLineage[];
  /** What decides which rows there are, here and in what it reads: filters, joins, groups, keys. */
  readonly indirect: readonly LandedSource[];
}

/** The strictest first. */
const CLASSES = ['direct', 'sensitive', 'quasi', 'none'] as const satisfies readonly PiiClass[];

export function strictestOf(landed: readonly LandedSource[]): PiiClass {
  return CLASSES.find((known) => landed.some((source) => source.class === known)) ?? 'none';
}
