import { describe, expect, it } from 'vitest';
import { serve } from '../source/harness.js';
import { bytes } from '../support/stub-api.js';
import { landAnswer, openAnswer, readRows } from './land-answer.js';
import { makeProject } from './land-project.js';

const contract = `contract:
  max_rejected: 60%
  schema:
    type: object
    required: [id]
    properties:
      id: { type: string, pattern: '^[a-z]$', x-pii: none }
      price: { type: number, format: decimal, x-scale: 2, minimum: 0, maximum: 99, x-pii: none }
      score: { type: number, minimum: 0, maximum: 9, x-pii: none }
      day: { type: string, format: date, x-pii: none }
landing:
  id: { from: id, treat: keep }
  price: { from: price, treat: keep }
  score: { from: score, treat: round, decimals: 2 }
  day: { from: day, treat: keep }
`;

const withRequest = (request: string): string =>
  `time: snapshot\nrequest: { path: /rows, ${request} }\n${contract}`;

const none = { price: null, score: null, day: null };

describe('records that are lists of values', () => {
  const rows = '[["a",1.10,1.50,"2026-11-20"],["b",2,2,"x"]]';

  it.each([
    ['columns: columns', `{"columns":["id","price","score","day"],"rows":${rows}}`],
    [
      'columns: meta.cols',
      `{"meta":{"cols":[{"name":"id"},{"name":"price"},{"name":"score"},{"name":"day"}]},"rows":${rows}}`,
    ],
    ['columns: [id, price, score, day]', `{"rows":${rows}}`],
  ])('have names from %s', async (columns, answer) => {
    const landed = await landAnswer(withRequest(`records: rows, ${columns}`), answer);
    expect(landed.rows).toEqual([{ id: 'a', price: 1.1, score: 1.5, day: '2026-11-20' }]);
    expect(landed.datasets[0]?.rejects).toEqual([{ code: 'format', path: 'day', count: 1 }]);
  });

  it.each([
    ['{"columns":["id","price"],"rows":[["a",1],["b"]]}', /a list of 2 values/],
    ['{"columns":["id"],"rows":[{"id":"a"}]}', /a list of 1 values/],
    ['{"columns":["id","id"],"rows":[["a",1]]}', /different names at `columns`/],
    ['{"columns":{"id":1},"rows":[["a",1]]}', /different names at `columns`/],
    ['{"rows":[["canary"]]}', /different names at `columns`/],
  ])('are an error as %s', async (answer, says) => {
    const failed = landAnswer(withRequest('records: rows, columns: columns'), answer);
    await expect(failed).rejects.toMatchObject({
      code: 'E_SOURCE_SHAPE',
      message: expect.stringMatching(says) as string,
    });
  });

  it('may be none, without a header', async () => {
    const yaml = withRequest('records: rows, columns: columns')
      .replace('time: snapshot', 'time: by_date')
      .replace('/rows', "'/rows/{date}'");
    expect((await landAnswer(yaml, '{"rows":[]}')).rows).toEqual([]);
  });
});

describe('lists under the keys of an object', () => {
  const days =
    '{"rows":{"2026-11-20":[{"id":"a","price":1.10},{"id":"b"}],"2026-11-21":[],"2026-11-22":{"id":"c","score":1.50}}}';

  it('are one list; their keys are ignored', async () => {
    const { rows } = await landAnswer(withRequest('records: rows, keyed: true'), days);
    expect(rows).toEqual([
      { id: 'a', ...none, price: 1.1 },
      { id: 'b', ...none },
      { id: 'c', ...none, score: 1.5 },
    ]);
  });

  it('may give their key to each record, as a leaf of the contract', async () => {
    const { rows } = await landAnswer(withRequest('records: rows, keyed: true, key_as: day'), days);
    expect(rows).toMatchObject([
      { id: 'a', price: 1.1, day: '2026-11-20' },
      { id: 'b', day: '2026-11-20' },
      { id: 'c', score: 1.5, day: '2026-11-22' },
    ]);
  });

  it('never replace a field of the record by the key', async () => {
    const answer = '{"rows":{"2026-11-20":[{"id":"a","day":"2026-01-01"}]}}';
    const failed = landAnswer(withRequest('records: rows, keyed: true, key_as: day'), answer);
    await expect(failed).rejects.toMatchObject({ code: 'E_SOURCE_SHAPE' });
  });

  it.each([
    ['records: rows, key_as: day', /`key_as` requires `keyed`/],
    ['records: rows, keyed: true, columns: [id]', /cannot be used with `keyed`/],
    ['records: rows, columns: [id, id]', /duplicate name/],
    ['format: csv, columns: [id]', /not supported for csv/],
  ])('are refused with %s', async (request, says) => {
    await expect(landAnswer(withRequest(request), '{}')).rejects.toThrow(says);
  });
});

