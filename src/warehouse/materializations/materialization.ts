import type { InputState } from '../input-state.js';

/** How a model becomes a table or view. Each is one file of this shape, listed in `known.ts`. */
export interface Materialization {
  /** The words of the head, such as `incremental by COLUMN`. */
  readonly usage: string;
  /** Whether its rows belong to dates, each made from that date of the inputs alone. */
  readonly isDated: boolean;
  readonly isView: boolean;
  /** Reads what `-- materialize:` says; null if that is not in the words of this one. */
  readonly parse: (text: string) => Planner | null;
}

/** Says what must be run so that the model is as its inputs are. Pure. */
export type Planner = (target: BuildTarget) => BuildPlan;

export interface BuildTarget {
  /** Quoted name, such as `"silver"."persons_anonymized"`. */
  readonly relation: string;
  readonly sql: string;
  readonly state: InputState;
  /** What the table holds now; empty if there is no table. */
  readonly built: readonly Build[];
  /** Dates that are made anew even if nothing changed. */
  readonly forced: ReadonlySet<string>;
  readonly runId: string;
}

/** One row of `ops.builds`: a model (and date) and what it was made from. */
export interface Build {
  /** `YYYY-MM-DD`; null for a table of all dates. */
  readonly date: string | null;
  readonly sqlSha256: string;
  readonly inputsSha256: string;
  readonly runId: string;
}

/** Run as one transaction; no statements means that the model is as it should be. */
export interface BuildPlan {
  readonly statements: readonly string[];
  /** What the table holds afterwards. */
  readonly builds: readonly Build[];
}
