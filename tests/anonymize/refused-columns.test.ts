import { describe, expect, test } from 'vitest';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import { LakeveilError } from '../../src/base/errors.js';
import type { DatasetDefinition } from '../../src/base/types/definition.js';
import { loadDefinition } from '../../src/definition/load-definition.js';

const LEAVES = ['holder', 'day', 'born', 'dateOfBirth', 'birth.on', 'fecha_nac', 'sex', 'age', 'score'];

/** A page in which one column is under test, and what stands after the landing list. */
function load(column: string, rest = ''): DatasetDefinition {
  const found = /from: ([\w.]+)/.exec(column)?.[1] ?? '';
  const text = `pipeline: cards
source: { base_url: https://api.example.org }
datasets:
  cards:
    time: snapshot
    request: { path: /cards, records: '' }
    contract:
      schema:
        type: object
        required: [card]
        properties:
          card: { type: string, maxLength: 20, x-pii: direct }
          holder: { type: string, x-pii: direct, x-on-invalid: set_null }
          day: { type: string, format: date, x-pii: quasi }
          born: { type: string, format: date, x-pii: quasi }
          dateOfBirth: { type: string, format: date, x-pii: quasi }
          birth: { type: object, properties: { on: { type: string, format: date, x-pii: quasi } } }
          fecha_nac: { type: string, format: date, x-pii: quasi }
          sex: { enum: [f, m], x-pii: quasi }
          age: { type: integer, minimum: 0, maximum: 150, x-pii: quasi }
          score: { type: number, x-pii: quasi }
    landing:
      x: ${column}
      token: { from: [card], treat: token, scope: card }
    drop: [${LEAVES.filter((leaf) => leaf !== found).join(', ')}]
${rest}`;
  const page = { file: 'pipelines/cards.yaml', text, treatments: TREATMENTS };
  const dataset = loadDefinition({ ...page, variables: new Map(), places: 'nowhere' }).datasets.get('cards');
  if (dataset === undefined) throw new Error('there is no dataset cards');
  return dataset;
}

