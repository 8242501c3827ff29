import { describe, expect, it } from 'vitest';
import { explodeRecords } from '../../src/contract/explode.js';

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
    expect(explodeRecords(records, path.split('.'))).toMatchObject({ records: rows, empty });
    expect(records).toEqual(before);
  });

  it('keep a field called __proto__ to themselves', () => {
    const record: unknown = JSON.parse('{"__proto__":{"n":9},"lines":[{"n":1}]}');
    const [row] = explodeRecords([record], ['lines']).records;
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    expect(JSON.stringify(row)).toBe('{"__proto__":{"n":9},"lines":{"n":1}}');
  });
});
