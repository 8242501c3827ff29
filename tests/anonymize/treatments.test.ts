import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import { Bench } from './bench.js';
import { CASES } from './cases.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => {
  bench.close();
});

test('every treatment is under test', () => {
  expect(new Set(CASES.map(({ treatment }) => treatment))).toEqual(new Set(TREATMENTS.keys()));
});

/** Some hundred rows a statement, so that a few statements try a thousand. */
const RUNS = { numRuns: 6, seed: 20261120 };

describe.each(CASES)('$treatment: $kind', ({ rows, mayStay, ofNull = null, ...subject }) => {
  const many = fc.array(rows, { minLength: 1, maxLength: 300, size: 'max' });
  const nothing = subject.leaves.map(() => null);

  test('nulls have one value, values stay values, and each has the shape', async () => {
    await fc.assert(
      fc.asyncProperty(many, async (given) => {
        const treated = await bench.treat(subject, [nothing, ...given, nothing]);
        expect([treated[0]?.value, treated.at(-1)?.value]).toEqual([ofNull, ofNull]);
        const misses = treated.slice(1, -1).filter(({ value, hasShape }) => value === null || !hasShape);
        expect(misses).toEqual([]);
      }),
      RUNS,
    );
  });

  test('no value lands as it came, but what is general already', async () => {
    await fc.assert(
      fc.asyncProperty(many, async (given) => {
        const treated = await bench.treat(subject, given);
        const stayed = given.filter((row, i) => row.some((value) => value === treated[i]?.value));
        expect(stayed.filter((row) => !row.some(mayStay))).toEqual([]);
      }),
      RUNS,
    );
  });

  test('equal values are treated alike, whatever stands beside them', async () => {
    await fc.assert(
      fc.asyncProperty(many, async (given) => {
        const treated = await bench.treat(subject, [...given, nothing, ...given.toReversed()]);
        const [there, back] = [treated.slice(0, given.length), treated.slice(given.length + 1)];
        expect(back.toReversed()).toEqual(there);
      }),
      { ...RUNS, numRuns: 2 },
    );
  });
});
