import { dateOf, DAY_MS } from '../../src/base/dates/calendar.js';

/** Days since 1970-01-01 of a date `YYYY-MM-DD`; null for any other text and for days that no calendar has. */
export function readDay(text: string | null): number | null {
  if (text === null || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const time = Date.parse(`${text}T00:00:00Z`);
  const isCalendarDay = !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
  return isCalendarDay ? time / DAY_MS : null;
}

/** `YYYY-MM-DD` of a day counted since 1970-01-01. */
export function formatDay(day: number): string {
  return dateOf(new Date(day * DAY_MS));
}

/** Today in UTC, counted since 1970-01-01. */
export function today(): number {
  return Math.floor(Date.now() / DAY_MS);
}

/** ISO 8601 of a second of a day, UTC. */
export function formatInstant(day: number, second: number): string {
  return new Date(day * DAY_MS + second * 1_000).toISOString();
}
