import type { DateParts, TimeParts } from './zone.js';

/**
 * Patterns of dates and moments, in letters of Unicode's LDML (as date-fns and Java have them): `M/d/yyyy`,
 * `dd.MM.yyyy HH:mm`, `EEE, dd MMM yyyy HH:mm:ss XX`, `yyyy-MM-dd'T'HH:mm`. Names are English.
 */

/** What a text says; without `time` it is a date, without `offsetMs` it has no zone. */
export interface Reading extends DateParts {
  readonly time: TimeParts | null;
  /** Digits after the second. */
  readonly fraction: string;
  readonly offsetMs: number | null;
}

/** In milliseconds: `Z`, `+01`, `+0100`, `+01:00`; NaN beyond 18 hours. */
export function readOffset(text: string): number {
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(text) ?? [];
  if (hours === undefined) return 0;
  if (Number(hours) > 18 || Number(minutes) > 59) return NaN;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

const short = (names: readonly string[]): string => names.map((name) => name.slice(0, 3)).join('|');
const OFFSET = 'Z|[+-]\\d\\d(?::?\\d\\d)?';

/** What a run of a letter stands for, as a part of a regular expression. */
const FIELDS: ReadonlyMap<string, { readonly name: string; readonly form: string }> = new Map([
  ['yyyy', { name: 'year', form: '\\d{4}' }],
  ['M', { name: 'month', form: '1[0-2]|0?[1-9]' }],
  ['MM', { name: 'month', form: '1[0-2]|0[1-9]' }],
  ['MMM', { name: 'monthName', form: short(MONTHS) }],
  ['MMMM', { name: 'monthName', form: MONTHS.join('|') }],
  ['d', { name: 'day', form: '[12]\\d|3[01]|0?[1-9]' }],
  ['dd', { name: 'day', form: '[0-3]\\d' }],
  ['EEE', { name: 'weekday', form: short(DAYS) }],
  ['EEEE', { name: 'weekday', form: DAYS.join('|') }],
  ['H', { name: 'hour', form: '1\\d|2[0-3]|0?\\d' }],
  ['HH', { name: 'hour', form: '[01]\\d|2[0-3]' }],
  ['h', { name: 'halfHour', form: '1[0-2]|0?[1-9]' }],
  ['hh', { name: 'halfHour', form: '1[0-2]|0[1-9]' }],
  ['a', { name: 'half', form: '[AaPp][Mm]' }],
  ['m', { name: 'minute', form: '[1-5]\\d|0?\\d' }],
  ['mm', { name: 'minute', form: '[0-5]\\d' }],
  ['s', { name: 'second', form: '[1-5]\\d|0?\\d' }],
  ['ss', { name: 'second', form: '[0-5]\\d' }],
  ...['X', 'XX', 'XXX', 'x', 'xx', 'xxx'].map(
    (letters) => [letters, { name: 'offset', form: OFFSET }] as const,
  ),
  ...Array.from(
    { length: 9 },
    (_, i) => ['S'.repeat(i + 1), { name: 'fraction', form: `\\d{${i + 1}}` }] as const,
  ),
]);

/** Quoted text, a run of one letter, or other characters. */
const TOKEN = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'/g;

/** What is wrong with a pattern, in words of the definition; null if nothing is. */
export function findPatternFlaw(
  pattern: string,
  kind: 'date' | 'date-time',
  hasZone: boolean,
): string | null {
  const names: string[] = [];
  for (const [token, quoted, letter] of pattern.matchAll(TOKEN)) {
    if (token === "'") return '`x-format` has a quote without its end';
    if (quoted !== undefined || letter === undefined) continue;
    const field = FIELDS.get(token);
    if (field === undefined) {
      return `\`x-format\` must be iso, epoch, epoch_ms, or a pattern of ${[...FIELDS.keys()].slice(0, 18).join(' ')} S X`;
    }
    if (names.includes(field.name)) return '`x-format` has a part twice';
    names.push(field.name);
  }
  return findMissing(new Set(names), kind, hasZone);
}

function findMissing(
  names: ReadonlySet<string>,
  kind: 'date' | 'date-time',
  hasZone: boolean,
): string | null {
  const hasMonth = names.has('month') !== names.has('monthName');
  if (!names.has('year') || !hasMonth || !names.has('day'))
    return '`x-format` must have a year, a month and a day';
  const isHalf = names.has('halfHour') && names.has('half') && !names.has('hour');
  const hasHour = isHalf || (names.has('hour') && !names.has('halfHour') && !names.has('half'));
  const hasTime = ['hour', 'halfHour', 'half', 'minute', 'second', 'fraction', 'offset'].some((name) =>
    names.has(name),
  );
  if (kind === 'date') return hasTime || hasZone ? '`format: date` has no time and no zone' : null;
  if (!hasHour) return '`x-format` must have an hour: HH, or hh and a';
  if (names.has('offset') && hasZone) return '`x-format` has a zone, so `x-timezone` is not used';
  return names.has('offset') || hasZone ? null : '`x-format` has no zone: add X to it, or `x-timezone`';
}

/** Compiles a pattern without a flaw. */
export function compilePattern(pattern: string): (text: string) => Reading | null {
  const parts = [...pattern.matchAll(TOKEN)].map(([token, quoted]) => {
    if (quoted !== undefined) return escape(quoted === '' ? "'" : quoted.replaceAll("''", "'"));
    const field = FIELDS.get(token);
    return field === undefined ? escape(token) : `(?<${field.name}>${field.form})`;
  });
  const form = new RegExp(`^${parts.join('')}$`, 'u');
  const hasTime = /\(\?<(?:hour|halfHour)>/.test(form.source);
  return (text) => {
    const found = form.exec(text)?.groups;
    return found === undefined ? null : readGroups(found, hasTime);
  };
}

function readGroups(found: Readonly<Record<string, string | undefined>>, hasTime: boolean): Reading | null {
  const { year, month, monthName, day, hour, halfHour, half, minute = '0', second = '0' } = found;
  const { fraction = '', offset } = found;
  const byName = MONTHS.findIndex((name) => name.slice(0, 3) === monthName?.slice(0, 3)) + 1;
  const date = { year: Number(year), month: month === undefined ? byName : Number(month), day: Number(day) };
  const offsetMs = offset === undefined ? null : readOffset(offset);
  if (Number.isNaN(offsetMs)) return null;
  if (!hasTime) return { ...date, time: null, fraction, offsetMs };
  const afternoon = half?.toLowerCase() === 'pm' ? 12 : 0;
  const hours = hour === undefined ? (Number(halfHour) % 12) + afternoon : Number(hour);
  const time = { hour: hours, minute: Number(minute), second: Number(second) };
  return { ...date, time, fraction, offsetMs };
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