function refusalOf(column: string, rest?: string): LakeveilError {
  try {
    load(column, rest);
  } catch (error) {
    if (error instanceof LakeveilError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const BUCKET = 'from: age, treat: bucket';
const SQL = `treat: sql, expression: upper(value), shape: "value in ('F', 'M')"`;
const SHIFT = 'treat: shift_date, subject: card';

describe('a column is refused', () => {
  test.each<[string, string, RegExp, string?]>([
    ['bucket without a width', `{ ${BUCKET}, min: 0, max: 90 }`, /`width` is missing/],
    ['bucket of width 0', `{ ${BUCKET}, min: 0, max: 90, width: 0 }`, /`width` must be/],
    ['bucket upside down', `{ ${BUCKET}, min: 90, max: 0, width: 10 }`, /`max` is not above `min`/],
    ['bucket with a rest', `{ ${BUCKET}, min: 0, max: 95, width: 10 }`, /not whole widths/],
    ['bucket with too many', `{ ${BUCKET}, min: 0, max: 9990, width: 10 }`, /more than 1000 ranges/],
    ['bucket with fine bounds', `{ ${BUCKET}, min: 0, max: 1, width: 0.0000001 }`, /more than 6 decimals/],
    ['bucket of single numbers', `{ ${BUCKET}, min: 0, max: 90, width: 1 }`, /is the value itself/],
    ['bucket of text', '{ from: card, treat: bucket, min: 0, max: 90, width: 10 }', /does not support card/],
    ['fake without a list', '{ from: card, treat: fake }', /either `kind` or `values`/],
    [
      'fake of a list that is not there',
      '{ from: card, treat: fake, kind: pet }',
      /must be one of first_name/,
    ],
    [
      'fake of a short list',
      '{ from: card, treat: fake, values: [a, b] }',
      /`values` must be a list with a length from 20/,
    ],
    [
      'fake of a list with two alike',
      `{ from: card, treat: fake, values: [${Array.from({ length: 20 }, (_, i) => (i < 19 ? `v${i}` : 'V7')).join(', ')}] }`,
      /met twice/,
    ],
    ['fake of few values', '{ from: sex, treat: fake, kind: city }', /frequencies reveal the values/],
    [
      'fake as a key',
      '{ from: card, treat: fake, kind: city }',
      /column x uses fake, which gives several values the same output/,
      '    primary_key: [x]\n',
    ],
    [
      'fake as what a reference points at',
      '{ from: card, treat: fake, kind: city }',
      /one of its columns uses fake/,
      '    checks: [{ check: references, severity: warn, column: token, to: cards.x }]\n',
    ],
    [
      'fake as what a reference points from',
      '{ from: card, treat: fake, kind: city }',
      /one of its columns uses fake/,
      '    checks: [{ check: references, severity: warn, column: x, to: cards.token }]\n',
    ],
    ['a short shift', `{ from: day, ${SHIFT}, days: 179 }`, /`days` must be a number from 180/],
    ['a shift of nobody', '{ from: day, treat: shift_date, days: 180 }', /`subject` is missing/],
    [
      'a shift of a leaf that is not there',
      '{ from: day, treat: shift_date, subject: crad, days: 180 }',
      /unknown leaf/,
    ],
    [
      'a shift by itself',
      '{ from: day, treat: shift_date, subject: [card, day], days: 180 }',
      /duplicate leaf/,
    ],
    [
      'a shift by what may lack',
      '{ from: day, treat: shift_date, subject: sex, days: 180 }',
      /can have no subject/,
    ],
    [
      'a shift by what may be set to null',
      '{ from: day, treat: shift_date, subject: [card, holder], days: 180 }',
      /holder is part of the subject of x/,
    ],
    ['a shifted birth date', `{ from: born, ${SHIFT}, days: 180, reviewed: no }`, /born is a birth date/],
    ['sql of a direct leaf', `{ from: card, ${SQL} }`, /card is direct and would be kept/],
    ['sql of what nothing bounds', `{ from: score, ${SQL} }`, /score would be kept, but it has no bound/],
    ['sql without a shape', '{ from: sex, treat: sql, expression: upper(value) }', /`shape` is missing/],
    [
      'sql with a function that may not be used',
      "{ from: sex, treat: sql, expression: md5(value), shape: value = 'F' }",
      /`expression` must be an SQL expression of `value`: `md5` is not a supported function/,
    ],
    ['a shifted birth.on', `{ from: birth.on, ${SHIFT}, days: 180 }`, /birth.on is a birth date/],
    ['a shifted fecha_nac', `{ from: fecha_nac, ${SHIFT}, days: 180 }`, /fecha_nac is a birth date/],
    ['a shifted dateOfBirth', `{ from: dateOfBirth, ${SHIFT}, days: 180 }`, /dateOfBirth is a birth date/],
  ])('%s', (_, column, says, rest) => {
    const error = refusalOf(column, rest);
    expect(error.message).toMatch(says);
    expect([error.code, error.exit]).toEqual(['E_DEFINITION', 2]);
    expect(error.where.line).toBeGreaterThan(0);
  });
});

describe('a column is taken', () => {
  test.each<[string, string, Readonly<Record<string, unknown>>]>([
    [
      'bucket',
      `{ ${BUCKET}, min: 0, max: 90, width: 10 }`,
      { class: 'quasi', type: 'VARCHAR', params: { min: 0, max: 90, width: 10 } },
    ],
    ['fake', '{ from: card, treat: fake, kind: city }', { class: 'direct', params: { kind: 'city' } }],
    [
      'shift_date, which reads its subject and has the class of its date',
      `{ from: day, ${SHIFT}, days: 180 }`,
      { class: 'quasi', type: 'DATE', params: { subject: 'card', days: 180, scope: 'subject' } },
    ],
    ['sql', `{ from: sex, ${SQL} }`, { class: 'quasi', type: 'VARCHAR', reviewed: null }],
    ['sql of a direct leaf, reviewed', `{ from: card, ${SQL}, reviewed: no }`, { reviewed: 'no' }],
  ])('%s', (_, column, wanted) => {
    expect(load(column).landing[0]).toMatchObject(wanted);
  });
});
