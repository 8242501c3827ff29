import { isDate, isDateTime } from './date-formats.js';
import { compilePattern, findPatternFlaw, type Reading, readOffset } from './moment-pattern.js';
import { type DateParts, toMs, Zone } from './zone.js';

/** How a source writes a date or a moment, where it does not write it as RFC 3339 does. */
export interface MomentForm {
  readonly kind: 'date' | 'date-time';
  /** `iso`, `epoch`, `epoch_ms`, or a pattern such as `M/d/yyyy`. */
  readonly format: string;
  /** The zone of what has none; null where there must be one. */
  readonly timeZone: string | null;
}

/** A value as `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS.ffffffZ`, to the microsecond; null if it is not of the form. */
export type ReadMoment = (value: unknown) => string | null;

/** What is wrong with a form, in words of the definition; null if nothing is. */
export function findMomentFlaw({ kind, format, timeZone }: MomentForm): string | null {
  if (timeZone !== null && !isZone(timeZone)) return '`x-timezone` must be a time zone such as Europe/Berlin';
  if (format === 'epoch' || format === 'epoch_ms') {
    if (kind === 'date') return `\`x-format: ${format}\` requires \`format: date-time\``;
    return timeZone === null ? null : `\`x-timezone\` is not used by \`x-format: ${format}\``;
  }
  if (format === 'iso') return kind === 'date' ? '`x-format: iso` requires `format: date-time`' : null;
  return findPatternFlaw(format, kind, timeZone !== null);
}

function isZone(name: string): boolean {
  try {
    return new Zone(name) instanceof Zone;
  } catch {
    return false;
  }
}

/** Compiles a form without a flaw. */
export function compileMoment({ kind, format, timeZone }: MomentForm): ReadMoment {
  if (format === 'epoch') return (value) => readEpoch(value, 0);
  if (format === 'epoch_ms') return (value) => readEpoch(value, 3);
  const read = format === 'iso' ? readIso : compilePattern(format);
  const zone = timeZone === null ? null : new Zone(timeZone);
  return (value) => {
    const reading = typeof value === 'string' ? read(value) : null;
    if (reading === null) return null;
    const date = writeDate(reading);
    if (!isDate(date)) return null;
    return kind === 'date' ? date : writeReading(reading, zone);
  };
}

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,9}))?)? ?([Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/;

/** ISO 8601 and what is close to it: seconds may be left out, `T` may be a blank, an offset may lack its colon. */
function readIso(text: string): Reading | null {
  const [whole, year, month, day, hour, minute, second = '0', fraction = '', zone] = ISO.exec(text) ?? [];
  if (whole === undefined) return null;
  const offsetMs = zone === undefined ? null : readOffset(zone);
  if (Number.isNaN(offsetMs)) return null;
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  const time = { hour: Number(hour), minute: Number(minute), second: Number(second) };
  return { ...date, time, fraction, offsetMs };
}

function writeDate({ year, month, day }: DateParts): string {
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function pad(number: number, length: number): string {
  return String(number).padStart(length, '0');
}

function writeReading(reading: Reading, zone: Zone | null): string | null {
  const { time, offsetMs, fraction } = reading;
  if (time === null || (offsetMs === null && zone === null)) return null;
  const localMs = toMs({ ...reading, ...time });
  const utcMs = offsetMs === null ? (zone?.toUtc(localMs) ?? NaN) : localMs - offsetMs;
  return writeMoment(utcMs, fraction);
}

const NUMBER = /^(-?)(\d{1,15})(?:\.(\d{1,9}))?$/;

/** Seconds since 1970, or with three `decimals` milliseconds, as a number or as its digits. */
function readEpoch(value: unknown, decimals: 0 | 3): string | null {
  if (typeof value !== 'number' && typeof value !== 'string') return null;
  const [whole, sign, digits = '', more = ''] = NUMBER.exec(String(value)) ?? [];
  if (whole === undefined) return null;
  const text = digits.padStart(decimals + 1, '0');
  const cut = text.length - decimals;
  const seconds = Number(text.slice(0, cut));
  const micros = Number((text.slice(cut) + more).slice(0, 6).padEnd(6, '0'));
  if (sign === '' || micros === 0)
    return writeMoment((sign === '' ? 1 : -1) * seconds * 1000, pad(micros, 6));
  return writeMoment((-seconds - 1) * 1000, pad(1_000_000 - micros, 6));
}

/** Null outside of the years 1 to 9999. */
function writeMoment(utcMs: number, fraction: string): string | null {
  const date = new Date(utcMs);
  if (Number.isNaN(date.getTime())) return null;
  const digits = fraction.slice(0, 6).replace(/0+$/, '');
  const text = `${date.toISOString().slice(0, -5)}${digits === '' ? '' : `.${digits}`}Z`;
  return isDateTime(text) ? text : null;
}
