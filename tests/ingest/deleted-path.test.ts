import { describe, expect, it } from 'vitest';
import { landAnswer } from './land-answer.js';

function dataset(leaf: string, more = ''): string {
  return `
time: snapshot
request: { path: /people, records: '' }
deleted_path: meta.gone
contract:
  max_rejected: 90%
  schema:
    type: object
    required: [id]
    properties:
      id: { type: integer, minimum: 1, maximum: 999, x-pii: none }
      meta: { type: [object, 'null'], properties: { gone: { ${leaf} } } }
landing:
  id: { from: id, treat: keep }
${more}`;
}

const answer = (values: readonly unknown[]) =>
  values.map((gone, n) => ({ id: n + 1, meta: gone === undefined ? null : { gone } }));
const flags = (rows: readonly unknown[]) =>
  rows.map((row) => (row as { readonly _deleted: boolean })._deleted);

const CASES = [
  ["type: [boolean, 'null'], x-pii: none", [true, false, null, undefined], [true, false, false, false]],
  ["type: [integer, 'null'], x-pii: none", [1, 0, null], [true, false, false]],
  ["type: [string, 'null'], format: date, x-pii: quasi", ['2026-11-20', null, false], [true, false, false]],
  [
    "type: [string, 'null'], format: date-time, x-format: iso, x-pii: quasi",
    ['2026-11-20 10:00:00Z', null],
    [true, false],
  ],
  [
    "type: [string, 'null'], x-pii: sensitive",
    ['2026', '', ' ', 'No', 'Y'],
    [true, false, false, false, true],
  ],
  ["type: [boolean, 'null'], x-pii: sensitive", [true, false], [true, false]],
] as const;

describe('deleted_path', () => {
  it.each(CASES)('lands true where the record is deleted: %s', async (leaf, values, expected) => {
    const { rows, project } = await landAnswer(dataset(leaf), answer(values));
    expect(flags(rows)).toEqual(expected);
    expect(rows[0]).toEqual({ id: 1, _deleted: true });
    const { columns } = await project.manifest('2026/03/01/shop_rows.manifest.json');
    expect(columns.at(-1)).toMatchObject({ name: '_deleted', type: 'BOOLEAN', treatment: 'flag' });
  });

  it('leaves its leaf free to land or to be dropped as well', async () => {
    const leaf = "type: [string, 'null'], format: date, x-pii: quasi";
    const values = answer(['2026-11-20', null]);
    const landed = await landAnswer(dataset(leaf, '  gone: { from: meta.gone, treat: keep }\n'), values);
    expect(landed.rows[0]).toEqual({ id: 1, gone: '2026-11-20', _deleted: true });
    const { rows } = await landAnswer(dataset(leaf, 'drop: [meta.gone]\n'), values);
    expect(flags(rows)).toEqual([true, false]);
  });

  it.each([
    ['type: boolean, x-pii: none', 'meta.gon', /unknown leaf/, /meta\.gone/],
    ['type: array, items: { type: boolean, x-pii: none }', 'meta.gone', /several values/, /one flag or date/],
    [
      "type: [boolean, 'null'], x-pii: none, x-on-invalid: set_null",
      'meta.gone',
      /cannot be set to null/,
      /remove/,
    ],
  ])('is refused where it names no flag: %s %s', async (leaf, path, message, remedy) => {
    const yaml = dataset(leaf).replace('deleted_path: meta.gone', `deleted_path: ${path}`);
    await expect(landAnswer(yaml, answer([true]))).rejects.toMatchObject({
      message: expect.stringMatching(message) as string,
      remedy: expect.stringMatching(remedy) as string,
    });
  });
});
