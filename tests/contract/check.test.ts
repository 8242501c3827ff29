import { describe, expect, test } from 'vitest';
import { REJECT_CODES } from '../../src/contract/reasons.js';
import { contractOf, objectOf } from './contract-of.js';
import { addressOf, personOf, PERSONS } from './persons.js';
import { checkPages, columnsOf } from './run-check.js';

const persons = contractOf(PERSONS);

function without(name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(personOf(1)).filter(([key]) => key !== name));
}

function withAddress(change: Record<string, unknown>): Record<string, unknown> {
  return { ...personOf(1), address: { ...addressOf(), ...change } };
}

describe('one bad record among good ones is refused with its reason, and the rest goes on', () => {
  const cases: readonly (readonly [string, unknown, string, string, string])[] = [
    ['email missing', without('email'), 'missing', 'email', 'required'],
    ['email null', { ...personOf(1), email: null }, 'type', 'email', 'type'],
    ['email not an address', { ...personOf(1), email: 'nobody' }, 'format', 'email', 'format'],
    ['number as name', { ...personOf(1), firstname: 7 }, 'type', 'firstname', 'type'],
    ['object as name', { ...personOf(1), firstname: { a: 1 } }, 'type', 'firstname', 'type'],
    ['empty name', { ...personOf(1), firstname: '' }, 'length', 'firstname', 'minLength'],
    ['name of 1 MB', { ...personOf(1), firstname: 'a'.repeat(1e6) }, 'length', 'firstname', 'maxLength'],
    ['30 February', { ...personOf(1), birthday: '2024-02-30' }, 'format', 'birthday', 'format'],
    ['date without zeros', { ...personOf(1), birthday: '1996-5-30' }, 'format', 'birthday', 'format'],
    ['year 0', { ...personOf(1), birthday: '0000-05-30' }, 'format', 'birthday', 'format'],
    ['birthday gone', without('birthday'), 'missing', 'birthday', 'required'],
    ['address as gender', { ...personOf(1), gender: 'a@example.org' }, 'enum', 'gender', 'enum'],
    ['email as country', withAddress({ country: 'a@x.org' }), 'pattern', 'address.country', 'pattern'],
    ['latitude 91', withAddress({ latitude: 91 }), 'range', 'address.latitude', 'maximum'],
    ['latitude -91', withAddress({ latitude: -91 }), 'range', 'address.latitude', 'minimum'],
    ['whole number as zip', withAddress({ zipcode: 4753 }), 'type', 'address.zipcode', 'type'],
    ['fraction as id', { ...personOf(1), id: 1.5 }, 'type', 'id', 'type'],
    ['address missing', without('address'), 'missing', 'address', 'required'],
    ['address a text', { ...personOf(1), address: 'x' }, 'type', 'address', 'type'],
    ['address a list', { ...personOf(1), address: [] }, 'type', 'address', 'type'],
    ['address null', { ...personOf(1), address: null }, 'type', 'address', 'type'],
    ['record a list', [personOf(1)], 'not_an_object', '', 'type'],
    ['record a text', 'x', 'not_an_object', '', 'type'],
    ['record null', null, 'not_an_object', '', 'type'],
    ['lone surrogate', { ...personOf(1), lastname: 'a\ud800' }, 'text_invalid', 'lastname', 'x-text'],
    ['NUL', { ...personOf(1), lastname: 'a\u0000b' }, 'text_invalid', 'lastname', 'x-text'],
    [
      'an id beyond 2^53',
      { ...personOf(1), id: JSON.parse('9007199254740993') as number },
      'integer_unsafe',
      'id',
      'x-exact',
    ],
    [
      'an infinite id',
      { ...personOf(1), id: JSON.parse('1e400') as number },
      'integer_unsafe',
      'id',
      'x-exact',
    ],
    [
      'an infinite latitude',
      withAddress({ latitude: JSON.parse('-1e400') as number }),
      'integer_unsafe',
      'address.latitude',
      'x-exact',
    ],
  ];

  test.each(cases)('%s', (_, bad, code, path, keyword) => {
    const { pages, result } = checkPages(persons, [[personOf(0), bad, personOf(2)]]);
    expect(pages[0]?.rejects).toEqual([{ page: 0, position: 1, code, path, keyword }]);
    expect(columnsOf(pages[0])['position']).toEqual([0, 2]);
    expect(result).toMatchObject({ fetched: 3, accepted: 2, rejected: 1 });
    expect(result.rejects).toEqual([{ code, path, count: 1 }]);
    expect(REJECT_CODES).toContain(code);
  });

  test('a const and a multiple are judged too', () => {
    const definition = contractOf(objectOf({ v: { const: 2 }, n: { type: 'number', multipleOf: 5 } }));
    const { result } = checkPages(definition, [[{ v: 2, n: 10 }, { v: 3 }, { n: 7 }]]);
    expect(result.rejects).toEqual([
      { code: 'const', path: 'v', count: 1 },
      { code: 'range', path: 'n', count: 1 },
    ]);
  });

  test('of several reasons the first in the order of the schema is given, once a record', () => {
    const { result } = checkPages(persons, [[{ ...personOf(1), gender: 1, firstname: 1 }]]);
    expect(result.rejects).toEqual([{ code: 'type', path: 'firstname', count: 1 }]);
  });
});

describe('what is unusual but right passes unchanged', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['one letter', 'X'],
    ['emoji', '👩🏽‍🚀'],
    ['right to left', 'مُحَمَّد'],
    ['combining marks', 'Ö́'],
    ['quotes and brackets', '"]}\\'],
    ['line ends', 'a\r\nb\u2028c'],
    ['leading zeros', '04753'],
  ];
  test.each(cases)('%s', (_, name) => {
    const { pages } = checkPages(persons, [[{ ...personOf(1), firstname: name }]]);
    expect(columnsOf(pages[0])['firstname']).toEqual([name]);
  });

  test('the largest whole number that is exact keeps its digits', () => {
    const { pages } = checkPages(persons, [[{ ...personOf(1), id: Number.MAX_SAFE_INTEGER }]]);
    expect(pages[0]?.columns).toContain('"id":[9007199254740991]');
  });
});

