import { describe, expect, it } from 'vitest';
import { landAnswer, openAnswer, readRows } from './land-answer.js';

const head = `time: snapshot
request: { path: /rows, records: '' }`;
const ID = `id: { type: string, pattern: '^[a-z]$', x-pii: none }`;
const NO = '{ type: integer, minimum: 0, maximum: 99, x-pii: none }';

const DEEP = `${head}
explode: orders.lines
contract:
  max_rejected: 50%
  schema:
    type: object
    required: [id, orders]
    properties:
      ${ID}
      orders:
        type: array
        items:
          type: object
          required: [no, lines]
          properties:
            no: ${NO}
            lines:
              type: array
              items:
                type: object
                required: [sku]
                properties:
                  sku: { type: string, pattern: '^S[0-9]$', x-pii: none }
                  price: { type: number, format: decimal, x-scale: 2, minimum: 0, maximum: 9, x-pii: none }
landing:
  id: { from: id, treat: keep, reviewed: a number of the test }
  no: { from: orders.no, treat: keep }
  sku: { from: orders.lines.sku, treat: keep }
  price: { from: orders.lines.price, treat: keep }
primary_key: [id, no, sku]
`;

describe('lists in lists', () => {
  it('give a row for each inner element, with the fields of both parents', async () => {
    const { datasets, rows } = await landAnswer(
      DEEP,
      `[{"id":"a","orders":[{"no":1,"lines":[{"sku":"S1","price":1.10},{"sku":"S2"}]},{"no":2,"lines":[]}]},
        {"id":"b","orders":[]},{"id":"c","orders":null},{"id":"d"},
        {"id":"e","orders":[{"no":3,"lines":[{"sku":"S1"}]}, 7]}]`,
    );
    expect(rows).toEqual([
      { id: 'a', no: 1, sku: 'S1', price: 1.1 },
      { id: 'a', no: 1, sku: 'S2', price: null },
      { id: 'e', no: 3, sku: 'S1', price: null },
    ]);
    expect(datasets[0]).toMatchObject({ fetched: 4, landed: 3, rejected: 1, empty: 4 });
    expect(datasets[0]?.rejects).toEqual([{ code: 'type', path: 'orders', count: 1 }]);
  });

  it('are missed by any step of their path', async () => {
    const lost = [{ id: 'a', orders: [{ no: 1, items: [] }] }];
    await expect(landAnswer(DEEP, lost)).rejects.toThrow(/orders\.lines/);
    await expect(landAnswer(DEEP, [{ id: 'a', order: [] }])).rejects.toThrow(/`orders`/);
    await expect(landAnswer(DEEP, [{ id: 'a', orders: [] }])).resolves.toMatchObject({ rows: [] });
  });
});

const MAILS = `${head}
explode: contact.mails
as: mail
contract:
  schema:
    type: object
    required: [id, contact]
    properties:
      ${ID}
      contact:
        type: object
        required: [mails]
        properties:
          mails: { type: array, items: { type: string, maxLength: 254, x-pii: direct } }
landing:
  id: { from: id, treat: keep, reviewed: a number of the test }
  mail: { from: mail, treat: mask_email }
  mail_token: { from: mail, treat: token, scope: mail }
primary_key: [id, mail_token]
`;

describe('a list of scalars', () => {
  it('gives a row for each, under a name of its own', async () => {
    const { datasets, rows } = await landAnswer(MAILS, [
      { id: 'a', contact: { mails: ['ann@gmail.com', 'a@example.org'] } },
      { id: 'b', contact: { mails: [] } },
    ]);
    expect(rows).toMatchObject([
      { id: 'a', mail: '***@gmail.com' },
      { id: 'a', mail: '***@other' },
    ]);
    expect(datasets[0]).toMatchObject({ fetched: 2, landed: 2, empty: 1, drift: [] });
  });

  it('is no unknown field of the dataset that shares the response', async () => {
    const people = `${head}
contract:
  schema:
    type: object
    properties:
      ${ID}
      mail: { type: boolean, x-pii: none }
landing:
  id: { from: id, treat: keep, reviewed: a number of the test }
  mail: { from: mail, treat: keep }
`;
    const mails = MAILS.replace(head, 'of: shop_rows');
    const project = await openAnswer({ shop_rows: people, shop_mails: mails }, [
      { id: 'a', mail: true, contact: { mails: ['ann@gmail.com'] } },
    ]);
    const { datasets } = await project.land({ asOfNow: true });
    expect(datasets.map(({ drift }) => drift)).toEqual([[], []]);
    expect(await readRows(project, 'shop_rows')).toEqual([{ id: 'a', mail: true }]);
    expect(await readRows(project, 'shop_mails')).toMatchObject([{ id: 'a', mail: '***@gmail.com' }]);
  });

  it.each([
    ['as: mail', 'as: id', /id is already a field/],
    ['explode: contact.mails\n', '', /`as` requires `explode`/],
    ['explode: contact.mails', 'explode: contact.mail', /unknown array/],
  ])('is refused where %s becomes %s', async (from, to, says) => {
    await expect(landAnswer(MAILS.replace(from, to), [])).rejects.toThrow(says);
  });
});

