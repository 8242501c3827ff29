import { describe, expect, test } from 'vitest';
import { contractOf } from './contract-of.js';
import { addressOf, personOf, PERSONS } from './persons.js';
import { checkPages } from './run-check.js';

const persons = contractOf(PERSONS);

/** People who bring every declared field. */
function peopleOf(count: number, change: (at: number) => Record<string, unknown> = () => ({})): unknown[] {
  return Array.from({ length: count }, (_, at) => ({
    ...personOf(at),
    address: { ...addressOf(), county_code: 'SK' },
    ...change(at),
  }));
}

function without(record: unknown, name: string): unknown {
  return Object.fromEntries(Object.entries(record as object).filter(([key]) => key !== name));
}

function driftOf(...pages: (readonly unknown[])[]): unknown {
  return checkPages(persons, pages).result.drift;
}

describe('drift', () => {
  test('is empty when the records are as declared', () => {
    expect(driftOf(peopleOf(30))).toEqual([]);
  });

  test('names a new field, also below a declared object, with the records that have it', () => {
    const people = peopleOf(25, (at) => ({
      ssn: at,
      address: { ...addressOf(), county_code: 'SK', ...(at < 20 ? { flat: '3' } : {}) },
    }));
    expect(driftOf(people.slice(0, 13), people.slice(13))).toEqual([
      { kind: 'new_field', path: 'address.flat', count: 20 },
      { kind: 'new_field', path: 'ssn', count: 25 },
    ]);
  });

  test.each([
    ['too few records', 'ssn', 19],
    ['an email address', 'john@x.org', 30],
    ['four digits in a row', 'born1996', 30],
    ['a phone number in pieces', '_49_30_123_456', 30],
    ['a digest', 'abcdefabcdefabcdefabcdefabcdefab', 30],
    ['a blank', 'John Smith', 30],
    ['41 characters', 'a'.repeat(41), 30],
    ['a letter beyond ASCII', 'größe', 30],
    ['half a surrogate pair', '\ud800', 30],
    ['no name at all', '', 30],
  ])('withholds the name of a new field: %s', (_, name, count) => {
    expect(driftOf(peopleOf(count, () => ({ [name]: 1 })))).toEqual([
      { kind: 'new_field', path: '<name withheld>', count },
    ]);
  });

  test('holds no more than 1,000 names, and counts the rest', () => {
    const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
    const names = letters.flatMap((one) => letters.flatMap((two) => [`${one}_${two}`, `${one}x${two}`]));
    const extra = Object.fromEntries(names.map((name) => [name, 1]));
    const drift = checkPages(persons, [peopleOf(20, () => extra)]).result.drift;
    const shown = drift.filter(({ path }) => path !== '<name withheld>');
    expect(shown).toHaveLength(1_000);
    expect(drift.find(({ path }) => path === '<name withheld>')?.count).toBe(20 * (26 * 26 * 2 - 1_000));
  });

  test('counts records whose keys come in ever other orders and sets', () => {
    const people = peopleOf(40, (at) => ({ [`a ${at % 13}`]: 1, plan: at }));
    const { result } = checkPages(persons, [people]);
    expect(result.undeclaredRecords).toBe(40);
    expect(result.drift).toEqual([
      { kind: 'new_field', path: 'plan', count: 40 },
      { kind: 'new_field', path: '<name withheld>', count: 40 },
    ]);
  });

  test('reports an optional field that no record of the run has, not one that some have', () => {
    const none = peopleOf(10).map((each) => without(each, 'phone'));
    expect(driftOf(none, none)).toEqual([{ kind: 'missing_field', path: 'phone', count: 20 }]);
    expect(driftOf(none, peopleOf(1))).toEqual([]);
  });

  test('reports of an absent object itself, not each leaf below it', () => {
    const people = peopleOf(10).map((each) => without(each, 'address'));
    expect(driftOf(people)).toEqual([{ kind: 'missing_field', path: 'address', count: 10 }]);
  });

  test.each([
    ['1 % of a page', 100, 1],
    ['less', 101, 0],
  ])('reports a required field that is missing in %s', (_, size, reported) => {
    const people = peopleOf(size);
    people[5] = without(people[5], 'birthday');
    const expected = [{ kind: 'missing_field', path: 'birthday', count: 1 }];
    expect(driftOf(people)).toEqual(expected.slice(0, reported));
  });

  test.each([
    ['1 % of a page', 100, 1],
    ['less', 101, 0],
  ])('reports a changed type in %s', (_, size, reported) => {
    const people = peopleOf(size, (at) => (at === 5 ? { firstname: 7 } : {}));
    const expected = [{ kind: 'changed_type', path: 'firstname', count: 1 }];
    expect(driftOf(people)).toEqual(expected.slice(0, reported));
  });

  test('sees changed types of objects, records and values that are nulled', () => {
    const nulled = peopleOf(2, () => ({ address: { ...addressOf(), county_code: 'SK', city: 5 } }));
    expect(driftOf([...nulled, ...peopleOf(1, () => ({ address: [] })), 'text'])).toEqual([
      { kind: 'changed_type', path: '', count: 1 },
      { kind: 'changed_type', path: 'address', count: 1 },
      { kind: 'changed_type', path: 'address.city', count: 2 },
    ]);
  });

  test('counts new enum values and does not say which', () => {
    const people = peopleOf(1_000, (at) => (at < 3 ? { gender: `canary${at}` } : {}));
    expect(driftOf(people)).toEqual([{ kind: 'new_enum_value', path: 'gender', count: 3 }]);
  });
});

describe('observed_sha256', () => {
  function hashOf(...pages: (readonly unknown[])[]): string {
    return checkPages(persons, pages).result.observedSha256;
  }
  const usual = hashOf(peopleOf(30));

  test('is the same for other people, another number of them and another order of pages', () => {
    const others = peopleOf(50, (at) => ({ firstname: `N${at}`, gender: 'other' }));
    expect(hashOf(others.slice(7), others.slice(0, 7))).toBe(usual);
    expect(usual).toMatch(/^[0-9a-f]{64}$/);
  });

  test('does not turn on a null, one bad record or an absent value', () => {
    const people = peopleOf(300, (at) => (at === 3 ? { firstname: 5 } : at === 4 ? { gender: null } : {}));
    expect(hashOf(people.map((each, at) => (at === 9 ? without(each, 'phone') : each)))).toBe(usual);
  });

  test.each([
    ['a field goes', peopleOf(30).map((each) => without(each, 'phone'))],
    ['a type changes', peopleOf(30, () => ({ phone: 5 }))],
    ['a field comes', peopleOf(30, () => ({ ssn: 5 }))],
    ['names are withheld', peopleOf(30, () => ({ 'a b': 5 }))],
    ['a value is null always', peopleOf(30, () => ({ address: { ...addressOf(), county_code: null } }))],
  ])('turns when %s', (_, people) => {
    expect(hashOf(people)).not.toBe(usual);
  });

  test('tells types of a new field apart', () => {
    expect(hashOf(peopleOf(30, () => ({ ssn: 5 })))).not.toBe(hashOf(peopleOf(30, () => ({ ssn: 'x' }))));
  });
});
