import type { InputState } from './input-state.js';

/** How a model becomes a table or view. Each is one file of this shape, listed in `known.ts`. */
export interface Materialization {
  /** The words of the head, such as `incremental by COLUMN`. */
  readonly usage: string;
  /** Keys of the head that it takes besides. */
  readonly keys: readonly string[];
  /** Whether it follows its inputs date by date, each row made from one date of them alone. */
  readonly followsDates: boolean;
  /** Whether its own rows belong to dates, for those who read it. */
  readonly isDated: boolean;
  readonly isView: boolean;
  /** Reads what `-- materialize:` says; null if that is not in the words of this one. */
  readonly parse: (text: string, head: ReadonlyMap<string, string>) => Planner | null;
}

export interface Planner {
  /** Columns that the SELECT must give. */
  readonly needs: readonly string[];
  /** Those of them that stay out of the table. */
  readonly hides: readonly string[];
  /** Columns that the table has besides, with the columns of the SELECT that they follow from. */
  readonly adds: ReadonlyMap<string, readonly string[]>;
  /** Whether a row that is not landed any more ends: only a snapshot can tell that. */
  readonly closesDeletes: boolean;
  /** Says what must be run so that the model is as its inputs are. Pure. */
  readonly plan: (target: BuildTarget) => BuildPlan;
}

export interface BuildTarget {
  /** Quoted name, such as `"silver"."persons_anonymized"`. */
  readonly relation: string;
  readonly sql: string;
  readonly state: InputState;
  /** Dates on which the datasets that it reads itself have landed, in order. */
  readonly landedDates: readonly string[];
  /** What the table holds now; empty if there is no table, or all of it is to be made anew. */
  readonly built: readonly Build[];
  /** Dates that are made anew even if nothing changed. */
  readonly forced: ReadonlySet<string>;
  readonly runId: string;
  /** What a table of all dates starts from, in place of dates that are pruned; null where there is none. */
  readonly start: CheckpointStart | null;
}

/** A checkpoint as a plan needs it; `state` and `landedDates` of its target begin with `lastDate`. */
export interface CheckpointStart {
  /** Absolute path of its Parquet file. */
  readonly path: string;
  /** The last date that is in it. */
  readonly lastDate: string;
  /** The first date that is not. */
  readonly before: string;
  readonly sha256: string;
}

/** One row of `ops.builds`: a model (and date) and what it was made from. */
export interface Build {
  /** `YYYY-MM-DD`; null for a table of all dates. */
  readonly date: string | null;
  readonly sqlSha256: string;
  readonly inputsSha256: string;
  readonly runId: string;
}

/** A count that must be 0, or the model is refused with these words. */
export interface Assertion {
  readonly countOf: string;
  readonly problem: string;
  readonly fix: string;
}

/** Run as one transaction; no steps means that the model is as it should be. */
export interface BuildPlan {
  readonly steps: readonly (string | Assertion)[];
  /** What the table holds afterwards. */
  readonly builds: readonly Build[];
  readonly extent: BuildExtent;
  /** Dates of the inputs that are read for it. */
  readonly dates: number;
}

export type BuildExtent = 'skipped' | 'incremental' | 'full';

/** Of a table with the columns of its SELECT, no more and no fewer. */
export const AS_SELECTED = { hides: [], adds: new Map() } as const;

/** The plan of a model that is as its inputs are. */
export function planNothing({ built }: BuildTarget): BuildPlan {
  return { steps: [], builds: built, extent: 'skipped', dates: 0 };
}