describe('columns', () => {
  test('hold page, position and the needed leaves, absent as null, and nothing else', () => {
    const people = [personOf(0), { ...personOf(1), gender: undefined }, personOf(2)].map(
      (each) => JSON.parse(JSON.stringify(each)) as unknown,
    );
    const needed = ['gender', 'address.county_code', 'address.zipcode'];
    const { pages } = checkPages(persons, [[], people], needed);
    expect(columnsOf(pages[1])).toEqual({
      page: [1, 1, 1],
      position: [0, 1, 2],
      gender: ['female', null, 'female'],
      'address.county_code': [null, null, null],
      'address.zipcode': ['04753', '04753', '04753'],
    });
    expect(columnsOf(pages[0])).toMatchObject({ page: [], position: [], gender: [] });
  });

  test('read own properties only, also of names that every object inherits', () => {
    const definition = contractOf(
      objectOf({ toString: { type: 'string' }, constructor: { type: 'string' } }),
    );
    const { pages } = checkPages(definition, [[{}, { toString: 'mine' }]]);
    expect(columnsOf(pages[0])).toMatchObject({ toString: [null, 'mine'], constructor: [null, null] });
  });

  test('hold nothing of a prototype that something else has polluted', () => {
    checkPages(persons, []); // Compiles the contract first: the pollution comes while records are read.
    Object.defineProperty(Object.prototype, 'gender', { value: 'evil', configurable: true });
    try {
      const person = JSON.parse(JSON.stringify({ ...personOf(1), gender: undefined })) as unknown;
      expect(columnsOf(checkPages(persons, [[person]]).pages[0])['gender']).toEqual([null]);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'gender');
    }
  });

  test('take a leaf from an optional object that is absent or null as null', () => {
    const schema = objectOf({
      home: { type: ['object', 'null'], properties: { geo: objectOf({ lat: { type: 'number' } }) } },
    });
    const records = [{}, { home: null }, { home: {} }, { home: { geo: { lat: 1.5 } } }];
    const { pages, result } = checkPages(contractOf(schema), [records]);
    expect(columnsOf(pages[0])['home.geo.lat']).toEqual([null, null, null, 1.5]);
    expect(result.rejected).toBe(0);
  });

  test('leave the records as they were', () => {
    const records = [withAddress({ city: 'a@x.org', extra: { deep: [1] } }), { ...personOf(1), id: 'x' }];
    const before = JSON.stringify(records);
    checkPages(persons, [records]);
    expect(JSON.stringify(records)).toBe(before);
  });

  test('keep a name that is data, and an own __proto__, out', () => {
    const record = JSON.parse(
      JSON.stringify(personOf(1)).replace('{', '{"__proto__":{"gender":"evil"},"john@x.org":{"a":"b"},'),
    ) as unknown;
    const { pages, result } = checkPages(persons, [[record]]);
    expect(pages[0]?.accepted).toBe(1);
    expect(pages[0]?.columns).not.toMatch(/evil|john@x|__proto__/);
    expect(JSON.stringify(result)).not.toMatch(/evil|john/);
    expect(Object.hasOwn(Object.prototype, 'gender')).toBe(false);
  });
});

describe('x-on-invalid: set_null', () => {
  test('nulls the value, counts it by path and keeps the person', () => {
    const people = [withAddress({ city: 'a@x.org' }), withAddress({ city: 7 }), withAddress({})];
    const { pages, result } = checkPages(persons, [people]);
    expect(columnsOf(pages[0])['address.city']).toEqual([null, null, 'Köln']);
    expect(result).toMatchObject({ accepted: 3, nulled: [{ path: 'address.city', count: 2 }] });
  });

  test('counts neither an absent value nor one that no column needs', () => {
    const absent = JSON.parse(JSON.stringify(withAddress({ city: undefined }))) as unknown;
    expect(checkPages(persons, [[absent]]).result.nulled).toEqual([]);
    expect(checkPages(persons, [[withAddress({ city: 7 })]], ['gender']).result.nulled).toEqual([]);
  });

  test('does not count a value of a record that is refused for another reason', () => {
    const { result } = checkPages(persons, [[{ ...withAddress({ city: '#' }), email: 'x' }]]);
    expect(result).toMatchObject({ rejected: 1, nulled: [] });
  });

  test('leaves a parent that is no object to the schema of the record', () => {
    const { result } = checkPages(persons, [[{ ...personOf(1), address: 'Köln' }]]);
    expect(result.rejects).toEqual([{ code: 'type', path: 'address', count: 1 }]);
  });
});

describe('on_unknown_field', () => {
  const records = [personOf(0), { ...personOf(1), ssn: '1' }, withAddress({ flat: 1 })];

  test('discard_value reads past the field', () => {
    const { pages, result } = checkPages(persons, [records]);
    expect(pages[0]?.columns).not.toMatch(/ssn|flat/);
    expect(result).toMatchObject({ accepted: 3, undeclaredRecords: 2 });
  });

  test('discard_row refuses the record, wherever the field is', () => {
    const { pages, result } = checkPages(contractOf(PERSONS, { onUnknownField: 'discard_row' }), [records]);
    expect(columnsOf(pages[0])['position']).toEqual([0]);
    expect(result.rejects).toEqual([{ code: 'unknown_field', path: '', count: 2 }]);
  });
});
