import { describe, expect, it } from 'vitest';
import { landAnswer } from './land-answer.js';

const request = `time: snapshot
request: { path: /rows, records: '' }`;

const PEOPLE = `${request}
contract:
  max_rejected: 60%
  schema:
    type: object
    required: [id]
    properties:
      id: { type: string, pattern: '^[a-z]$', x-pii: none }
      age: { type: [integer, 'null'], minimum: 0, maximum: 130, x-pii: quasi }
      mail: { type: [string, 'null'], maxLength: 254, x-pii: direct, x-on-invalid: set_null }
      active: { type: [boolean, 'null'], x-pii: none }
      home:
        type: [object, 'null']
        required: [length]
        properties:
          length: { type: integer, minimum: 0, maximum: 99, x-pii: none }
      extra:
        type: [object, 'null']
        properties:
          level: { type: integer, minimum: 0, maximum: 9, x-pii: none }
landing:
  id: { from: id, treat: keep }
  age: { from: age, treat: keep }
  mail: { from: mail, treat: mask_email }
  active: { from: active, treat: keep }
  length: { from: home.length, treat: keep }
  level: { from: extra.level, treat: keep }
`;

describe('other spellings of nothing', () => {
  it('are null where the contract allows null, and are counted', async () => {
    const { datasets, rows } = await landAnswer(PEOPLE, [
      { id: 'a', age: 41, mail: 'ann@gmail.com', active: false, home: { length: 3 }, extra: { level: 1 } },
      { id: 'b', age: false, mail: false, active: true, home: [], extra: [] },
      { id: 'c', age: null, mail: null, active: null, home: false, extra: {} },
    ]);
    const none = { age: null, mail: null, length: null, level: null };
    expect(rows).toEqual([
      { id: 'a', age: 41, mail: '***@gmail.com', active: false, length: 3, level: 1 },
      { id: 'b', ...none, active: true },
      { id: 'c', ...none, active: null },
    ]);
    expect(datasets[0]).toMatchObject({ fetched: 3, landed: 3, rejected: 0 });
    expect(datasets[0]?.nulled).toEqual([
      { path: 'age', count: 1 },
      { path: 'extra', count: 1 },
      { path: 'home', count: 2 },
      { path: 'mail', count: 1 },
    ]);
    expect(datasets[0]?.drift).toEqual([]);
  });

  it('are no excuse for anything else', async () => {
    const { datasets } = await landAnswer(PEOPLE, [
      { id: 'a', age: 41 },
      { id: false, age: 41 },
      { id: 'b', age: false, home: { length: 'x' } },
      { id: 'c', extra: true },
      { id: 'd', home: [1] },
      { id: 'e', age: true },
      { id: 'f', age: 7 },
      { id: 'g', age: 7 },
      { id: 'h', age: 7 },
    ]);
    expect(datasets[0]).toMatchObject({ landed: 4, rejected: 5, nulled: [] });
    expect(datasets[0]?.rejects.map(({ path }) => path)).toEqual([
      'age',
      'extra',
      'home',
      'home.length',
      'id',
    ]);
  });
});

const MANAGED = `${request}
contract:
  schema:
    type: object
    required: [id]
    properties:
      id: { type: string, pattern: '^[a-z]$', x-pii: none }
      manager:
        type: object
        x-on-invalid: set_null
        required: [level]
        properties:
          level: { type: integer, minimum: 0, maximum: 9, x-pii: none }
          city: { type: [string, 'null'], maxLength: 4, x-pii: quasi, x-on-invalid: set_null }
landing:
  id: { from: id, treat: keep }
  level: { from: manager.level, treat: keep }
  city: { from: manager.city, treat: redact }
`;

describe('an object that is set to null', () => {
  it('loses all leaves below it, and no record is lost', async () => {
    const { datasets, rows } = await landAnswer(MANAGED, [
      { id: 'a', manager: { level: 1, city: 'Bonn' } },
      { id: 'b', manager: 'canary-4711' },
      { id: 'c', manager: { level: 1000, city: 'too long' } },
      { id: 'd', manager: { level: 2, city: 'too long' } },
      { id: 'e' },
    ]);
    expect(rows).toEqual([
      { id: 'a', level: 1, city: '***' },
      { id: 'b', level: null, city: null },
      { id: 'c', level: null, city: null },
      { id: 'd', level: 2, city: null },
      { id: 'e', level: null, city: null },
    ]);
    expect(datasets[0]?.nulled).toEqual([
      { path: 'manager', count: 2 },
      { path: 'manager.city', count: 1 },
    ]);
    expect(datasets[0]?.drift).toEqual([{ kind: 'changed_type', path: 'manager', count: 1 }]);
  });

  it.each([
    ['required: [id]', 'required: [id, manager]', /a required field cannot be set to null/],
    [
      'redact }',
      'redact }\n  person: { from: manager.level, treat: token, scope: person }',
      /manager.level is part of token person and cannot be set to null/,
    ],
  ])('is refused where %s is changed', async (from, to, says) => {
    await expect(landAnswer(MANAGED.replace(from, to), [])).rejects.toThrow(says);
  });
});

const ORDERS = `${request}
explode: orders
contract:
  schema:
    type: object
    required: [id]
    properties:
      id: { type: string, pattern: '^[a-z]$', x-pii: none }
      orders:
        type: [array, 'null']
        items:
          type: object
          required: [no]
          properties:
            no: { type: integer, minimum: 0, maximum: 99, x-pii: none }
landing:
  id: { from: id, treat: keep }
  no: { from: orders.no, treat: keep }
primary_key: [id, no]
`;

describe('a list without elements', () => {
  it('gives no row, whether it is empty, null or absent', async () => {
    const { datasets, rows } = await landAnswer(ORDERS, [
      { id: 'a', orders: [{ no: 1 }, { no: 2 }] },
      { id: 'b', orders: [] },
      { id: 'c', orders: null },
      { id: 'd' },
    ]);
    expect(rows).toEqual([
      { id: 'a', no: 1 },
      { id: 'a', no: 2 },
    ]);
    expect(datasets[0]).toMatchObject({ fetched: 2, landed: 2, rejected: 0, empty: 3, drift: [] });
  });

  it('that no record has is drift, and an error where the contract requires it', async () => {
    const answer = [{ id: 'a', order: [] }, { id: 'b' }];
    const { datasets } = await landAnswer(ORDERS, answer);
    expect(datasets[0]?.drift).toEqual([{ kind: 'missing_field', path: 'orders', count: 2 }]);
    const required = ORDERS.replace('required: [id]', 'required: [id, orders]');
    await expect(landAnswer(required, answer)).rejects.toMatchObject({ code: 'E_SOURCE_SHAPE' });
    await expect(landAnswer(required, [{ id: 'a', orders: null }])).resolves.toMatchObject({ rows: [] });
  });
});
