import { describe, expect, it } from 'vitest';
import { DATE, makeProject } from './land-project.js';

const PAGE = `
pipeline: shop
source: { base_url: 'file:data' }
datasets:
  shop_sales:
    time: by_date
    request: { path: '/{date}.FORMAT', RECORDS format: FORMAT }
    contract:
      max_rejected: 90%
      schema:
        type: object
        required: [id]
        properties:
          id: { type: integer, format: bigint, x-pii: quasi }
          price: { type: [number, 'null'], format: decimal, x-scale: 2, minimum: 0, maximum: 99999, x-pii: none }
    landing:
      id: { from: id, treat: keep, reviewed: "numbers of sales" }
      sale_token: { from: id, treat: token, scope: sale }
      price: { from: price, treat: keep }
    primary_key: [id]
`;

const CASES = [
  {
    format: 'json',
    text: '[{"id":9007199254740993,"price":0.10},{"id":"9007199254740995","price":"12.5"},{"id":"3","price":null},{"id":1.0},{"id":4,"price":1.001},{"id":5,"price":-0.01}]',
  },
  {
    format: 'ndjson',
    text: '{"id":9007199254740993,"price":0.10}\n{"id":9007199254740995,"price":12.50}\n{"id":3}\n{"id":007}\n'.replace(
      '{"id":007}',
      '{"id":"007"}\n{"id":4,"price":1e2}\n{"id":5,"price":100000}',
    ),
  },
  {
    format: 'csv',
    text: 'id,price\n9007199254740993,0.10\n9007199254740995,12.5\n3,\n007,1\n4,1e2\n5,99999.01\n',
  },
];

describe('digits that JavaScript would round', () => {
  it.each(CASES)('land as they were sent, or not at all: $format', async ({ format, text }) => {
    const page = PAGE.replaceAll('FORMAT', format).replace(
      'RECORDS',
      format === 'json' ? 'records: "",' : '',
    );
    const project = await makeProject({ 'pipelines/shop.yaml': page, [`data/${DATE}.${format}`]: text });
    const { datasets } = await project.land();
    expect(datasets[0]).toMatchObject({ fetched: 6, landed: 3, rejected: 3 });
    const file = '2026/03/01/shop_sales.parquet';
    const rows = await project.rows(file);
    const token = expect.stringMatching(/^k1_[0-9a-f]{32}$/) as string;
    expect(rows).toEqual([
      { id: '9007199254740993', sale_token: token, price: '0.10' },
      { id: '9007199254740995', sale_token: token, price: '12.50' },
      { id: '3', sale_token: token, price: null },
    ]);
    expect(new Set(rows.map((row) => JSON.stringify(row).split('"sale_token"')[1]?.slice(0, 40))).size).toBe(
      3,
    );
    expect(await project.types(file)).toEqual([
      { name: 'id', type: 'DECIMAL(38,0)' },
      { name: 'sale_token', type: 'VARCHAR' },
      { name: 'price', type: 'DECIMAL(18,2)' },
    ]);
  });
});
