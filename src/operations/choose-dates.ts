import { failure } from '../errors.js';

const DAY_MS = 86_400_000;

/** All days from one to another, both inclusive, as `YYYY-MM-DD`; none if neither is given. @throws E_USAGE */
export function chooseDates(from: string | undefined, to: string | undefined): readonly string[] {
  if (from === undefined || to === undefined) return [];
  if (from > to) throw failure('E_USAGE', { what: '--from is later than --to', hint: 'swap the two dates' });
  const first = Date.parse(`${from}T00:00:00Z`);
  const length = (Date.parse(`${to}T00:00:00Z`) - first) / DAY_MS + 1;
  return Array.from({ length }, (_, i) => new Date(first + i * DAY_MS).toISOString().slice(0, 10));
}