const ORDERS = withRequest(
  'records: orders, pagination: { type: page, page_param: page, size: 2, size_param: size }',
).replace('landing:', 'landing:\n  token: { from: id, treat: token, scope: order, reviewed: a test }');
const PEOPLE = `of: shop_rows
records: included.people
${contract}primary_key: [id]
`;

describe('two lists of records in one answer', () => {
  const pages = [
    '{"orders":[{"id":"a"},{"id":"b"}],"included":{"people":[{"id":"x","price":1.10},{"id":"y"}]}}',
    '{"orders":[{"id":"c"},{"id":"d"}],"included":{"people":[{"id":"x","price":1.10}]}}',
    '{"orders":[{"id":"e"}]}',
  ];

  async function open(people = PEOPLE) {
    const server = await serve((asked, response) =>
      bytes(pages[Number(asked.query.get('page')) - 1] ?? '{"orders":[]}')(response, asked),
    );
    const indent = (text: string): string => text.trim().replaceAll(/^/gm, '    ');
    const text = `pipeline: shop
source: { base_url: '${server.url.origin}' }
datasets:
  shop_rows:
${indent(ORDERS)}
  shop_people:
${indent(people)}
`;
    return { server, project: await makeProject({ 'pipelines/shop.yaml': text }) };
  }

  it('are fetched once and land as two datasets', async () => {
    const { server, project } = await open();
    const { datasets } = await project.land({ asOfNow: true });
    expect(server.asked).toHaveLength(3);
    expect(datasets).toMatchObject([
      { dataset: 'shop_rows', fetched: 5, landed: 5 },
      { dataset: 'shop_people', fetched: 3, landed: 2, duplicates: 1 },
    ]);
    expect(await readRows(project, 'shop_people')).toMatchObject([{ id: 'y' }, { id: 'x', price: 1.1 }]);
  });

  it('are paged by the first, even if only the other is asked for', async () => {
    const { server, project } = await open();
    const { datasets } = await project.land({ asOfNow: true, dataset: 'shop_people' });
    expect(server.asked).toHaveLength(3);
    expect(datasets).toMatchObject([{ dataset: 'shop_people', landed: 2 }]);
  });

  it('are an error if no page has the other one, and not if it is empty', async () => {
    const { project } = await open(PEOPLE.replace('included.people', 'included.persons'));
    await expect(project.land({ asOfNow: true })).rejects.toMatchObject({ code: 'E_SOURCE_SHAPE' });
    const empty = await openAnswer(
      { shop_rows: withRequest('records: orders'), shop_people: PEOPLE },
      '{"orders":[{"id":"a"}],"included":{"people":null}}',
    );
    expect((await empty.land({ asOfNow: true })).datasets).toMatchObject([{ landed: 1 }, { landed: 0 }]);
  });

  it.each([
    ['of: shop_rows\n', 'time: snapshot\nrequest: { path: /x, records: a }\n', /only allowed with `of`/],
    ['records: included.people', 'keyed: true', /`keyed` requires `records`/],
  ])('are refused where %s becomes %s', async (from, to, says) => {
    const { project } = await open(PEOPLE.replace(from, to));
    await expect(project.land({ asOfNow: true })).rejects.toThrow(says);
  });
});
