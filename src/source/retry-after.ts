import type { FetchResponse } from '../effects.js';

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
