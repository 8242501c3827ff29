import { compileMoment } from '../base/dates/moments.js';
import type { FoundLeaf } from './collect-leaves.js';
import type { Form } from './leaf-form.js';
import type { Kind } from './name-kinds.js';

/** How a contract reads dates and moments that are not RFC 3339. */
export interface ReadMoment {
  readonly form: 'date' | 'date-time';
  readonly schema: Readonly<Record<string, string>>;
  readonly question: string | null;
}

const DATES = [
  ...['yyyy-M-d', 'yyyy/M/d', 'yyyy.M.d', 'd.M.yyyy', 'M/d/yyyy', 'd/M/yyyy', 'M-d-yyyy', 'd-M-yyyy'],
  ...['d MMM yyyy', 'd MMMM yyyy', 'MMM d, yyyy', 'MMMM d, yyyy', 'd-MMM-yyyy'],
];
const CLOCKS = ['H:mm', 'H:mm:ss', 'h:mm a', 'h:mm:ss a'];
/** Moments with a zone, such as those of RFC 5322 and of Unix. */
const ZONED = ['EEE, d MMM yyyy HH:mm:ss X', 'EEE MMM d HH:mm:ss X yyyy'];
const LOCAL = [
  "EEE, d MMM yyyy HH:mm:ss 'GMT'",
  ...DATES.flatMap((date) => CLOCKS.map((clock) => `${date} ${clock}`)),
];

const ZONE = 'which time zone is it in? Write its name as `x-timezone`, such as Europe/Berlin.';

/**
 * Dates and moments in other forms than RFC 3339, whatever the name of the leaf; null if no form fits all values, or if
 * two forms fit that read them as different days, such as 3/4/1982.
 */
export function findWritten({ values }: Pick<FoundLeaf, 'values'>): ReadMoment | null {
  if (values.length === 0 || !values.every((value) => typeof value === 'string' && DIGIT.test(value)))
    return null;
  // What is nearly RFC 3339 is a moment only by its name.
  if (fitOne(values, 'date-time', ['iso'], 'UTC') !== null) return null;
  const date = fitOne(values, 'date', DATES, null);
  if (date !== null) return describe('date', date, {}, null);
  const zoned = fitOne(values, 'date-time', ZONED, null);
  if (zoned !== null) return describe('date-time', zoned, {}, null);
  const local = fitOne(values, 'date-time', LOCAL, 'UTC');
  if (local === null) return null;
  return describe('date-time', local, { 'x-timezone': 'UTC' }, local.includes('GMT') ? null : ZONE);
}

const DIGIT = /\d/;

function describe(
  form: ReadMoment['form'],
  format: string,
  zone: Readonly<Record<string, string>>,
  question: string | null,
): ReadMoment {
  const schema = { type: 'string', format: form, 'x-format': format, ...zone, 'x-on-invalid': 'set_null' };
  return { form, schema, question };
}

/** The first pattern that fits, if all that fit read the same. */
function fitOne(
  values: readonly unknown[],
  kind: ReadMoment['form'],
  patterns: readonly string[],
  timeZone: string | null,
): string | null {
  const read = (format: string) => values.map(compileMoment({ kind, format, timeZone }));
  const fitting = patterns
    .map((format) => ({ format, read: read(format) }))
    .filter((one) => !one.read.includes(null));
  const [first] = fitting;
  const isOne = fitting.every((one) => one.read.join() === first?.read.join());
  return first !== undefined && isOne ? first.format : null;
}

/** Epochs from 1973 to 2096. */
const SECONDS = { least: 1e8, most: 4e9 };

/** Null if the leaf is no moment by its name and values, or is written as RFC 3339 has it. */
export function findMoment({ values }: FoundLeaf, form: Form, kind: Kind | null): ReadMoment | null {
  if (kind !== 'moment') return null;
  if (form === 'integer') return findEpoch(values.map(Number));
  if (form !== 'text') return null;
  const reads = (timeZone: string | null): boolean => {
    const read = compileMoment({ kind: 'date-time', format: 'iso', timeZone });
    return values.every((value) => read(value) !== null);
  };
  const iso = { type: 'string', format: 'date-time', 'x-format': 'iso' };
  if (reads(null)) return { form: 'date-time', schema: iso, question: null };
  return reads('UTC') ? { form: 'date-time', schema: { ...iso, 'x-timezone': 'UTC' }, question: ZONE } : null;
}

function findEpoch(values: readonly number[]): ReadMoment | null {
  const fits = (factor: number): boolean =>
    values.every((value) => value >= SECONDS.least * factor && value <= SECONDS.most * factor);
  if (fits(1)) return { form: 'date-time', schema: { type: 'integer', 'x-format': 'epoch' }, question: null };
  return fits(1_000)
    ? { form: 'date-time', schema: { type: 'integer', 'x-format': 'epoch_ms' }, question: null }
    : null;
}
