import { TZDate } from '@date-fns/tz';
import { format } from 'date-fns/format';

/** Days and instants in a time zone of the IANA database, such as `Europe/Berlin`. */

/** The first instant of a date in a zone, in ms since 1970; a day may last 23, 24 or 25 hours. */
export function startIn(date: string, timezone: string): number {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  return new TZDate(year, month - 1, day, timezone).getTime();
}

/** An instant as `epoch` (seconds since 1970), `epoch_ms`, or by a pattern of date-fns. */
export function formatIn(ms: number, pattern: string, timezone: string): string {
  if (pattern === 'epoch') return String(Math.floor(ms / 1000));
  if (pattern === 'epoch_ms') return String(ms);
  return format(new TZDate(ms, timezone), pattern);
}