const FIELDS = `${head}
explode: custom_fields
as: field
contract:
  max_rejected: 50%
  schema:
    type: object
    required: [id]
    properties:
      ${ID}
      custom_fields:
        type: object
        propertyNames: { pattern: '^[a-z_]{1,20}$', x-pii: quasi }
        additionalProperties: { type: [string, 'null'], maxLength: 9, x-pii: direct }
landing:
  id: { from: id, treat: keep, reviewed: a number of the test }
  name: { from: field.key, treat: token, scope: field }
  value: { from: field.value, treat: mask }
primary_key: [id, name]
`;

describe('a map with unknown keys', () => {
  it('gives a row for each entry, whose key is a leaf like any other', async () => {
    const { datasets, rows, project } = await landAnswer(FIELDS, [
      { id: 'a', custom_fields: { shoe_size: '44', 'anna canary': 'x' } },
      { id: 'b', custom_fields: [] },
      { id: 'c', custom_fields: { shoe_size: null } },
    ]);
    const token = expect.stringMatching(/^k1_/) as string;
    expect(rows).toEqual([
      { id: 'a', name: token, value: '*****' },
      { id: 'c', name: token, value: null },
    ]);
    expect(datasets[0]).toMatchObject({ fetched: 3, landed: 2, rejected: 1, empty: 1, drift: [] });
    expect(datasets[0]?.rejects).toEqual([{ code: 'pattern', path: 'field.key', count: 1 }]);
    expect(
      JSON.stringify([datasets, await project.manifest('2026/03/01/shop_rows.manifest.json')]),
    ).not.toContain('canary');
  });

  it.each([
    [
      'a key without a decision',
      '  name: { from: field.key, treat: token, scope: field }\n',
      '',
      /field.key is neither/,
    ],
    [
      'a key that is kept',
      'treat: token, scope: field',
      'treat: keep',
      /no bound/,
      "pattern: '^[a-z_]{1,20}$', ",
    ],
    [
      'a map that is not exploded',
      'explode: custom_fields\nas: field\n',
      '',
      /custom_fields.key is neither landed nor dropped/,
    ],
  ])('is refused: %s', async (_, from, to, says, also = '') => {
    const yaml = FIELDS.replace(from, to).replace(also, '').replace('[id, name]', '[id]');
    await expect(landAnswer(yaml, [])).rejects.toThrow(says);
  });

  const DROPPED = `${head}
contract:
  max_rejected: 60%
  schema:
    type: object
    required: [id]
    properties:
      ${ID}
      custom_fields:
        type: object
        additionalProperties: { type: string, maxLength: 9, x-pii: direct }
landing:
  id: { from: id, treat: keep, reviewed: a number of the test }
drop: [custom_fields]
`;

  it('is dropped whole, and its keys are no drift', async () => {
    const many = Array.from({ length: 40 }, () => ({ id: 'a', custom_fields: { canary_key: 'x' } }));
    const { datasets, rows } = await landAnswer(DROPPED, [
      ...many,
      { id: 'b', custom_fields: { x: 'too long to be' } },
    ]);
    expect(rows).toHaveLength(40);
    expect(datasets[0]?.drift).toEqual([]);
    expect(datasets[0]?.rejects).toEqual([{ code: 'length', path: 'custom_fields.value', count: 1 }]);
  });

  it('cannot land without its rows', async () => {
    const yaml = DROPPED.replace(
      'drop: [custom_fields]',
      '  v: { from: custom_fields.value, treat: redact }\ndrop: [custom_fields.key]',
    );
    await expect(landAnswer(yaml, [])).rejects.toThrow(/has many values in a record/);
  });
});
