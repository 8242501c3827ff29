import { describe, expect, it } from 'vitest';
import { serve } from '../source/harness.js';
import { bytes } from '../support/stub-api.js';
import { DATE, makeProject } from './land-project.js';

/** An API of sales, and a flat file of exchange rates beside it. */
function writePage(baseUrl: string): string {
  return `
pipeline: shop
source: { base_url: ${baseUrl} }
datasets:
  shop_sales:
    time: by_date
    request: { path: '/sales/{date}', format: csv }
    contract:
      schema:
        type: object
        required: [id, paid]
        properties:
          id: { type: integer, minimum: 1, maximum: 99, x-pii: none }
          paid: { type: boolean, x-pii: none }
    landing:
      id: { from: id, treat: keep }
      paid: { from: paid, treat: keep }
  shop_rates:
    time: by_date
    request: { base_url: 'file:data/rates', path: '/{date}-*.ndjson', format: ndjson }
    contract:
      schema:
        type: object
        required: [currency]
        properties:
          currency: { type: string, pattern: '^[A-Z]{3}$', x-pii: none }
    landing:
      currency: { from: currency, treat: keep }
`;
}

describe('a flat file beside an API', () => {
  it('lands with it, and no request of it goes out', async () => {
    const server = await serve((asked, response) =>
      bytes('id,paid\r\n1,true\r\n2,false\r\n3,yes\r\n'.repeat(asked.attempt))(response, asked),
    );
    const project = await makeProject({
      'pipelines/shop.yaml': writePage(server.url.origin).replace(
        'schema:',
        'max_rejected: 50%\n      schema:',
      ),
      [`data/rates/${DATE}-a.ndjson`]: '{"currency":"EUR"}\n{"currency":"USD"}\n',
      [`data/rates/${DATE}-b.ndjson`]: '{"currency":"GBP"}\n',
    });
    const { datasets } = await project.land();
    expect(datasets.map(({ dataset, landed, rejected }) => [dataset, landed, rejected])).toEqual([
      ['shop_sales', 2, 1],
      ['shop_rates', 3, 0],
    ]);
    expect(await project.rows('2026/03/01/shop_sales.parquet')).toEqual([
      { id: '1', paid: true },
      { id: '2', paid: false },
    ]);
    expect(await project.rows('2026/03/01/shop_rates.parquet')).toEqual(
      ['EUR', 'USD', 'GBP'].map((currency) => ({ currency })),
    );
    expect(server.asked.map(({ path }) => path)).toEqual([`/sales/${DATE}`]);
    const manifest = await project.manifest('2026/03/01/shop_rates.manifest.json');
    expect(manifest.source).toEqual({
      kind: 'file',
      origin: null,
      path: 'data/rates/{date}-*.ndjson',
      allow_http: false,
    });
  });

  it('that is missing lets nothing of the run land', async () => {
    const server = await serve((asked, response) => bytes('id,paid\n1,true\n')(response, asked));
    const project = await makeProject({
      'pipelines/shop.yaml': writePage(server.url.origin),
      'data/rates/.k': '',
    });
    await expect(project.land()).rejects.toMatchObject({
      code: 'E_DISK_READ',
      where: { dataset: 'shop_rates', path: 'data/rates/{date}-*.ndjson' },
    });
    await expect(project.rows('2026/03/01/shop_sales.parquet')).rejects.toThrow();
  });

  it('may be all that there is', async () => {
    const project = await makeProject({
      'pipelines/shop.yaml': writePage('file:data').replace("'/sales/{date}'", "'/sales-{date}.csv'"),
      [`data/sales-${DATE}.csv`]: 'id,paid\n7,true\n',
      [`data/rates/${DATE}-a.ndjson`]: '{"currency":"EUR"}\n',
    });
    expect((await project.land()).datasets.map(({ landed }) => landed)).toEqual([1, 1]);
  });
});
