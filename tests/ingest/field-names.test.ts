import { describe, expect, it } from 'vitest';
import { writePath, splitPath } from '../../src/base/json-values.js';
import { landAnswer } from './land-answer.js';

describe('a path', () => {
  it.each([
    ['address.city', ['address', 'city']],
    ['"first name"', ['first name']],
    ['"@odata.etag".x', ['@odata.etag', 'x']],
    ['"say \\"hi\\"".""', ['say "hi"', '']],
  ])('%s has one spelling', (path, segments) => {
    expect(splitPath(path)).toEqual(segments);
    expect(writePath(segments)).toBe(path);
  });
});

const NAMES = [
  ...[
    'first.name',
    'last name',
    'größe',
    '@odata.etag',
    'a"b',
    "it's",
    'back\\slash',
    '',
    'page',
    'POSITION',
  ],
  ...['ID', 'id', 'select', 'constructor', '$ref', 'a/b~c', '名前', '%41', '#', '0', 'null'],
];

const YAML = `time: snapshot
request: { path: /rows, records: '' }
contract:
  schema:
    type: object
    properties:
${NAMES.map((name) => `      ${JSON.stringify(name)}: { type: integer, minimum: 0, maximum: 99, x-pii: none }`).join('\n')}
      home.address:
        type: object
        properties: { zip.code: { type: integer, minimum: 0, maximum: 99, x-pii: none } }
landing:
${NAMES.map((name, i) => `  c${i}: { from: ${JSON.stringify(`"${name.replaceAll(/["\\]/g, '\\$&')}"`)}, treat: keep }`).join('\n')}
  zip: { from: '"home.address"."zip.code"', treat: keep }
`;

describe('a field of any name', () => {
  it('lands its own value', async () => {
    const record = Object.fromEntries(NAMES.map((name, i) => [name, i]));
    const { datasets, rows } = await landAnswer(YAML, [
      { ...record, 'home.address': { 'zip.code': 77 } },
      {},
    ]);
    expect(rows[0]).toEqual({ ...Object.fromEntries(NAMES.map((_, i) => [`c${i}`, i])), zip: 77 });
    expect(Object.values(rows[1] as object).every((value) => value === null)).toBe(true);
    expect(datasets[0]).toMatchObject({ landed: 2, rejected: 0, drift: [] });
  });

  it('can be dropped and exploded, and is named in a rejection', async () => {
    const yaml = `time: snapshot
request: { path: /rows, records: '' }
explode: '"v1.lines"'
contract:
  max_rejected: 60%
  schema:
    type: object
    properties:
      a.b: { type: string, maxLength: 9, x-pii: direct }
      v1.lines:
        type: array
        items: { type: object, properties: { sku.no: { type: integer, minimum: 0, maximum: 9, x-pii: none } } }
landing:
  sku: { from: '"v1.lines"."sku.no"', treat: keep }
drop: ['"a.b"']
`;
    const { datasets, rows } = await landAnswer(yaml, [
      { 'a.b': 'x', 'v1.lines': [{ 'sku.no': 1 }, { 'sku.no': 10 }] },
    ]);
    expect(rows).toEqual([{ sku: 1 }]);
    expect(datasets[0]?.rejects).toEqual([{ code: 'range', path: '"v1.lines"."sku.no"', count: 1 }]);
  });

  it('of two paths with the same letters are two leaves', async () => {
    const leaf = '{ type: integer, minimum: 0, maximum: 9, x-pii: none }';
    const yaml = `time: snapshot
request: { path: /rows, records: '' }
contract:
  schema:
    type: object
    properties:
      a.b: ${leaf}
      a: { type: object, properties: { b: ${leaf}, B: ${leaf} } }
landing:
  one: { from: '"a.b"', treat: keep }
  other: { from: a.b, treat: keep }
  upper: { from: a.B, treat: token, scope: b, reviewed: a test }
`;
    const { rows } = await landAnswer(yaml, [{ 'a.b': 1, a: { b: 2, B: 3 } }]);
    expect(rows).toMatchObject([{ one: 1, other: 2, upper: expect.stringMatching(/^k1_/) as string }]);
  });
});

const DROPPED = `time: snapshot
request: { path: /rows, records: '' }
contract:
  schema:
    type: object
    properties:
      id: { type: integer, minimum: 0, maximum: 99, x-pii: none }
      address:
        type: object
        properties:
          city: { type: string, maxLength: 9, x-pii: quasi }
          geo: { type: object, properties: { lat: { type: number, x-pii: quasi } } }
      address2: { type: string, maxLength: 9, x-pii: quasi }
landing:
  id: { from: id, treat: keep }
drop: [address, address2]
`;

describe('an object that is dropped by name', () => {
  it('drops every leaf below it', async () => {
    const { project, rows } = await landAnswer(DROPPED, [
      { id: 1, address: { city: 'Bonn', geo: { lat: 1 } } },
    ]);
    expect(rows).toEqual([{ id: 1 }]);
    const definition = (await project.open()).definitions.get('shop')?.datasets.get('shop_rows');
    expect(definition?.drop).toEqual(['address.city', 'address.geo.lat', 'address2']);
  });

  it.each([
    ['[address, address2]', '[addres, address2]', /unknown leaf/],
    ['[address, address2]', '[address, address.city, address2]', /duplicate leaf/],
    ['[address, address2]', '[address]', /address2 is neither landed nor dropped/],
    [
      'keep }\n',
      'keep }\n  c: { from: address.city, treat: redact }\n',
      /address.city is both landed and dropped/,
    ],
  ])('is refused where %s becomes %s', async (from, to, says) => {
    await expect(landAnswer(DROPPED.replace(from, to), [])).rejects.toThrow(says);
  });
});
