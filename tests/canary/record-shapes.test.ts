import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAnswer, readRows } from '../ingest/land-answer.js';
import { scanForCanaries } from '../support/canary.js';

const NUMBER = 'id: { type: integer, minimum: 0, maximum: 999, x-pii: none }';
const DIRECT = '{ type: [string, "null"], maxLength: 40, x-pii: direct }';

const ROWS = `time: snapshot
request: { path: /rows, records: rows, keyed: true, key_as: person }
contract:
  max_rejected: 90%
  schema:
    type: object
    required: [id, person]
    properties:
      ${NUMBER}
      person: { type: string, maxLength: 40, x-pii: direct }
      first.name: ${DIRECT}
      mails: { type: array, items: ${DIRECT} }
      seen: { type: string, format: date-time, x-format: iso, x-pii: none, x-on-invalid: set_null }
      manager: { type: object, x-on-invalid: set_null, properties: { name: ${DIRECT} } }
      fields: { type: object, additionalProperties: ${DIRECT} }
landing:
  id: { from: id, treat: keep, reviewed: a number of the test }
  person: { from: person, treat: token, scope: person }
  first_name: { from: '"first.name"', treat: redact }
  mails: { from: mails, each: mask_email }
  mail_tokens: { from: mails, each: token, scope: mail }
  seen: { from: seen, treat: keep }
  manager: { from: manager.name, treat: mask }
drop: [fields]
`;

const FIELDS = `of: shop_rows
explode: fields
as: field
contract:
  max_rejected: 90%
  schema:
    type: object
    required: [id]
    properties:
      ${NUMBER}
      fields:
        type: object
        propertyNames: { pattern: '^[A-Za-z]{1,20}$', x-pii: direct }
        additionalProperties: ${DIRECT}
landing:
  id: { from: id, treat: keep, reviewed: a number of the test }
  name: { from: field.key, treat: token, scope: field }
  value: { from: field.value, treat: redact }
`;

const VALUES = `of: shop_rows
records: included
columns: names
contract:
  max_rejected: 90%
  schema:
    type: object
    properties:
      ${NUMBER}
      name: ${DIRECT}
landing:
  id: { from: id, treat: keep, reviewed: a number of the test }
  name: { from: name, treat: redact }
`;

const record = (id: number, more: object = {}): object => ({
  ...{
    id,
    'first.name': 'Kanaryfirst',
    mails: ['KanaryMail@kanaryhost.example', null],
    seen: '2026-11-20 10:00Z',
  },
  ...{ manager: { name: 'kanaryuser' }, fields: { kanarykey: 'kanarytext', kanarypass: null } },
  ...more,
});

const ANSWER = {
  rows: {
    Kanaryfirst: [record(1), record(2, { manager: 'kanaryuser', seen: 'kanarytext' })],
    Kanärylast: record(3, { mails: 'KanaryMail', kanaryssn: { kanarykey: 1 } }),
    kanaryuser: [
      record(4, { mails: [{ kanarykey: 'kanarytext' }] }),
      record(5, { fields: { 'kanarykey 1': 'x' } }),
    ],
    kanarypass: [record(6, { fields: { kanarykey: ['kanarytext'] } }), 'kanarytext', ['kanarytext']],
  },
  names: ['id', 'name', 'kanaryssn'],
  included: [
    [1, 'Kanaryfirst', 'kanarytext'],
    [2, 7, 'kanarytext'],
  ],
};

describe('records of other shapes', () => {
  it('leave nothing personal on a disk, in a result or in an error', async () => {
    const datasets = { shop_rows: ROWS, shop_fields: FIELDS, shop_values: VALUES };
    const project = await openAnswer(datasets, ANSWER);
    const result = await project.land({ asOfNow: true });
    expect(result.datasets.map(({ fetched, landed, rejected }) => [fetched, landed, rejected])).toEqual([
      [8, 3, 5],
      [12, 8, 4],
      [2, 1, 1],
    ]);
    expect(await readRows(project, 'shop_values')).toEqual([{ id: 1, name: '***' }]);
    const outputs = { result: JSON.stringify(result) };
    expect(await scanForCanaries([join(project.dir, 'data_lake')], outputs)).toEqual([]);
  });

  it.each([
    ['a row of another length', { ...ANSWER, included: [['kanarytext']] }],
    ['names that are no texts', { ...ANSWER, names: [{ kanarykey: 1 }] }],
    ['a key that a record has already', { ...ANSWER, rows: { kanarykey: { person: 'kanaryuser' } } }],
  ])('say nothing of %s', async (_, answer) => {
    const project = await openAnswer({ shop_rows: ROWS, shop_values: VALUES }, answer);
    const error: unknown = await project.land({ asOfNow: true }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'E_SOURCE_SHAPE' });
    const outputs = { error: `${String(error)} ${JSON.stringify(error)}` };
    expect(await scanForCanaries([join(project.dir, 'data_lake')], outputs)).toEqual([]);
  });
});
