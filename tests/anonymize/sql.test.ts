import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkWords } from '../../src/anonymize/expression.js';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import type { ColumnType, Leaf } from '../../src/base/types/definition.js';
import { Bench, leafOf } from './bench.js';

const SHAPE = "regexp_full_match(value, '[A-Z]{2}')";
const sql = TREATMENTS.get('sql');

/** What the loader says of a column: of its words first, then of its tree and types. */
async function judge(
  given: Readonly<Record<string, unknown>>,
  leaf: Leaf = leafOf('country'),
  isReviewed = false,
): Promise<string | null> {
  const read = sql?.params.safeParse({ shape: SHAPE, ...given });
  if (read === undefined) throw new Error('there is no treatment sql');
  if (!read.success) return read.error.issues.map(({ message }) => message).join('; ');
  const objection = (await sql?.examine([leaf], read.data, isReviewed)) ?? null;
  return objection === null ? null : `${objection.parameter}: ${objection.why}`;
}

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => {
  bench.close();
});

describe('an expression is refused if it', () => {
  test.each<[string, string, RegExp]>([
    ['does not use the value', "'DE'", /does not use `value`/],
    ['names another column', 'upper(email)', /`email` is not known/],
    ['qualifies a name', 'value.x', /begins with `\.`/],
    ['quotes a name', 'upper("value")', /begins with `"`/],
    ['is a query', '(select value)', /`select` is not known/],
    ['reads from somewhere', 'value from lake', /`from` is not known/],
    ['has a subquery', "value in (select 'a')", /`select` is not known/],
    ['has a parameter', 'value || $key_token_person_inner', /begins with `\$`/],
    ['has a positional parameter', 'value || ?', /begins with `\?`/],
    ['has a comment', 'value -- upper', /begins with `-`/],
    ['has a comment within', 'value /* x */', /begins with `\/`|one expression/],
    ['is two statements', 'value; value', /begins with `;`/],
    ['is two expressions', 'value), (value', /parentheses do not match/],
    ['closes what it did not open', 'upper(value)) || (lower(value)', /parentheses do not match/],
    ['is a row', '(value, value)', /`row` is not a supported function/],
    ['has a star', 'coalesce(*, value)', /holds a star|not one expression/],
    ['has a lambda', "coalesce(value, x -> 'a')", /`x` is not known/],
    ['has a window', 'upper(value) over ()', /`over` is not a supported function/],
    ['filters', 'upper(value) filter (true)', /`filter` is not a supported function/],
    ['indexes', 'value[1]', /begins with `\[`/],
    ['has another string form', "value || E'\\n'", /`E` is not known/],
    ['has an open string', "value || '", /begins with `'`/],
    ['has a dollar string', 'value || $$x$$', /begins with `\$`/],
    ['names a setting', 'getenv(value)', /`getenv` is not a supported function/],
    ['reads a file', 'read_text(value)', /`read_text` is not a supported function/],
    ['calls the clock', 'value || now()', /`now` is not a supported function/],
    ['calls the clock by a keyword', 'value || current_date', /`current_date` is not known/],
    ['calls chance', 'value || random()', /`random` is not a supported function/],
    ['hashes without a key', 'sha256(value)', /`sha256` is not a supported function/],
    ['encodes', 'base64(value)', /`base64` is not a supported function/],
    ['grows', 'repeat(value, 1000)', /`repeat` is not a supported function/],
    ['grows to a width', "rpad(value, 100000, 'x')", /`rpad` is not a supported function/],
    ['aggregates', 'max(value)', /`max` is not a supported function/],
    ['casts to what may not be used', 'cast(value as json)', /`json` is not known/],
    ['sets a collation', 'value collate nocase', /`collate` is not known/],
    ['is not SQL', 'value value', /not one expression/],
    ['is not whole', 'upper(value', /parentheses do not match/],
    ['is not a whole case', "case when value = 'a' then 'b'", /not one expression/],
    ['does not fit the type of the leaf', 'abs(value)', /do not fit/],
    ['gives another type', 'length(value)', /gives BIGINT, not VARCHAR/],
    ['is long', `value${" || 'x'".repeat(100)}`, /500 characters at most/],
  ])('%s', async (_, expression, says) => {
    expect(await judge({ expression })).toMatch(says);
  });

  test('is met in the parameters of a manifest', () => {
    const read = sql?.params.safeParse({
      expression: 'value',
      shape: "read_text('x') = value",
      type: 'string',
    });
    expect(read?.success).toBe(false);
  });

  test.each([
    'read_text',
    'select',
    'random',
    'getenv',
    'current_setting',
    'pragma',
    'copy',
    'attach',
    'from',
    'x',
  ])('says %s anywhere, however it is written', (word) => {
    fc.assert(
      fc.property(fc.constantFrom(' ', '\n', '(', ' (', '+', '::', '/'), fc.boolean(), (before, isUpper) => {
        const text = `value ${before}${isUpper ? word.toUpperCase() : word}(value)`;
        expect(checkWords(text)).not.toBeNull();
      }),
    );
  });
});

