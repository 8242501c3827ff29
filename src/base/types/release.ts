/** How a value of a column is written at one level of its ladder. */
export type LadderStep =
  /** As the table has it. */
  | { readonly kind: 'keep'; readonly label: string }
  /** Numbers, and ranges such as `[20-30]`, as ranges of this width that start at a multiple of it. */
  | { readonly kind: 'width'; readonly label: string; readonly width: number }
  /** The first characters of a text. */
  | { readonly kind: 'characters'; readonly label: string; readonly count: number }
  | { readonly kind: 'month' | 'quarter' | 'year'; readonly label: string }
  /** `*` for every value. */
  | { readonly kind: 'all'; readonly label: string };

/** From fine to coarse; the first step is level 0. A table is a CSV file of which each column is coarser than the one before. */
export type LadderDefinition =
  | { readonly kind: 'steps'; readonly steps: readonly LadderStep[] }
  /** `file` is relative to `sql/<pipeline>`. */
  | { readonly kind: 'table'; readonly file: string };

export const ON_BREACH = ['generalize', 'suppress', 'fail'] as const;
export type OnBreach = (typeof ON_BREACH)[number];

/** What each class of people of a release must reach. */
export interface ReleaseThresholds {
  /** People in a class (Sweeney 2002, k-anonymity). */
  readonly k: number;
  /** Distinct values of each sensitive attribute in a class (Machanavajjhala et al. 2007, l-diversity); null for any. */
  readonly l: number | null;
  /** Largest distance of a class from the whole table (Li et al. 2007, t-closeness), 0 to 1; null for any. */
  readonly t: number | null;
}

/** A generalized copy of a table that is published beside it, and what it must reach. */
export interface ReleaseDefinition {
  /** Qualified name, such as `gold.persons_release`. */
  readonly name: string;
  /** Qualified name of a model. */
  readonly from: string;
  readonly description: string;
  /** Columns of `from`, in order. */
  readonly columns: readonly string[];
  /** The column of `from` that names a person; null for its only token column, or each row where it has none. */
  readonly person: string | null;
  /** Columns that someone may know of a person; null for all that derive from a direct or quasi leaf. */
  readonly quasi: readonly string[] | null;
  /** Why columns that derive from such leaves are not in `quasi`. */
  readonly reviewed: string | null;
  readonly sensitive: readonly string[];
  readonly require: ReleaseThresholds;
  readonly onBreach: OnBreach;
  /** Share of people, 0 to 1, of whom a row may be left out. */
  readonly maxSuppressed: number;
  readonly ladders: ReadonlyMap<string, LadderDefinition>;
}

/** One level of a ladder: a step, or a column of its table, counted from 1. */
export type Level = LadderStep | { readonly kind: 'table'; readonly label: string; readonly place: number };

/** How a column is generalized: level 0 is the finest. A column without a ladder has one level. */
export interface Ladder {
  readonly column: string;
  readonly levels: readonly Level[];
  /** Rows of its table: a value, then its coarser forms. */
  readonly table: readonly (readonly string[])[];
}

/** A release with its ladders, as a model has it. */
export interface Release extends ReleaseDefinition {
  /** Ladders of its columns by name; a column without one is not generalized. */
  readonly steps: ReadonlyMap<string, Ladder>;
  /** Of everything here that decides the rows. */
  readonly digest: string;
  /** The column of the landing date, within which classes are counted; null where it has none. */
  readonly date: string | null;
}
