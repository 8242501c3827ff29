import { createContext, Script } from 'node:vm';
import { failure } from '../base/errors.js';
import { readPath } from '../base/json-values.js';
import type { NullingLeaf, RecordValidator } from './compile-validator.js';
import { type Reason, TOO_SLOW } from './reasons.js';

/** The verdict on one record. */
export interface Verdict {
  readonly reason: Reason | null;
  /** Paths of leaves to null in an otherwise valid record. */
  readonly nulls: ReadonlySet<string> | null;
}

/** Time limits of the check. */
export interface CheckLimits {
  /** For the records of a page; a record alone gets a quarter of it. */
  readonly timeoutMs: number;
  /** Records of a run that may be rejected as `too_slow`. */
  readonly maxSlow: number;
  /** Times in a run that the limit may strike at all: many records just below it are as bad as a few beyond. */
  readonly maxStops: number;
}

export const CHECK_LIMITS: CheckLimits = { timeoutMs: 1_000, maxSlow: 5, maxStops: 25 };

const GOOD: Verdict = { reason: null, nulls: null };

/** Validates pages within a time limit per page, and counts the records of the run that exceed it. */
export class Inspector {
  readonly #validate: RecordValidator;
  readonly #nulling: readonly NullingLeaf[];
  readonly #limits: CheckLimits;
  #slow = 0;
  #stops = 0;

  constructor(validate: RecordValidator, nulling: readonly NullingLeaf[], limits: CheckLimits) {
    this.#validate = validate;
    this.#nulling = nulling;
    this.#limits = limits;
  }

  /** One verdict a record, in order. Throws E_SOURCE_SLOW_CHECK once too many records defeat a pattern. */
  inspect(records: readonly unknown[], page: number): readonly Verdict[] {
    const verdicts: Verdict[] = [];
    while (verdicts.length < records.length) {
      runWithTimeLimit(this.#limits.timeoutMs, () => {
        // A stop can happen anywhere: the length shows the progress, and each verdict is pushed atomically.
        for (let at = verdicts.length; at < records.length; at++) verdicts.push(this.#decide(records[at]));
      });
      if (verdicts.length < records.length) verdicts.push(this.#decideAlone(records[verdicts.length], page));
    }
    return verdicts;
  }

  #decide(record: unknown): Verdict {
    const reason = this.#validate(record);
    if (reason !== null) return { reason, nulls: null };
    const invalid = this.#nulling.filter(({ node, isValid }) => {
      const value = readPath(record, node.segments);
      return value !== undefined && !isValid(value);
    });
    return invalid.length === 0
      ? GOOD
      : { reason: null, nulls: new Set(invalid.map(({ node }) => node.path)) };
  }

  /** The record at which a page was stopped gets one retry, because the stop may have been a coincidence. */
  #decideAlone(record: unknown, page: number): Verdict {
    this.#stops++;
    let verdict = GOOD;
    const isDone = runWithTimeLimit(Math.ceil(this.#limits.timeoutMs / 4), () => {
      verdict = this.#decide(record);
    });
    if (!isDone) this.#slow++;
    if (this.#slow > this.#limits.maxSlow || this.#stops > this.#limits.maxStops) {
      throw failure('E_SOURCE_SLOW_CHECK', { count: Math.max(this.#slow, this.#stops) }, { page });
    }
    return isDone ? verdict : { reason: TOO_SLOW, nulls: null };
  }
}

/** A script that does nothing but call back: what it buys is Node's watchdog, which stops even a backtracking pattern. */
const CALL = new Script('work()');
const scope: { work: () => void } = { work: rest };
const context = createContext(scope);

/**
 * Runs `work` to its end and returns true, or stops it after `timeoutMs` and returns false. Stopped work leaves what it
 * had written, and runs no `catch` or `finally` of its own. Costs about 0.1 ms.
 */
export function runWithTimeLimit(timeoutMs: number, work: () => void): boolean {
  scope.work = work;
  try {
    CALL.runInContext(context, { timeout: timeoutMs });
    return true;
  } catch (error) {
    if (isTimeout(error)) return false;
    throw error;
  } finally {
    // The closure holds a page of raw records.
    scope.work = rest;
  }
}

function rest(): void {
  return;
}

/** Node creates this error in the script's context, so it is not an instance of our `Error`. */
function isTimeout(error: unknown): boolean {
  const isThing = typeof error === 'object' && error !== null;
  return isThing && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
