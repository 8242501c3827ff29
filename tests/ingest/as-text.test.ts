import { describe, expect, it } from 'vitest';
import { landAnswer, openAnswer } from './land-answer.js';

const dataset = (leaf: string, landing: string, more = '') => `
time: snapshot
request: { path: /people, records: '' }
${more}
contract:
  max_rejected: 90%
  schema:
    type: object
    required: [id]
    properties:
      id: { type: integer, minimum: 1, maximum: 999, x-pii: none }
      value: ${leaf}
landing:
  id: { from: id, treat: keep }
${landing}`;
const KEPT = "  value: { from: value, treat: keep, reviewed: 'test' }\n";
const answer = (texts: readonly string[]) =>
  `[${texts.map((text, n) => `{"id": ${String(n + 1)}, "value": ${text}}`).join(', ')}]`;

describe('x-as-text', () => {
  it('lands scalars of all types as the source wrote them', async () => {
    const texts = ['44', '44.50', '12345678901234567890', '1e3', 'true', 'false', '"red"', 'null'];
    const leaf = "{ type: [string, 'null'], maxLength: 50, x-as-text: true, x-pii: none }";
    const { rows } = await landAnswer(dataset(leaf, KEPT), answer(texts));
    expect(rows.map((row) => (row as { readonly value: unknown }).value)).toEqual([
      ...['44', '44.50', '12345678901234567890', '1e3', 'true', 'false', 'red', null],
    ]);
  });

  it('checks the text, and rejects what is no scalar', async () => {
    const leaf = "{ type: string, pattern: '^[0-9]{1,3}$', x-as-text: true, x-pii: none }";
    const texts = ['44', '"45"', '4444', 'true', '{"a": 1}', '[1]'];
    const { datasets, rows } = await landAnswer(dataset(leaf, KEPT), answer(texts));
    expect(rows).toEqual([
      { id: 1, value: '44' },
      { id: 2, value: '45' },
    ]);
    expect(datasets[0]).toMatchObject({
      rejects: [
        { code: 'pattern', count: 2 },
        { code: 'type', count: 2 },
      ],
    });
  });

  it('works for elements of a list that lands, and of one that becomes rows', async () => {
    const leaf = '{ type: array, items: { type: string, maxLength: 9, x-as-text: true, x-pii: none } }';
    const each = "  value: { from: value, each: keep, reviewed: 'test' }\n";
    const list = answer(['[1, "b", true]']);
    expect((await landAnswer(dataset(leaf, each), list)).rows).toEqual([
      { id: 1, value: ['1', 'b', 'true'] },
    ]);
    const { rows } = await landAnswer(dataset(leaf, KEPT, 'explode: value'), list);
    expect(rows).toEqual(['1', 'b', 'true'].map((value) => ({ id: 1, value })));
  });

  it('lets a dropped map hold any scalar', async () => {
    const leaf =
      "{ type: object, additionalProperties: { type: [string, 'null'], x-as-text: true, x-pii: direct } }";
    const texts = ['{"a": 1, "b": "x", "c": true, "d": null, "e": 12345678901234567890}', '{"a": []}'];
    const { rows } = await landAnswer(dataset(leaf, 'drop: [value]\n'), answer(texts));
    expect(rows).toEqual([{ id: 1 }]);
  });

  it.each([
    ['{ type: integer, x-as-text: true, x-pii: none }', /`x-as-text` is not supported for type integer/],
    ['{ type: string, format: bigint, x-as-text: true, x-pii: none }', /`x-as-text` is not supported/],
    [
      '{ type: string, format: date-time, x-format: iso, x-as-text: true, x-pii: none }',
      /`x-as-text` is not supported/,
    ],
  ])('is refused where values are no texts: %s', async (leaf, message) => {
    await expect(landAnswer(dataset(leaf, KEPT), answer(['1']))).rejects.toMatchObject({
      message: expect.stringMatching(message) as string,
    });
  });

  it('must be the same in datasets of the same records', async () => {
    const text = dataset('{ type: string, x-as-text: true, x-pii: none }', KEPT);
    const other = dataset('{ type: string, x-pii: none }', KEPT).replace(
      /time.*\nrequest.*\n/,
      'of: shop_rows\n',
    );
    const project = await openAnswer({ shop_rows: text, shop_others: other }, answer(['"a"']));
    await expect(project.land({ asOfNow: true })).rejects.toMatchObject({
      message: expect.stringMatching(
        /value is VARCHAR here and VARCHAR with `x-as-text` in shop_rows/,
      ) as string,
    });
  });
});

describe('single_as_list', () => {
  it('also reads one value in place of an exploded list', async () => {
    const leaf = '{ type: array, items: { type: string, maxLength: 9, x-pii: none } }';
    const yaml = dataset(leaf, KEPT, 'explode: value');
    const texts = answer(['["a", "b"]', '"c"', '[]']);
    const single = yaml.replace("records: ''", "records: '', single_as_list: true");
    expect((await landAnswer(single, texts)).rows).toEqual([
      { id: 1, value: 'a' },
      { id: 1, value: 'b' },
      { id: 2, value: 'c' },
    ]);
    expect((await landAnswer(yaml, texts)).datasets[0]).toMatchObject({ landed: 2, rejected: 1 });
  });
});
