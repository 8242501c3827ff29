import { DAY_MS } from './calendar.js';

/** Days whose offsets are remembered: a few hundred are usual, and each is two numbers. */
const MOST_DAYS = 20_000;

/** A time zone of the IANA database (the host's ICU has its rules). */
export class Zone {
  readonly #format: Intl.DateTimeFormat;
  /** Offsets at the start and the end of a UTC day, in milliseconds. */
  readonly #days = new Map<number, readonly [start: number, end: number]>();

  /** @throws RangeError for a name that is no time zone */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /**
   * The moment of a local time, given as if it were UTC, in milliseconds. Of a time that comes twice, when clocks go back,
   * the first; a time that clocks skip is as much later (RFC 5545, section 3.3.5).
   */
  toUtc(localMs: number): number {
    const [before, after] = [this.#offsetAt(localMs - DAY_MS), this.#offsetAt(localMs + DAY_MS)];
    const candidates = [localMs - before, localMs - after].filter(
      (utcMs) => this.#offsetAt(utcMs) === localMs - utcMs,
    );
    return candidates.length === 0 ? localMs - before : Math.min(...candidates);
  }

  #offsetAt(utcMs: number): number {
    const day = Math.floor(utcMs / DAY_MS);
    let ends = this.#days.get(day);
    if (ends === undefined) {
      if (this.#days.size >= MOST_DAYS) this.#days.clear();
      ends = [this.#measureAt(day * DAY_MS), this.#measureAt((day + 1) * DAY_MS)];
      this.#days.set(day, ends);
    }
    return ends[0] === ends[1] ? ends[0] : this.#measureAt(utcMs);
  }

  #measureAt(utcMs: number): number {
    const parts = new Map(this.#format.formatToParts(utcMs).map(({ type, value }) => [type, value]));
    const numberOf = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    const year = parts.get('era')?.startsWith('B') === true ? 1 - numberOf('year') : numberOf('year');
    const time = { hour: numberOf('hour'), minute: numberOf('minute'), second: numberOf('second') };
    const localMs = toMs({ year, month: numberOf('month'), day: numberOf('day'), ...time });
    return localMs - Math.floor(utcMs / 1000) * 1000;
  }
}

export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export interface TimeParts {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Milliseconds since 1970 of parts in UTC; `Date.UTC` takes the years 0 to 99 for 1900 to 1999. */
export function toMs({ year, month, day, hour, minute, second }: DateParts & TimeParts): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(hour, minute, second);
}
