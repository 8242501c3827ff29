import type { RunStatus, StageMetrics } from '../../base/types/run-record.js';
import type { Problem } from '../data/models.js';

/** The run in progress, started by this dashboard. */
export interface CurrentRun {
  readonly runId: string;
  readonly pipeline: string;
  readonly date: string;
  /** The chosen hour, `00` to `23`; null for none. */
  readonly slot: string | null;
}

/** The run that a form requests. */
export interface RunRequest extends Omit<CurrentRun, 'runId'> {
  /** Lands the source's current data for a past date, where the source has no history. */
  readonly asOfNow: boolean;
}

/** An event of a run in progress: names, numbers and scrubbed lines. */
export type LauncherEvent =
  | {
      readonly kind: 'progress';
      readonly label: string;
      readonly done: number;
      readonly total: number | null;
    }
  | { readonly kind: 'log'; readonly text: string }
  | { readonly kind: 'stages'; readonly stages: readonly StageMetrics[] }
  | { readonly kind: 'end'; readonly status: RunStatus };

export interface Refusal extends Problem {
  /** The run in progress that blocks the request; null for none. */
  readonly current: CurrentRun | null;
}

/** Starts runs, one at a time; a slow subscriber never delays a run. */
export interface Launcher {
  readonly current: () => CurrentRun | null;
  /** Resolves when the run is in the ledger, or with the reason why it did not start. */
  readonly start: (request: RunRequest) => Promise<CurrentRun | Refusal>;
  /** Replays past events, then sends new ones. Returns the function that unsubscribes; null if the run is not in progress here. */
  readonly follow: (runId: string, listener: (event: LauncherEvent) => void) => (() => void) | null;
}
