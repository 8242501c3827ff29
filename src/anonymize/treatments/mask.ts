import { getCountries, getCountryCallingCode } from 'libphonenumber-js/min';
import { z } from 'zod';
import type { Dialect } from '../dialect.js';
import { defineTreatment, onlyInput } from '../treatment.js';

/** Every calling code (ITU-T E.164), longest first, so that `+1` does not hide a longer one. */
const codes = [...new Set(getCountries().map((country) => getCountryCallingCode(country)))].sort(
  (a, b) => b.length - a.length || a.localeCompare(b, 'en'),
);

/** A pattern of a plus sign and a calling code. */
const CALLING_CODE = `\\+(?:${codes.join('|')})`;

const MARKS = '*****';
const PHONE_SHAPE = `^(${CALLING_CODE})?\\*{5}$`;

const params = z.strictObject({
  keep_first: z.int().min(0).max(16).default(0).describe('graphemes kept at the start'),
  keep_last: z.int().min(0).max(16).default(0).describe('graphemes kept at the end'),
  keep_country: z.boolean().default(false).describe('keep the calling code of a phone number'),
});

/** Five stars, whatever the length. Characters at the ends are kept, at most a third of the value. */
export const mask = defineTreatment({
  name: 'mask',
  isBlind: true,
  keeps: 'never',
  isToken: false,
  neverKey: false,
  params,
  isClosed: ({ keep_first, keep_last }) => keep_first + keep_last === 0,
  accepts: (type) => type === 'VARCHAR',
  outputType: () => 'VARCHAR',
  objection: (_leaves, given) => {
    const { keep_first, keep_last, keep_country } = given;
    return keep_country && keep_first + keep_last > 0
      ? { kind: 'refuse', why: 'keep_country cannot be combined with keep_first or keep_last' }
      : null;
  },
  sql: (dialect, inputs, given, bind) => {
    const { keep_first, keep_last, keep_country } = given;
    const { sql } = onlyInput(inputs);
    return keep_country
      ? maskPhone(dialect, sql, bind.constant('calling_code', `^${CALLING_CODE}`))
      : maskEnds(dialect, sql, keep_first, keep_last);
  },
  shape: (dialect, column, given) => {
    const { keep_first, keep_last, keep_country } = given;
    if (keep_country) return dialect.matches(column, PHONE_SHAPE);
    return endsShape(dialect, column, keep_first, keep_last);
  },
  reveals: (given) => {
    const { keep_first, keep_last, keep_country } = given;
    if (keep_country) return 'the calling code';
    return keep_first + keep_last > 0 ? 'the ends' : 'that there was one';
  },
});

/**
 * Kept: a third of the graphemes at most, none of fewer than six. A star among them becomes `_`, so that the marks are
 * the only stars and the shape can tell the ends from them.
 */
function maskEnds(dialect: Dialect, sql: string, first: number, last: number): string {
  if (first + last === 0) return `case when ${sql} is not null then ${dialect.text(MARKS)} end`;
  const length = dialect.graphemes(sql);
  const budget = `(case when ${length} < 6 then 0 else ${length} // 3 end)`;
  const head = `least(${first}, ${budget})`;
  const tail = `least(${last}, ${budget} - ${head})`;
  const [start, end] = [dialect.first(sql, head), dialect.last(sql, tail)].map((kept) =>
    dialect.replaceAll(kept, '\\*', '_'),
  );
  return `${start} || ${dialect.text(MARKS)} || ${end}`;
}

function endsShape(dialect: Dialect, column: string, first: number, last: number): string {
  if (first + last === 0) return `${column} = ${dialect.text(MARKS)}`;
  const [head, tail] = [dialect.capture(column, '^([^*]*)\\*'), dialect.capture(column, '\\*([^*]*)$')];
  return [
    dialect.matches(column, '^[^*]*\\*{5}[^*]*$'),
    `${dialect.graphemes(head)} <= ${first}`,
    `${dialect.graphemes(tail)} <= ${last}`,
  ].join(' and ');
}

function maskPhone(dialect: Dialect, sql: string, pattern: string): string {
  const code = dialect.extract(sql, pattern);
  const fits = `${dialect.graphemes(sql)} >= 3 * length(${code}) and ${dialect.graphemes(sql)} >= 6`;
  return `case when ${sql} is not null then (case when ${fits} then ${code} else '' end) || ${dialect.text(MARKS)} end`;
}
