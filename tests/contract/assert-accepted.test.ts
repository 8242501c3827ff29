import { describe, expect, test } from 'vitest';
import { assertAccepted, type ContractResult } from '../../src/contract/check.js';
import { contractOf, objectOf } from './contract-of.js';
import { personOf, PERSONS } from './persons.js';
import { checkPages } from './run-check.js';

const SCHEMA = objectOf({ v: { type: 'integer' } });

function resultOf(good: number, bad: number): ContractResult {
  const records = [...Array<unknown>(good).fill({ v: 1 }), ...Array<unknown>(bad).fill({ v: 'x' })];
  return checkPages(contractOf(SCHEMA), [records]).result;
}

describe('max_rejected', () => {
  test.each([
    [95, 5, 0.05, true],
    [94, 6, 0.05, false],
    [71, 29, 0.29, true],
    [999, 1, 0, false],
    [1_000, 0, 0, true],
    [0, 10, 1, false],
    [1, 9, 1, true],
    [0, 0, 0.05, true],
  ])('%i good and %i bad at a share of %f: lands is %s', (good, bad, maxRejected, lands) => {
    const judge = (): void => {
      assertAccepted(resultOf(good, bad), contractOf(SCHEMA, { maxRejected }), 'people');
    };
    if (lands) expect(judge).not.toThrow();
    else expect(judge).toThrow(expect.objectContaining({ code: 'E_REJECTED', exit: 4 }));
  });

  test('the error says how many were refused of how many, and how many may be', () => {
    expect(() => {
      assertAccepted(resultOf(0, 40), contractOf(SCHEMA), 'people');
    }).toThrow('40 of 40 records of people were rejected; max_rejected allows 2');
  });

  test('the error names the commonest reasons, five at most', () => {
    const rejects = ['a', 'b', 'c', 'd', 'e', 'f'].map((path, i) => ({
      code: 'missing',
      path,
      count: i + 1,
    }));
    expect(() => {
      assertAccepted({ ...resultOf(0, 21), rejects }, contractOf(SCHEMA), 'people');
    }).toThrow(/allows \d+: missing f \(6\), missing e \(5\), .*missing b \(2\), …$/);
  });
});

describe('freeze', () => {
  test.each([
    ['freeze', { ssn: 1 }, true],
    ['freeze', {}, false],
    ['discard_value', { ssn: 1 }, false],
  ] as const)('%s with %j: fails is %s', (onUnknownField, extra, fails) => {
    const contract = contractOf(PERSONS, { onUnknownField });
    const { result } = checkPages(contract, [[personOf(0), { ...personOf(1), ...extra }]]);
    const judge = (): void => {
      assertAccepted(result, contract, 'people');
    };
    expect(result.accepted).toBe(2);
    if (!fails) expect(judge).not.toThrow();
    else expect(judge).toThrow(expect.objectContaining({ code: 'E_FROZEN', exit: 4 }));
  });
});
