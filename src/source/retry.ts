import type { Effects } from '../base/effects.js';
import { failure, LakeveilError } from '../base/errors.js';

const BASE_MS = 200;
const LONGEST_MS = 10_000;
const LEAST_POLL_MS = 500;

/** A failure that can resolve by itself. Every other error is terminal and is thrown at once. */
export class TransientFailure extends Error {
  override readonly name = 'TransientFailure';
  readonly error: LakeveilError;
  readonly retryAfterMs: number;

  constructor(error: LakeveilError, retryAfterMs = 0) {
    super(error.code);
    this.error = error;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The source works on the answer (202). Waiting for it uses up `max_wait` in place of retries. */
export class Pending extends TransientFailure {
  /** Where the answer will be; null for where it was asked for. */
  readonly location: URL | null;

  constructor(error: LakeveilError, retryAfterMs: number, location: URL | null) {
    super(error, retryAfterMs);
    this.location = location;
  }
}

/** The source rejects the credentials (401): terminal, unless there are other credentials to try. */
export class Unauthorized extends Error {
  override readonly name = 'Unauthorized';
  readonly error: LakeveilError;

  constructor(error: LakeveilError) {
    super(error.code);
    this.error = error;
  }
}

export interface RetryOptions {
  /** Tries after the first. */
  readonly retries: number;
  /** How long a source may work on an answer, summed over the tries. */
  readonly maxWaitMs: number;
  readonly effects: Pick<Effects, 'random' | 'sleep'>;
  readonly signal: AbortSignal;
  readonly onRetry: (error: LakeveilError, waitMs: number) => void;
}

interface Tried<T> {
  readonly value: T;
  readonly tries: number;
}

/**
 * Wait before try `k + 2`, in ms: `random × min(10 s, 200 ms · 2^k)`, "full jitter" of M. Brooker, "Exponential
 * Backoff and Jitter" (AWS Architecture Blog, 2015). `random` is in [0, 1), `k` counts from 0.
 */
export function computeBackoffMs(k: number, random: number): number {
  return random * Math.min(LONGEST_MS, BASE_MS * 2 ** k);
}

/**
 * Retries until success, a terminal failure, or `retries` are used up. Errors include the number of attempts; an aborted
 * signal ends a wait with E_INTERRUPTED.
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<Tried<T>> {
  let pending = 0;
  let pendingMs = 0;
  for (let tries = 1; ; tries++) {
    try {
      return { value: await attempt(), tries };
    } catch (error) {
      if (error instanceof LakeveilError) throw error.at({ tries });
      if (error instanceof Unauthorized) throw error.error.at({ tries });
      if (!(error instanceof TransientFailure)) throw error;
      const isPending = error instanceof Pending;
      if (isPending) pending++;
      const left = isPending ? options.maxWaitMs - pendingMs : options.retries - (tries - pending) + 1;
      if (left <= 0) throw error.error.at({ tries });
      const backoffMs = computeBackoffMs(
        (isPending ? pending : tries - pending) - 1,
        options.effects.random(),
      );
      const waitMs = Math.max(isPending ? Math.max(LEAST_POLL_MS, backoffMs) : backoffMs, error.retryAfterMs);
      if (isPending) pendingMs += waitMs;
      await waitFor(waitMs, error.error, options);
    }
  }
}

async function waitFor(waitMs: number, error: LakeveilError, options: RetryOptions): Promise<void> {
  options.onRetry(error, waitMs);
  try {
    await options.effects.sleep(waitMs, options.signal);
  } catch {
    throw failure('E_INTERRUPTED', {});
  }
}
