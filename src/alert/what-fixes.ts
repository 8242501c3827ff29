import type { LakeveilError } from '../base/errors.js';
import type { Definition } from '../base/types/definition.js';
import { ALL_PIPELINES, type AlertKey, type RunRecord } from '../base/types/run-record.js';

/** What is asked of a run that may have fixed a failure. */
export type EndedRun = Pick<RunRecord, 'command' | 'pipeline' | 'date' | 'slot' | 'status' | 'finished_at'>;

/** A command that ended, whose run or error may not be in the ledger. */
export interface CommandEnd {
  readonly command: string;
  /** Null if it succeeded. */
  readonly error: LakeveilError | null;
  readonly startedAt: Date;
  /** The first word of the command line that may name a pipeline; null for none. */
  readonly word: string | null;
  /** Whether its work was not restricted to a date. */
  readonly isWhole: boolean;
}

/** A failure of a run: `command` is absent where an earlier version did not keep it. */
export type Failure = Omit<AlertKey, 'subject'> & { readonly command?: string };

/** @param since an ISO instant */
export function hasSucceeded({ status, finished_at }: EndedRun, since: string): boolean {
  return (status === 'succeeded' || status === 'unchanged') && finished_at !== null && finished_at > since;
}

/** Commands whose work no other command does. */
const SEPARATE = ['export', 'leakscan', 'load', 'prune', 'publish', 'verify'];

/** The work of a command: that of all commands that land or build is the same. */
export function workOf(command: string): string {
  return SEPARATE.includes(command) ? command : 'run';
}

const BUILD_CODES = ['E_CHECK_FAILED', 'E_SQL_RUN', 'E_MODEL', 'E_LOST'];
const BUILDS = ['run', 'backfill', 'transform', 'init-db'];

/** Whether a run has done what failed, if it succeeded later. */
export function covers(run: EndedRun, failed: Failure, definition: Definition | undefined): boolean {
  if (run.command === 'alert') return false;
  if (run.pipeline !== failed.pipeline && run.pipeline !== ALL_PIPELINES) return false;
  if (failed.command !== undefined && workOf(run.command) !== workOf(failed.command)) return false;
  const isSameHour = failed.slot === undefined || run.slot === failed.slot;
  if (failed.date === null || (run.date === failed.date && isSameHour)) return true;
  // What had landed is in the tables that a later command built.
  if (BUILD_CODES.includes(failed.code)) return BUILDS.includes(run.command);
  // The state of that day is gone for good: today's is what can be had.
  const isSnapshot = [...(definition?.datasets.values() ?? [])].some(({ time }) => time === 'snapshot');
  return isSnapshot && run.date !== null && run.date > failed.date;
}

/** Commands that have no entry in the ledger. */
const UNLISTED = ['export', 'leakscan', 'load', 'verify'];

/** What such a command has done. */
export function describeEnd(
  { command, error, isWhole }: CommandEnd,
  pipeline: string,
  at: Date,
): readonly EndedRun[] {
  if (error !== null || !isWhole || !UNLISTED.includes(command)) return [];
  return [{ command, pipeline, date: null, slot: null, status: 'succeeded', finished_at: at.toISOString() }];
}
