import { z } from 'zod';
import { NAME } from '../../base/names.js';
import type { Leaf } from '../../base/types/definition.js';
import { tokenMessage } from '../message.js';
import { defineTreatment } from '../treatment.js';

const path = z.string().min(1);
const params = z.strictObject({
  subject: z
    .union([path, z.array(path).min(1).max(8)])
    .describe('leaves that name whose date it is; equal subjects get equal shifts'),
  days: z.int().min(180).max(3_650).describe('the longest shift either way'),
  scope: z
    .string()
    .regex(NAME)
    .default('subject')
    .describe('shifts of one scope are alike for a subject, those of two have nothing in common'),
});

/** No date of a contract lies outside of these years, and no shift is longer than ten. */
const FIRST = '-0011-01-01';
const LAST = '10011-01-01';

/**
 * The date, 1 to `days` days earlier or later, never 0, by an HMAC of the subject. All dates of a subject move by the same
 * number of days, so the intervals between them are kept. A timestamp becomes its date (UTC), because its time of day would reveal the shift.
 */
export const shiftDate = defineTreatment({
  name: 'shift_date',
  isBlind: false,
  keeps: 'never',
  isToken: false,
  neverKey: false,
  params,
  accepts: (type) => type === 'DATE' || type === 'TIMESTAMPTZ',
  outputType: () => 'DATE',
  leafParameter: 'subject',
  objection: ([date, ...subject]) => {
    if (date !== undefined && isBirthDate(date))
      return {
        kind: 'refuse',
        why: `${date.path} is a birth date, which reveals the age even if it is shifted`,
      };
    return subject.some(({ required }) => required)
      ? null
      : { kind: 'refuse', why: 'a record can have no subject: none of the leaves is required' };
  },
  sql: (dialect, [date, ...subject], given, bind) => {
    if (date === undefined) throw new RangeError('a treatment was compiled without an input');
    const { days, scope } = given;
    const { inner, outer } = bind.pads('shift', scope);
    const digest = dialect.hmac(tokenMessage(dialect, subject, 'text'), inner, outer);
    const place = dialect.placeOf(digest, 2 * days);
    const shift = `${place} - ${days} + ${dialect.cast(`(${place} >= ${days})`, 'integer')}`; // skips 0
    return dialect.addDays(dialect.cast(dialect.cast(date.sql, date.leaf.type), 'date'), shift);
  },
  shape: (dialect, column) =>
    `${column} between ${[FIRST, LAST].map((day) => dialect.cast(dialect.text(day), 'date')).join(' and ')}`,
  reveals: (given) => `days between the dates of a subject, and each date within ${given.days} days`,
});

/** By any name on its path: `birthday`, `birth.date`, `dob`, `born`, `geburtsdatum`, and the like in a few languages. */
function isBirthDate({ segments }: Leaf): boolean {
  return segments
    .map((segment) => segment.toLowerCase().replaceAll(/[^\p{L}]/gu, ''))
    .some((name) => BIRTH.test(name) || NAMES.has(name));
}

const BIRTH =
  /birth|geburt|naissance|nacimiento|fechanac|nascita|nascimento|datanasc|geboorte|fodelse|fødsel|urodzenia|dogum|doğum/u;

const NAMES = new Set(['bday', 'born', 'bornat', 'bornon', 'dob', 'userdob', 'geboren', 'geborenam']);
