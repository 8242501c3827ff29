import type { RunStatus, StageMetrics } from '../../base/types/run-record.js';
import type { Problem } from '../data/models.js';

/** A run that was started here and has not ended. */
export interface CurrentRun {
  readonly runId: string;
  readonly pipeline: string;
  readonly date: string;
  /** The hour that was chosen, `00` to `23`; null where none was. */
  readonly slot: string | null;
}

/** What a run is asked to land. */
export interface RunRequest extends Omit<CurrentRun, 'runId'> {
  /** What a source says now is landed for a date that is not today, where it knows no past. */
  readonly asOfNow: boolean;
}

/** What is told of a run while it lasts: names, numbers, and lines that passed the scrubber. */
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
  /** The run that stands in the way. */
  readonly current: CurrentRun | null;
}

/** Where runs are started: one at a time, and nobody's page holds it up. */
export interface Launcher {
  readonly current: () => CurrentRun | null;
  /** Resolves when the run is in the ledger, or with why it did not begin. */
  readonly start: (wish: RunRequest) => Promise<CurrentRun | Refusal>;
  /** Tells what has been, then what comes; null if that run is not under way here. Gives the way to stop listening. */
  readonly follow: (runId: string, listener: (event: LauncherEvent) => void) => (() => void) | null;
}
