import { describe, expect, test } from 'vitest';
import { assertPatterns } from '../../src/anonymize/patterns.js';
import { datasetOf, leafOf } from './bench.js';
import { failureOf } from './rooms.js';

const datasetWith = (...patterns: (string | null)[]) => {
  const leaves = patterns.map((pattern, i) =>
    leafOf(`home.leaf_${i}`, { schema: { maxLength: 80, ...(pattern === null ? {} : { pattern }) } }),
  );
  const contract = { onUnknownField: 'discard_value', maxRejected: 0, schema: {} } as const;
  return datasetOf([], {
    contract: {
      ...contract,
      elsewhere: new Set(),
      expected: new Set(),
      leaves: new Map(leaves.map((leaf) => [leaf.path, leaf])),
    },
  });
};

describe('patterns of a contract', () => {
  test.each([
    ['none', []],
    ['leaves without one', [null]],
    ['those that RE2 takes', ['^[A-Z]{2}$', "^[\\p{L}\\p{M} .,&()'’-]{1,80}$", null, '^it\'s "5" $pattern$']],
  ])('%s pass', async (_, patterns) => {
    await expect(assertPatterns(datasetWith(...patterns))).resolves.toBeUndefined();
  });

  test.each([
    '^(?=a)a$',
    '^(a)\\1$',
    '^a{1001}$',
    '^(?:a{100}){100}$',
    '^\\u00e9$',
    '^\\p{Script=Greek}$',
    '^[^]$',
    '^(?<name>a)$',
  ])('%s is refused, with the path of its leaf', async (pattern) => {
    expect(() => new RegExp(pattern, 'u')).not.toThrow();
    const error = await failureOf(() => assertPatterns(datasetWith('^[A-Z]{2}$', pattern)));
    expect([error.code, error.exit, error.where]).toEqual([
      'E_PATTERN',
      2,
      { dataset: 'people', field: 'home.leaf_1' },
    ]);
    expect(error.message).toBe('the pattern of home.leaf_1 is not a valid RE2 expression');
  });
});
