import { failure } from '../errors.js';
import { addDays, listDates } from './calendar.js';

/** Days that follow one another, both inclusive. */
export interface DateRange {
  readonly from: string;
  readonly to: string;
  readonly days: number;
}

/**
 * The days of a span that are not among those given, as ranges in their order. Pure.
 * @param from null for the first day given; without one nothing is missing
 */
export function findMissing(days: ReadonlySet<string>, from: string | null, to: string): DateRange[] {
  const first = from ?? [...days].sort()[0];
  if (first === undefined) return [];
  const missing: DateRange[] = [];
  let open: string[] = [];
  const close = (): void => {
    const [start, end] = [open[0], open.at(-1)];
    if (start !== undefined && end !== undefined) missing.push({ from: start, to: end, days: open.length });
    open = [];
  };
  for (let day = first; day <= to; day = addDays(day, 1)) {
    if (days.has(day)) close();
    else open.push(day);
  }
  close();
  return missing;
}

/** All days from one to another, both inclusive, as `YYYY-MM-DD`; none if neither is given. @throws E_USAGE */
export function chooseDates(from: string | undefined, to: string | undefined): readonly string[] {
  if (from === undefined || to === undefined) return [];
  if (from > to) throw failure('E_USAGE', { what: '--from is later than --to', hint: 'swap the two dates' });
  return listDates(from, to);
}

/** The hours of a day, `00` to `23`. */
export const HOURS: readonly string[] = Array.from({ length: 24 }, (_, hour) =>
  String(hour).padStart(2, '0'),
);

/** A date of which some hours have landed. */
export interface IncompleteDate {
  readonly date: string;
  /** Those that have begun and have not landed, `00` to `23`, in order. */
  readonly missing: readonly string[];
}

/** The hours of a date that have begun (UTC). */
export function listHours(date: string, now: Date): readonly string[] {
  return HOURS.filter((hour) => Date.parse(`${date}T${hour}:00:00Z`) <= now.getTime());
}

/** Dates of an hourly dataset that lack hours which `backfill` would fetch, in order. Pure. */
export function findIncomplete(
  landed: readonly { readonly date: string; readonly slot: string | null }[],
  now: Date,
): IncompleteDate[] {
  const byDate = new Map<string, Set<string>>();
  for (const { date, slot } of landed) {
    if (slot !== null) byDate.set(date, (byDate.get(date) ?? new Set()).add(slot));
  }
  return [...byDate]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([date, slots]) => ({ date, missing: listHours(date, now).filter((hour) => !slots.has(hour)) }))
    .filter(({ missing }) => missing.length > 0);
}
