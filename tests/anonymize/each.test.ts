import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compilePolicy } from '../../src/anonymize/compile-policy.js';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import { elementTypeOf } from '../../src/base/types/definition.js';
import { Bench, columnOf, datasetOf, KEY } from './bench.js';
import type { Case } from './case.js';
import { CASES } from './cases.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => {
  bench.close();
});

/** Treatments of one value; what follows the first leaf is a subject. */
const SINGLE = CASES.filter(({ treatment, leaves }) => {
  const { inputs, leafParameter } = TREATMENTS.get(treatment) ?? {};
  return inputs?.min === 1 && (leaves.length === 1 || leafParameter !== undefined);
});

/** The policy of a column that treats each element of a list of the first leaf. */
function eachOf({ treatment, params = {}, leaves, part = null }: Case) {
  const column = columnOf('treated', leaves, treatment, params, part);
  const [first, ...others] = column.from;
  if (first === undefined) throw new Error('a case without a leaf');
  const from = [{ ...first, many: 'list' as const }, ...others];
  return compilePolicy(
    datasetOf([{ ...column, from, each: true, type: `${elementTypeOf(column.type)}[]` }]),
    KEY.id,
  );
}

test('all but the treatments of several leaves are under test', () => {
  const single = [...TREATMENTS.values()].filter(({ inputs }) => inputs.min === 1).map(({ name }) => name);
  expect(new Set(SINGLE.map(({ treatment }) => treatment))).toEqual(new Set(single));
});

describe.each(SINGLE)('each: $treatment: $kind', (subject) => {
  test('is the treatment of each element, with its shape', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(subject.rows, { minLength: 1, maxLength: 40 }), async (rows) => {
        const [, ...others] = rows[0] ?? [];
        const values = [...rows.map(([value = null]) => value), null];
        const alone = await bench.treat(
          subject,
          values.map((value) => [value, ...others]),
        );
        const [list, none, empty] = await bench.run(eachOf(subject), [
          [values, ...others],
          [null, ...others],
          [[], ...others],
        ]);
        expect(list?.value).toEqual(alone.map(({ value }) => value));
        expect([none?.value, empty?.value]).toEqual([null, []]);
        expect([list?.hasShape, none?.hasShape, empty?.hasShape]).toEqual([true, true, true]);
      }),
      { numRuns: 4, seed: 20261120 },
    );
  });
});
