import type { InputState } from './input-state.js';

/** How a model becomes a table or a view. Each materialization is one file of this shape, listed in `known.ts`. */
export interface Materialization {
  /** The syntax in the head, such as `incremental by COLUMN`. */
  readonly usage: string;
  /** Additional keys of the head. */
  readonly keys: readonly string[];
  /** Whether it is built date by date, with each row made from a single date of its inputs. */
  readonly followsDates: boolean;
  /** Whether its rows belong to dates, for models that read it. */
  readonly isDated: boolean;
  readonly isView: boolean;
  /** Whether rows whose `_deleted` is true are left out; a SELECT over such a dataset must return that column. */
  readonly removesDeleted: boolean;
  /** Parses the text of `-- materialize:`; null if it names another materialization. */
  readonly parse: (text: string, head: ReadonlyMap<string, string>) => Planner | null;
}

export interface Planner {
  /** Columns that the SELECT must return. */
  readonly needs: readonly string[];
  /** Required columns that are not stored in the table. */
  readonly hides: readonly string[];
  /** Columns added to the table, with the SELECT columns that they derive from. */
  readonly adds: ReadonlyMap<string, readonly string[]>;
  /** Columns of the table that identify a row; empty if none do. */
  readonly key: readonly string[];
  /** The column of the table that holds the date by which it is built; null if it is not built date by date. */
  readonly dateColumn: string | null;
  /** Whether a row ends when it no longer lands; requires a snapshot. */
  readonly closesDeletes: boolean;
  /** Plans the steps that bring the model up to date with its inputs. Pure. */
  readonly plan: (target: BuildTarget) => BuildPlan;
}

export interface BuildTarget {
  /** Quoted name, such as `"silver"."persons_anonymized"`. */
  readonly relation: string;
  readonly sql: string;
  /** The SELECT returns `_deleted`. */
  readonly hasDeleted: boolean;
  readonly state: InputState;
  /** Landed dates of the datasets that it reads directly, sorted. */
  readonly landedDates: readonly string[];
  /** The recorded builds of the table; empty if there is no table or if it must be rebuilt. */
  readonly built: readonly Build[];
  /** Dates to rebuild even if nothing changed. */
  readonly forced: ReadonlySet<string>;
  readonly runId: string;
  /** Order of the rows, as `describeRowOrder` has it; null for any. */
  readonly rowOrder: string | null;
  /** The checkpoint that replaces pruned dates; null if there is none. */
  readonly start: CheckpointStart | null;
}

/** A checkpoint for a plan; `state` and `landedDates` of its target start with `lastDate`. */
export interface CheckpointStart {
  /** Absolute path of its Parquet file. */
  readonly path: string;
  /** The last date in the checkpoint. */
  readonly lastDate: string;
  /** The first date after the checkpoint. */
  readonly before: string;
  readonly sha256: string;
}

/** One row of `ops.builds`: a model and date, and the state of its inputs. */
export interface Build {
  /** `YYYY-MM-DD`; null for a table of all dates. */
  readonly date: string | null;
  readonly sqlSha256: string;
  readonly inputsSha256: string;
  readonly runId: string;
}

/** A count that must be 0; otherwise the model fails with this problem and fix. */
export interface Assertion {
  readonly countOf: string;
  readonly problem: string;
  readonly fix: string;
}

/** Runs as one transaction; no steps means that the model is up to date. */
export interface BuildPlan {
  readonly steps: readonly (string | Assertion)[];
  /** The recorded builds afterwards. */
  readonly builds: readonly Build[];
  readonly extent: BuildExtent;
  /** Input dates that are read. */
  readonly dates: number;
}

export type BuildExtent = 'skipped' | 'incremental' | 'full';

/** What `-- deletes:` says of rows that a later snapshot lacks; null if it is not there. */
export type Deletes = 'close' | 'keep';

/** @returns undefined for another word */
export function readDeletes(head: ReadonlyMap<string, string>): Deletes | null | undefined {
  const text = head.get('deletes');
  if (text === undefined) return null;
  return text === 'close' || text === 'keep' ? text : undefined;
}

/** For a table with exactly the columns of its SELECT. */
export const AS_SELECTED = { hides: [], adds: new Map(), key: [], dateColumn: null } as const;

/** The plan of a model that is up to date. */
export function planNothing({ built }: BuildTarget): BuildPlan {
  return { steps: [], builds: built, extent: 'skipped', dates: 0 };
}
