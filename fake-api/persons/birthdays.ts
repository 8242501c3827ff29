import { DAY_MS } from '../../src/base/dates/calendar.js';
import { formatDay, readDay } from '../server/day.js';
import { drawFrom, drawInteger, type Random, spreadByWeight } from '../server/random.js';

const YEAR_DAYS = 365.2425;

/** The day as of which ages are spread: a constant, since the same seed must give the same people tomorrow. */
const REFERENCE_DAY = Date.UTC(2025, 0, 1) / DAY_MS;
const OLDEST_DAY = REFERENCE_DAY - Math.floor(96 * YEAR_DAYS);

/** Ages from 1 to 95, in bands of `[from, to)` years with their share in percent. */
const AGE_BANDS = spreadByWeight<readonly [from: number, to: number]>([
  [[1, 10], 10],
  [[10, 20], 11],
  [[20, 30], 14],
  [[30, 40], 14],
  [[40, 50], 13],
  [[50, 60], 13],
  [[60, 70], 11],
  [[70, 80], 8],
  [[80, 90], 4],
  [[90, 96], 2],
]);

/** Both ends inclusive, in days since 1970-01-01. */
export interface DayRange {
  readonly first: number;
  readonly last: number;
}

/** A date `YYYY-MM-DD`: within `range`, or spread as ages are. */
export function drawBirthday(random: Random, range: DayRange | null): string {
  const day = range === null ? drawBirthDay(random) : drawDayWithin(random, range);
  return formatDay(day);
}

function drawBirthDay(random: Random): number {
  const [from, to] = drawFrom(random, AGE_BANDS);
  return REFERENCE_DAY - Math.floor((from + random() * (to - from)) * YEAR_DAYS);
}

function drawDayWithin(random: Random, { first, last }: DayRange): number {
  return first + drawInteger(random, last - first + 1);
}

/** The days between two dates, an absent or unreadable end left open; null if neither says anything, or nothing lies between. */
export function readDayRange(start: string | null, end: string | null): DayRange | null {
  const from = readDay(start);
  const to = readDay(end);
  if (from === null && to === null) return null;
  const first = from ?? Math.min(OLDEST_DAY, to ?? OLDEST_DAY);
  const last = to ?? Math.max(REFERENCE_DAY, first);
  return first <= last ? { first, last } : null;
}
