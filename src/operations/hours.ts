const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));

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
