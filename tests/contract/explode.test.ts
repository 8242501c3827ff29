import { describe, expect, it } from 'vitest';
import type { Explode } from '../../src/base/types/definition.js';
import { explodeRecords } from '../../src/contract/explode.js';

function explodeOf(path: string, more: Partial<Explode> = {}): Explode {
  return { segments: path.split('.'), required: [], as: null, isMap: false, singleAsList: false, ...more };
}

describe('records that become a row an element', () => {
  it.each([
    {
      name: 'objects, in order, beside the leaves above them',
      path: 'lines',
      records: [
        { id: 1, lines: [{ n: 1 }, { n: 2 }] },
        { id: 2, lines: [{ n: 3 }] },
      ],
      rows: [
        { id: 1, lines: { n: 1 } },
        { id: 1, lines: { n: 2 } },
        { id: 2, lines: { n: 3 } },
      ],
      empty: 0,
    },
    {
      name: 'scalars and nulls',
      path: 'tags',
      records: [{ tags: ['a', null] }],
      rows: [{ tags: 'a' }, { tags: null }],
      empty: 0,
    },
    {
      name: 'further down',
      path: 'order.lines',
      records: [{ order: { no: 7, lines: [1, 2] } }],
      rows: [{ order: { no: 7, lines: 1 } }, { order: { no: 7, lines: 2 } }],
      empty: 0,
    },
    {
      name: 'none of a list that is empty, null, false or absent, which is counted',
      path: 'lines',
      records: [{ lines: [] }, { lines: [1] }, { lines: null }, { lines: false }, { id: 1 }],
      rows: [{ lines: 1 }],
      empty: 4,
    },
    {
      name: 'none where the object above the list is null or absent',
      path: 'order.lines',
      records: [{ order: null }, {}, { order: { lines: null } }, { order: 'x' }],
      rows: [{ order: 'x' }],
      empty: 3,
    },
    {
      name: 'what is no list, for the contract to reject',
      path: 'lines',
      records: [null, 'x', { lines: 'x' }, { lines: { n: 1 } }],
      rows: [null, 'x', { lines: ['x'] }, { lines: [{ n: 1 }] }],
      empty: 0,
    },
  ])('$name', ({ path, records, rows, empty }) => {
    const before = structuredClone(records);
    expect(explodeRecords(records, explodeOf(path))).toMatchObject({ records: rows, counts: { empty } });
    expect(records).toEqual(before);
  });

  it('go through lists on the way', () => {
    const records = [
      { id: 1, orders: [{ no: 1, lines: [{ n: 1 }, { n: 2 }] }, { no: 2, lines: [] }, null, { no: 3 }] },
      { id: 2, orders: [] },
      { id: 3, orders: { no: 4, lines: [{ n: 5 }] } },
    ];
    const { records: rows, counts } = explodeRecords(records, explodeOf('orders.lines'));
    expect(rows).toEqual([
      { id: 1, orders: { no: 1, lines: { n: 1 } } },
      { id: 1, orders: { no: 1, lines: { n: 2 } } },
      { id: 1, orders: null },
      { id: 3, orders: { no: 4, lines: { n: 5 } } },
    ]);
    expect(counts).toEqual({ holders: [3, 4], found: [3, 3], empty: 3 });
  });

  it('may have the element at the top, under its own name', () => {
    const records = [{ id: 1, home: { mails: ['a', 'b'], zip: 1 } }, { home: { mails: 'x' } }];
    expect(explodeRecords(records, explodeOf('home.mails', { as: 'mail' })).records).toEqual([
      { id: 1, home: { zip: 1 }, mail: 'a' },
      { id: 1, home: { zip: 1 }, mail: 'b' },
      { home: {}, mail: ['x'] },
    ]);
  });

  it('may be the entries of a map', () => {
    const records = [
      { id: 1, extra: { a: 1, b: null } },
      { extra: {} },
      { extra: [] },
      { extra: [1] },
      { extra: 'x' },
    ];
    const { records: rows, counts } = explodeRecords(records, explodeOf('extra', { isMap: true }));
    expect(rows).toEqual([
      { id: 1, extra: { key: 'a', value: 1 } },
      { id: 1, extra: { key: 'b', value: null } },
      { extra: [[1]] },
      { extra: ['x'] },
    ]);
    expect(counts.empty).toBe(2);
  });

  it('keep a field called __proto__ to themselves', () => {
    const record: unknown = JSON.parse('{"__proto__":{"n":9},"lines":[{"n":1}]}');
    const [row] = explodeRecords([record], explodeOf('lines')).records;
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    expect(JSON.stringify(row)).toBe('{"__proto__":{"n":9},"lines":{"n":1}}');
  });
});
