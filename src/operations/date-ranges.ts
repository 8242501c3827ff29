/** Days that follow one another, both inclusive. */
export interface DateRange {
  readonly from: string;
  readonly to: string;
  readonly days: number;
}

const DAY_MS = 86_400_000;

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
  for (let day = first; day <= to; day = nextDay(day)) {
    if (days.has(day)) close();
    else open.push(day);
  }
  close();
  return missing;
}

function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
}
