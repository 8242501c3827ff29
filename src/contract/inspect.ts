import { createContext, Script } from 'node:vm';
import { failure } from '../base/errors.js';
import { readPath } from '../base/json-values.js';
import type { CompiledContract } from './contract.js';
import { type Reason, TOO_SLOW } from './reasons.js';
import type { SchemaNode } from './schema-tree.js';

/** The verdict on one record. */
export interface Verdict {
  readonly reason: Reason | null;
  /** Paths of leaves, and of objects with all leaves below, to null in an otherwise valid record. */
  readonly nulls: ReadonlySet<string> | null;
}

/** What of a contract decides on a record. */
type InspectedContract = Pick<CompiledContract, 'validate' | 'nulling' | 'readNothings'>;

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
  readonly #contract: InspectedContract;
  readonly #limits: CheckLimits;
  #slow = 0;
  #stops = 0;

  constructor(contract: InspectedContract, limits: CheckLimits) {
    this.#contract = contract;
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
    const reason = this.#contract.validate(record);
    if (reason !== null) return this.#decideNothings(record, reason);
    const invalid = this.#listInvalid(record);
    return invalid.length === 0 ? GOOD : { reason: null, nulls: new Set(invalid) };
  }

  /** An invalid record that is valid once other spellings of nothing are null. */
  #decideNothings(record: unknown, reason: Reason): Verdict {
    const read = this.#contract.readNothings(record);
    const left = read === null ? reason : this.#contract.validate(read.record);
    if (read === null || left !== null) return { reason: left, nulls: null };
    return { reason: null, nulls: new Set([...read.paths, ...this.#listInvalid(read.record)]) };
  }

  /** Nodes to null; nothing below an object that is nulled. */
  #listInvalid(record: unknown): readonly string[] {
    const { nulling } = this.#contract;
    if (nulling.length === 0) return [];
    const invalid: SchemaNode[] = [];
    for (const { node, isValid } of nulling) {
      const value = readPath(record, node.segments);
      if (value === undefined || isValid(value) || invalid.some((object) => isBelow(node, object))) continue;
      invalid.push(node);
    }
    return invalid.map(({ path }) => path);
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

function isBelow({ segments }: SchemaNode, object: SchemaNode): boolean {
  return object.segments.every((name, at) => segments[at] === name);
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