describe('a shape is refused if it', () => {
  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['is no condition', { shape: 'upper(value)' }, /shape: it gives VARCHAR, not BOOLEAN/],
    ['is a text that calls itself a condition', { shape: "value = 'q') || (''" }, /parentheses do not match/],
    ['is the same for all', { shape: 'true' }, /does not use `value`/],
    ['lets anything through', { shape: 'value is not null' }, /shape: it lets an address/],
    ['lets a phone number through', { shape: "regexp_matches(value, '^[0-9+]*$')" }, /shape: it lets/],
    [
      'lets any number through',
      { expression: 'length(value)', type: 'integer', shape: 'value >= 0' },
      /shape: it lets/,
    ],
    ['fails for what it should refuse', { shape: 'cast(value as bigint) < 10' }, /shape: it fails/],
  ])('%s', async (_, given, says) => {
    expect(await judge({ expression: 'upper(value)', ...given })).toMatch(says);
  });

  test('lets anything through, but not if a reviewer says why', async () => {
    const given = { expression: 'upper(value)', shape: 'value is not null' };
    expect(await judge(given, leafOf('x'), true)).toBeNull();
    expect(await judge({ ...given, shape: 'cast(value as bigint) < 10' }, leafOf('x'), true)).toMatch(
      /it fails/,
    );
  });
});

describe('an expression is taken, and treats', () => {
  test.each<[string, ColumnType, Readonly<Record<string, unknown>>, string | number, unknown]>([
    ['a text', 'VARCHAR', { expression: 'upper(left(trim(value), 2))' }, ' de-BE', 'DE'],
    [
      'by cases',
      'VARCHAR',
      {
        expression: "case when value like 'a%' or value in ('b', 'c') then 'it''s' else 'no' end",
        shape: "value in ('it''s', 'no')",
      },
      'c',
      "it's",
    ],
    [
      'an integer',
      'BIGINT',
      { expression: 'value // 1000 * 1000', type: 'integer', shape: 'value % 1000 = 0 and value < 1000000' },
      123_456,
      '123000',
    ],
    [
      'by a pattern',
      'VARCHAR',
      { expression: "regexp_replace(value, '^\\s*(\\w\\w).*', '\\1')" },
      ' DE-1',
      'DE',
    ],
    [
      'a date',
      'DATE',
      { expression: "date_trunc('week', value)::date", type: 'date', shape: 'dayofweek(value) = 1' },
      '2026-11-20',
      '2026-11-16',
    ],
    [
      'a moment',
      'TIMESTAMPTZ',
      { expression: 'hour(value)', type: 'integer', shape: 'value between 0 and 23' },
      '2026-11-20T23:30:00+02:00',
      '21',
    ],
    [
      'to true and false',
      'DOUBLE',
      { expression: 'value >= 0.5', type: 'boolean', shape: 'value is not null' },
      0.25,
      false,
    ],
    [
      'money',
      'DECIMAL(18,2)',
      {
        expression: 'round(value::double, -2)',
        type: 'number',
        shape: 'value = round(value, -2) and abs(value) < 1000000',
      },
      '1234.56',
      1_200,
    ],
    [
      'and may give null',
      'VARCHAR',
      { expression: 'nullif(try_cast(value as bigint), 0)', type: 'integer', shape: 'value between 1 and 9' },
      'x',
      null,
    ],
  ])('%s', async (_, type, given, value, wanted) => {
    const leaf = leafOf('value of', { type });
    expect(await judge(given, leaf)).toBeNull();
    const subject = { treatment: 'sql', params: { shape: SHAPE, ...given }, leaves: [leaf] };
    const [treated, nothing] = await bench.treat(subject, [[value], [null]]);
    expect(treated?.value).toEqual(wanted);
    expect(treated?.hasShape).toBe(wanted !== null);
    expect(nothing?.value).toBeNull();
  });

  test('null to null, even where it would make something of it', async () => {
    const params = { expression: "coalesce(value, 'ZZ')", shape: SHAPE };
    const [treated] = await bench.treat({ treatment: 'sql', params, leaves: [leafOf('x')] }, [[null]]);
    expect(treated?.value).toBeNull();
  });
});
