import type { FetchResponse } from '../base/effects.js';
import { failure } from '../base/errors.js';
import { TransientFailure } from './retry.js';

type Answered = Pick<FetchResponse, 'status' | 'headers'>;

/** Beside 5xx: request timeout, too early, too many requests. */
const TRANSIENT = new Set([408, 425, 429]);
const [UNAUTHORIZED, FORBIDDEN, TOO_MANY] = [401, 403, 429];

/**
 * Whether a status can resolve by itself. 401 and 403 can where the source says that its rate limit is used up, or when
 * to ask again.
 */
export function isTransient({ status, headers }: Answered): boolean {
  if (status >= 500 || TRANSIENT.has(status)) return true;
  if (status !== UNAUTHORIZED && status !== FORBIDDEN) return false;
  return isUsedUp(headers) || (status === FORBIDDEN && headers['retry-after'] !== undefined);
}

/** The failure of a transient status: transient itself, unless the source asks for a wait above `maxWaitMs`. */
export function toTransient(
  answered: Answered,
  error: TransientFailure['error'],
  now: Date,
  maxWaitMs: number,
): Error {
  const waitMs = readWaitMs(answered, now);
  if (waitMs <= maxWaitMs) return new TransientFailure(error, waitMs);
  return failure('E_SOURCE_RETRY_AFTER', { seconds: Math.ceil(waitMs / 1000) });
}

/** How long a source asks to wait, in ms from now; 0 if it does not. `Retry-After` wins over the reset of its rate limit. */
export function readWaitMs({ status, headers }: Answered, now: Date): number {
  const afterMs = readRetryAfterMs(headers, now);
  return afterMs === 0 && (status === TOO_MANY || isUsedUp(headers)) ? readResetMs(headers, now) : afterMs;
}

const RATE_LIMITS = ['x-ratelimit', 'x-rate-limit', 'ratelimit'];

function readLimit(headers: FetchResponse['headers'], what: 'remaining' | 'reset'): string | null {
  const value = RATE_LIMITS.map((name) => headers[`${name}-${what}`]).find((found) => found !== undefined);
  return typeof value === 'string' ? value.trim() : null;
}

function isUsedUp(headers: FetchResponse['headers']): boolean {
  return readLimit(headers, 'remaining') === '0';
}

const EPOCH_S = 1e9;
const EPOCH_MS = 1e12;

/** A reset is an instant in seconds or milliseconds since 1970, a date, or a number of seconds from now. */
function readResetMs(headers: FetchResponse['headers'], now: Date): number {
  const text = readLimit(headers, 'reset') ?? '';
  const number = SECONDS.test(text) ? Number(text) : parseHttpDate(text);
  if (number === null) return 0;
  if (number < EPOCH_S) return Math.min(YEAR_MS, Math.ceil(number * 1000));
  return measureUntil(number < EPOCH_MS ? number * 1000 : number, headers, now);
}

/** Any further off is a year: the number is shown, so it stays readable. */
const YEAR_MS = 365 * 86_400_000;
/** Seconds, as RFC 9110 has them, or with decimals, as some servers send. */
const SECONDS = /^\d+(?:\.\d+)?$/;
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC_850 = /^[A-Z][a-z]+, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * How long `Retry-After` asks to wait, in ms from now; 0 if it is absent, past or neither seconds nor an HTTP date
 * (RFC 9110, 10.2.3 and 5.6.7) nor an
 * instant of ISO 8601. A date is read against the `Date` of the same answer, so that a clock that differs
 * from the server's does no harm.
 */
function readRetryAfterMs(headers: FetchResponse['headers'], now: Date): number {
  const text = headers['retry-after'];
  if (typeof text !== 'string') return 0;
  if (SECONDS.test(text)) return Math.min(YEAR_MS, Math.ceil(Number(text) * 1000));
  const until = parseHttpDate(text);
  return until === null ? 0 : measureUntil(until, headers, now);
}

function measureUntil(until: number, headers: FetchResponse['headers'], now: Date): number {
  const sent = headers['date'];
  const from = (typeof sent === 'string' ? parseHttpDate(sent) : null) ?? now.getTime();
  return Math.min(YEAR_MS, Math.max(0, until - from));
}

function parseHttpDate(text: string): number | null {
  if (ISO_INSTANT.test(text)) return toMs(text);
  if (ASCTIME.test(text)) return toMs(`${text} GMT`);
  return IMF_FIXDATE.test(text) || RFC_850.test(text) ? toMs(text) : null;
}

function toMs(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}
