/** Days of the calendar, in UTC if nothing else is said, as `YYYY-MM-DD`: the only place that knows how long a day is. */

export const DAY_MS = 86_400_000;

/** The form of a date; whether the calendar has it is another question. */
export const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** An hour of the day, `00` to `23`. */
export const HOUR = /^(?:[01]\d|2[0-3])$/;

/** The day of a moment, `YYYY-MM-DD` (UTC). */
export function dateOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

/** The date of an instant in a zone of the IANA database, `YYYY-MM-DD`. Without date-fns, which takes time to load. */
export function dateIn(instant: Date, timezone: string): string {
  if (timezone === 'UTC') return dateOf(instant);
  const format = new Intl.DateTimeFormat('en', {
    timeZone: timezone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  return [parts.get('year'), parts.get('month'), parts.get('day')].join('-');
}

/** Midnight of a date in UTC, in milliseconds since 1970-01-01. */
export function startOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}

/** The date that lies so many days later, or earlier where `days` is negative. */
export function addDays(date: string, days: number): string {
  return dateOf(new Date(startOf(date) + days * DAY_MS));
}

/** Days from one date to another; negative where `to` is the earlier one. */
export function countDays(from: string, to: string): number {
  return Math.round((startOf(to) - startOf(from)) / DAY_MS);
}

/** Every date from one to another, both inclusive; none if `to` is the earlier one. */
export function listDates(from: string, to: string): string[] {
  return Array.from({ length: Math.max(0, countDays(from, to) + 1) }, (_, days) => addDays(from, days));
}

/** `2026-11-20 13:05:09` of an ISO 8601 moment, to the second or to the minute (UTC). */
export function formatMoment(instant: string, precision: 'minute' | 'second' = 'second'): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, precision === 'minute' ? 16 : 19)}`;
}
