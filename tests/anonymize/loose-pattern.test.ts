import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { duckdbDialect } from '../../src/anonymize/dialect.js';
import { loosenPattern } from '../../src/anonymize/loose-pattern.js';
import { Bench } from './bench.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => {
  bench.close();
});

/** Which of the texts RE2 takes under the loosened pattern, within its lengths. */
async function takes(pattern: string, texts: readonly string[]): Promise<boolean[]> {
  const { text, least, most } = loosenPattern(pattern);
  const reader = await bench.connection.runAndReadAll(
    `select ${duckdbDialect.matches('value', text)} and length(value) between ${least} and ${Math.min(most, 1e9)}
     from (select unnest(from_json($texts, '["VARCHAR"]')) as value)`,
    { texts: JSON.stringify(texts) },
  );
  return reader.getRowsJson().map(([taken]) => taken === true);
}

const ACCENT = '\u0301';
const YOUNG = '\u{323af}'; // a Han letter of Unicode 15.1

const PATTERNS = [
  "^[\\p{L}\\p{M} .'’-]{1,80}$",
  "^(?:[\\p{L}\\p{M} ,/&()'’-]|\\. |U\\.S\\.){1,20}\\.?$",
  '^\\p{Lu}\\p{Ll}{0,30}(?: \\p{Lu}\\p{Ll}{0,30})?$',
  '^[^\\p{L}\\s]{2,12}$',
  '^\\P{L}{1,12}$',
  '^[\\s\\w]+?\\s*$',
  '^\\S{1,9}\\s\\S{1,9}$',
  '^(?:a|bb|(?:c\\p{N}{1,12}){0,3})$',
  '^[\\]\\-x]{3}\\[?$',
  '^.{0,12}$',
  '^\\x41\\d{2,}$',
];

test.each(PATTERNS)('RE2 takes what JavaScript takes: %s', async (pattern) => {
  const compiled = new RegExp(pattern, 'u');
  const units = [
    'a',
    'bb',
    'c7',
    'U.S.',
    'K',
    'ö',
    'Ö',
    ACCENT,
    YOUNG,
    ' ',
    '. ',
    '.',
    '\u00a0',
    '\u2028',
    '\ufeff',
  ];
  const texts = fc.array(
    fc
      .array(fc.constantFrom(...units, 'A12', ']', '-x', '[', '\t', '\u000b', '٣', '😀', '/', '’'), {
        maxLength: 12,
        size: 'max',
      })
      .map((parts) => parts.join('')),
    { minLength: 300, maxLength: 300 },
  );
  await fc.assert(
    fc.asyncProperty(texts, async (given) => {
      const taken = await takes(pattern, given);
      expect(given.filter((text, i) => compiled.test(text) && taken[i] !== true)).toEqual([]);
    }),
    { numRuns: 5, seed: 2 },
  );
});

describe('a loosened pattern still bounds', () => {
  const city = "^(?:[\\p{L}\\p{M} ,/&()'’-]|\\. |U\\.S\\.){1,80}\\.?$";
  test.each([
    [city, ['Zürich', 'St. Louis', YOUNG], ['a@example.org', 'www.example.org', '+4930123456', '', 'x1']],
    ['^[\\p{L}]{2,10}$', ['ab', 'a'.repeat(10)], ['a', 'a'.repeat(11), 'a1']],
    ['^[A-Z]{2}$', ['DE'], ['D', 'DEU', 'de', `D${YOUNG}`]],
    ['^[0-9a-f]{32}$', ['0'.repeat(32)], ['0'.repeat(31), '0'.repeat(33)]],
    ['^(?:\\p{L}{1,20}\\d|x)$', ['ab7', 'x'], ['7', `${'a'.repeat(21)}7`, 'xx']],
  ])('%s', async (pattern, good, bad) => {
    expect(await takes(pattern, [...good, ...bad])).toEqual([
      ...good.map(() => true),
      ...bad.map(() => false),
    ]);
  });
});

test.each([
  ['^[A-Z]{2}$', 2, 2],
  ['^(?:[A-Z]{2}|\\d{3,5})$', 2, 5],
  ['^a?(?:bc){2,3}\\.?$', 4, 8],
  ['^a*$', 0, Infinity],
  ['^(?:|x{0})+$', 0, 0],
  ['^😀{3}z?$', 3, 4],
])('the lengths of %s are %i to %d', (pattern, least, most) => {
  expect(loosenPattern(pattern)).toMatchObject({ least, most });
});
