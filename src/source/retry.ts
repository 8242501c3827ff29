import type { Effects, FetchResponse } from '../base/effects.js';
import { failure, LakeveilError } from '../base/errors.js';

const BASE_MS = 200;
const LONGEST_MS = 10_000;

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

/** The source rejects the credentials (401): terminal, unless there are other credentials to try. */
export class Unauthorized extends Error {
  override readonly name = 'Unauthorized';
  readonly error: LakeveilError;

  constructor(error: LakeveilError) {
    super(error.code);
    this.error = error;
  }
}

/** A longer requested wait ends the run. */
export const LONGEST_RETRY_AFTER_MS = 60_000;

/** Beside 5xx: request timeout, too early, too many requests. */
const TRANSIENT = new Set([408, 425, 429]);

export function isTransientStatus(status: number): boolean {
  return status >= 500 || TRANSIENT.has(status);
}

export interface RetryOptions {
  /** Tries after the first. */
  readonly retries: number;
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
  for (let tries = 1; ; tries++) {
    try {
      return { value: await attempt(), tries };
    } catch (error) {
      if (error instanceof LakeveilError) throw error.at({ tries });
      if (error instanceof Unauthorized) throw error.error.at({ tries });
      if (!(error instanceof TransientFailure)) throw error;
      if (tries > options.retries) throw error.error.at({ tries });
      const backoffMs = computeBackoffMs(tries - 1, options.effects.random());
      await waitFor(Math.max(backoffMs, error.retryAfterMs), error.error, options);
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

/** Any further off is a year: the number is shown, so it stays readable. */
const YEAR_MS = 365 * 86_400_000;
const SECONDS = /^\d+$/;
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC_850 = /^[A-Z][a-z]+, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * How long `Retry-After` asks to wait, in ms from now; 0 if it is absent, past or neither seconds nor an HTTP date
 * (RFC 9110, 10.2.3 and 5.6.7). A date is read against the `Date` of the same answer, so that a clock that differs
 * from the server's does no harm.
 */
export function readRetryAfterMs(headers: FetchResponse['headers'], now: Date): number {
  const text = headers['retry-after'];
  if (typeof text !== 'string') return 0;
  if (SECONDS.test(text)) return Math.min(YEAR_MS, Number(text) * 1000);
  const until = parseHttpDate(text);
  if (until === null) return 0;
  const sent = headers['date'];
  const from = (typeof sent === 'string' ? parseHttpDate(sent) : null) ?? now.getTime();
  return Math.min(YEAR_MS, Math.max(0, until - from));
}

function parseHttpDate(text: string): number | null {
  if (ASCTIME.test(text)) return toMs(`${text} GMT`);
  return IMF_FIXDATE.test(text) || RFC_850.test(text) ? toMs(text) : null;
}

function toMs(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}
