import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { compilePolicy } from '../../src/anonymize/compile-policy.js';
import type { LandingColumn } from '../../src/base/types/definition.js';
import { Bench, columnOf, datasetOf, leafOf, textOf } from './bench.js';
import { CASES } from './cases.js';

const PARTS = ['first_word', 'last_word'] as const satisfies readonly LandingColumn['part'][];
const SPACES = /[\t-\r\p{Z}\ufeff]/gu;

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => {
  bench.close();
});

/** What a part is, seen through a treatment that changes nothing. */
async function wordsOf(text: string | null): Promise<unknown[]> {
  const words = [];
  for (const part of PARTS) {
    const [treated] = await bench.treat({ treatment: 'keep', leaves: [leafOf('name')], part }, [[text]]);
    words.push(treated?.value);
  }
  return words;
}

describe('the first and the last word', () => {
  it.each([
    ['Leanne Graham', 'Leanne', 'Graham'],
    ['Mrs. Dennis Schulist', 'Mrs.', 'Schulist'],
    ['  Anne\u00a0Marie\u2003O’Brien-Łukasiewicz\n', 'Anne', 'O’Brien-Łukasiewicz'],
    ['x y', 'x', 'y'],
    ['Ana Ana', 'Ana', 'Ana'],
    ['山田\u3000太郎', '山田', '太郎'],
    ['\ufeffZoë\tv', 'Zoë', 'v'],
    ['👩‍👩‍👧‍👦 e\u0301', '👩‍👩‍👧‍👦', 'e\u0301'],
    // One word lands once.
    ['Madonna', 'Madonna', null],
    [' Madonna ', 'Madonna', null],
    ['', null, null],
    [' \u2003\t', null, null],
    [null, null, null],
  ])('of %j are %j and %j', async (text, first, last) => {
    expect(await wordsOf(text)).toEqual([first, last]);
  });
});

/** Treatments of one text, which is what a part is taken of; a flag is of a whole value, and says something of null. */
const OF_TEXT = CASES.filter(
  ({ leaves, treatment }) => leaves.length === 1 && leaves[0]?.type === 'VARCHAR' && treatment !== 'flag',
);
const RUNS = { numRuns: 4, seed: 20261120 };

describe.each(OF_TEXT)('$treatment: $kind, of a part', ({ rows, ...subject }) => {
  const leaves = subject.leaves.map((leaf) => ({ ...leaf, bound: null }));
  const words = rows.map(([text = null]) => textOf(text).replace(SPACES, '')).filter((word) => word !== '');
  const pairs = fc.array(fc.tuple(words, words), { minLength: 1, maxLength: 200, size: 'max' });

  test.each(PARTS)('treats the %s as if nothing stood beside it', async (part) => {
    await fc.assert(
      fc.asyncProperty(pairs, async (given) => {
        const names = given.map(([first, last]) => [` ${first} M.\u00a0${last}`]);
        const alone = given.map(([first, last]) => [part === 'first_word' ? first : last]);
        const whole = { ...subject, leaves };
        const treated = await bench.treat({ ...whole, part }, names);
        expect(treated).toEqual(await bench.treat(whole, alone));
        expect(treated.filter(({ hasShape }) => !hasShape)).toEqual([]);
      }),
      RUNS,
    );
  });

  test('has nothing to treat where there is no such word', async () => {
    const subjects = PARTS.map((part) => ({ ...subject, leaves, part }));
    const treated = await Promise.all(subjects.map((one) => bench.treat(one, [[null], [' \u2003'], ['']])));
    expect(treated.flat().map(({ value }) => value)).toEqual([null, null, null, null, null, null]);
    const [lastOfOne] = await bench.treat({ ...subject, leaves, part: 'last_word' }, [['Madonna']]);
    expect(lastOfOne?.value).toBeNull();
  });
});

describe('a policy with parts', () => {
  const name = leafOf('name');
  const part = leafOf('name', { bound: null });
  const policyOf = (...parts: readonly LandingColumn['part'][]) => {
    const columns = parts.map((of, i) => columnOf(`c${String(i)}`, [part], 'redact', {}, of));
    return compilePolicy(datasetOf([columnOf('whole', [name], 'redact'), ...columns]), 'k1');
  };

  it('reads a leaf once, whatever is taken of it', () => {
    const { leaves, select } = policyOf(...PARTS);
    expect(leaves.map(({ path }) => path)).toEqual(['name']);
    expect(select.match(/unnest\(checked\."name"\)/g)).toHaveLength(1);
  });

  it('is another decision for another part', () => {
    const digests = [null, ...PARTS].map((of) => policyOf(of).sha256);
    expect(new Set(digests).size).toBe(3);
  });
});
