import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contractOf, objectOf } from './contract-of.js';
import { addressOf, personOf, PERSONS } from './persons.js';
import { checkPages, columnsOf } from './run-check.js';

const CANARY = 'kanarie';
const LOOSE = contractOf(
  objectOf({
    text: { type: ['string', 'null'], maxLength: 50 },
    number: { type: 'number' },
    choice: { enum: ['a', 'b'], 'x-on-invalid': 'set_null' },
    below: objectOf({ text: { type: 'string', maxLength: 50 }, whole: { type: 'integer' } }),
  }),
);
const STRICT = contractOf(PERSONS);

/** Any JSON, as a parser gives it: `__proto__` and the like are own keys. */
const anything = fc.json({ stringUnit: 'binary' }).map((text) => JSON.parse(text) as unknown);

const field = fc.oneof(anything, fc.constantFrom('a', 'b', 1, 1.5, null, '\ud800', '\u0000', 1e300, CANARY));
const likely = fc.record(
  {
    text: field,
    number: field,
    choice: field,
    below: fc.oneof(field, fc.record({ text: field, whole: field, hidden: field }, { requiredKeys: [] })),
    hidden: fc.constant(CANARY),
    [CANARY]: fc.constant(1),
  },
  { requiredKeys: [] },
);
const somePages = fc.array(fc.array(fc.oneof(likely, anything), { maxLength: 30 }), { maxLength: 4 });

describe('whatever the records are', () => {
  test.each([
    ['a loose contract', LOOSE],
    ['a strict one', STRICT],
  ])('counts add up and columns are whole under %s', (_, definition) => {
    fc.assert(
      fc.property(somePages, (records) => {
        const { pages, result } = checkPages(definition, records);
        expect(result.fetched).toBe(records.flat().length);
        expect(result.fetched).toBe(result.accepted + result.rejected);
        expect(result.rejects.reduce((sum, { count }) => sum + count, 0)).toBe(result.rejected);
        for (const [at, page] of pages.entries()) {
          const columns = columnsOf(page);
          expect(Object.keys(columns)).toEqual(['page', 'position', ...definition.leaves.keys()]);
          for (const column of Object.values(columns)) expect(column).toHaveLength(page.accepted);
          const positions = [...(columns['position'] ?? []), ...page.rejects.map(({ position }) => position)];
          expect(new Set(positions).size).toBe(records[at]?.length);
        }
      }),
      { numRuns: 80, seed: 20261120 },
    );
  });

  test('a value is in the columns exactly as it was sent, or null', () => {
    fc.assert(
      fc.property(fc.array(likely, { maxLength: 30 }), (records) => {
        const columns = columnsOf(checkPages(LOOSE, [records]).pages[0]);
        for (const [row, position] of (columns['position'] ?? []).entries()) {
          const record = records[Number(position)];
          expect(columns['text']?.[row]).toEqual(record?.text === false ? null : (record?.text ?? null));
          expect(columns['number']?.[row]).toEqual(record?.number ?? null);
          expect([record?.choice, null]).toContainEqual(columns['choice']?.[row]);
        }
      }),
      { numRuns: 80, seed: 20261120 },
    );
  });

  test('columns hold scalars of the declared types only, and text that is well formed', () => {
    fc.assert(
      fc.property(somePages, (records) => {
        for (const page of checkPages(LOOSE, records).pages) {
          const columns = columnsOf(page);
          expect(page.columns).not.toMatch(/\\u0000|\\ud[89a-f]/);
          expect(columns['choice']?.every((value) => ['a', 'b', null].includes(value as string))).toBe(true);
          expect(columns['number']?.every((value) => value === null || Number.isFinite(value))).toBe(true);
          expect(columns['text']?.every((value) => value === null || typeof value === 'string')).toBe(true);
        }
      }),
      { numRuns: 80, seed: 20261120 },
    );
  });
});

describe('reasons and drift', () => {
  const spots = [
    'id',
    'firstname',
    'email',
    'birthday',
    'gender',
    'address',
    'address.city',
    'address.latitude',
  ];
  const shapes = [CANARY, { [CANARY]: 1 }, [CANARY], `${CANARY}\ud800`, `${CANARY}@x@`];

  test.each(spots)('carry no value that stands at %s', (spot) => {
    const [first = '', second] = spot.split('.');
    const people = shapes.map((value, at) => {
      if (second !== undefined) return { ...personOf(at), address: { ...addressOf(), [second]: value } };
      return { ...personOf(at), [first]: value };
    });
    const { pages, result } = checkPages(STRICT, [people], ['gender']);
    const told = JSON.stringify([result, pages.map(({ rejects }) => rejects)]);
    expect(told).not.toMatch(new RegExp(CANARY, 'i'));
    expect(result.drift.length).toBeGreaterThan(0);
  });

  test('carry no key of a record', () => {
    const people = [{ [CANARY]: 1 }, { ...personOf(1), [CANARY]: 1, address: { [CANARY]: { [CANARY]: 1 } } }];
    const { pages, result } = checkPages(STRICT, [people]);
    expect(JSON.stringify([result, pages])).not.toContain(CANARY);
    expect(result.undeclaredRecords).toBe(2);
  });
});
