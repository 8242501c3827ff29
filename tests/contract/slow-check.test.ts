import { describe, expect, test } from 'vitest';
import type { JsonSchema } from '../../src/base/types/definition.js';
import { type ContractCheck, startCheck } from '../../src/contract/check.js';
import { compileContract } from '../../src/contract/contract.js';
import { Inspector, runWithTimeLimit } from '../../src/contract/inspect.js';
import { contractOf, objectOf } from './contract-of.js';
import { columnsOf } from './run-check.js';

const BACKTRACKING: JsonSchema = { type: 'string', maxLength: 100, pattern: '^(\\p{L}+ ?)+$' };
const SLOW = { name: `${'a'.repeat(31)}!` };
const GOOD = { name: 'Ada Lovelace' };

function start(leaf: JsonSchema): ContractCheck {
  const definition = contractOf(objectOf({ name: leaf }));
  const limits = { timeoutMs: 240, maxSlow: 2, maxStops: 25 };
  return startCheck(compileContract(definition, 'people'), [...definition.leaves.values()], { limits });
}

describe('a pattern that backtracks', () => {
  test('costs the record that defeats it, and the rest goes on', () => {
    const check = start(BACKTRACKING);
    const page = check.page({ index: 3, records: [GOOD, SLOW, GOOD, { name: '1' }, SLOW] });
    const slow = { page: 3, code: 'too_slow', path: '', keyword: 'pattern' };
    expect(page.rejects).toEqual([
      { ...slow, position: 1 },
      { page: 3, position: 3, code: 'pattern', path: 'name', keyword: 'pattern' },
      { ...slow, position: 4 },
    ]);
    expect(columnsOf(page)).toEqual({ page: [3, 3], position: [0, 2], name: [GOOD.name, GOOD.name] });
    expect(check.finish()).toMatchObject({ fetched: 5, accepted: 2, rejected: 3 });
  });

  test('is stopped in a leaf with set_null too', () => {
    const check = start({ ...BACKTRACKING, 'x-on-invalid': 'set_null' });
    const page = check.page({ index: 0, records: [{ name: '1' }, SLOW] });
    expect(page.rejects.map(({ position, code }) => [position, code])).toEqual([[1, 'too_slow']]);
    expect(columnsOf(page)['name']).toEqual([null]);
  });

  test('fails the run after a few such records, over all its pages', () => {
    const check = start(BACKTRACKING);
    check.page({ index: 0, records: [SLOW, SLOW] });
    expect(() => check.page({ index: 1, records: [SLOW] })).toThrow(
      expect.objectContaining({
        code: 'E_SOURCE_SLOW_CHECK',
        exit: 3,
        where: { dataset: 'people', page: 1 },
      }),
    );
  });
});

const contractWith = (validate: () => null) => ({ validate, nulling: [], readNothings: () => null });

describe('a page that is stopped', () => {
  test('does not cost a record that was only unlucky', () => {
    let calls = 0;
    const stallOnce = (): null => {
      calls++;
      while (calls === 2);
      return null;
    };
    const inspector = new Inspector(contractWith(stallOnce), { timeoutMs: 400, maxSlow: 0, maxStops: 1 });
    expect(inspector.inspect(['a', 'b', 'c'], 0).map(({ reason }) => reason)).toEqual([null, null, null]);
    expect(calls).toBe(4);
  });

  test('fails the run when it happens again and again, whoever was slow', () => {
    let calls = 0;
    const stallEverySecondTime = (): null => {
      calls++;
      while (calls % 2 === 1);
      return null;
    };
    const inspector = new Inspector(contractWith(stallEverySecondTime), {
      timeoutMs: 40,
      maxSlow: 0,
      maxStops: 2,
    });
    expect(() => inspector.inspect(['a', 'b', 'c'], 0)).toThrow(
      expect.objectContaining({ code: 'E_SOURCE_SLOW_CHECK' }),
    );
  });
});

describe('the time limit', () => {
  test('tells work that ended from work that was stopped', () => {
    let steps = 0;
    expect(runWithTimeLimit(1_000, () => steps++)).toBe(true);
    expect(steps).toBe(1);
    expect(
      runWithTimeLimit(20, () => {
        for (;;) steps++;
      }),
    ).toBe(false);
    expect(steps).toBeGreaterThan(1);
  });

  test('passes on what the work throws', () => {
    const thrown = new TypeError('own');
    expect(() =>
      runWithTimeLimit(1_000, () => {
        throw thrown;
      }),
    ).toThrow(thrown);
  });
});
