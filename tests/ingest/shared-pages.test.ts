import { describe, expect, it } from 'vitest';
import { serve } from '../source/harness.js';
import { bytes } from '../support/stub-api.js';
import { DATE, makeProject } from './land-project.js';

const PAGE = `
pipeline: shop
source: { base_url: BASE }
datasets:
  shop_carts:
    time: by_date
    request: { path: '/carts/{date}', records: '', pagination: { type: page, page_param: page } }
    contract:
      max_rejected: 50%
      on_unknown_field: discard_row
      schema:
        type: object
        required: [id, user]
        properties:
          id: { type: integer, minimum: 1, maximum: 99, x-pii: none }
          user: { type: integer, minimum: 1, maximum: 99, x-pii: quasi }
    landing:
      id: { from: id, treat: keep, reviewed: a number of the test }
      user_token: { from: [user, id], treat: token, scope: user }
    drop: []
    primary_key: [id]
  shop_cart_items:
    of: shop_carts
    explode: products
    contract:
      max_rejected: 50%
      schema:
        type: object
        required: [id, products]
        properties:
          id: { type: integer, minimum: 1, maximum: 99, x-pii: none }
          products:
            type: array
            items:
              type: object
              required: [no, price]
              properties:
                no: { type: integer, minimum: 1, maximum: 99, x-pii: none }
                price: { type: number, format: decimal, x-scale: 2, minimum: 0, maximum: 999, x-pii: none }
    landing:
      cart_id: { from: id, treat: keep, reviewed: a number of the test }
      no: { from: products.no, treat: keep }
      price: { from: products.price, treat: keep }
    primary_key: [cart_id, no]
`;

const PAGES = [
  '[{"id":1,"user":7,"products":[{"no":1,"price":0.10},{"no":2,"price":12.50}]},{"id":2,"user":7,"products":[]}]',
  '[{"id":3,"user":8,"products":[{"no":1,"price":1.001},{"no":2,"price":3}]},{"id":4,"user":8,"products":null}]',
  '[]',
];

async function start() {
  const server = await serve((asked, response) => {
    return bytes(PAGES[Number(asked.query.get('page')) - 1] ?? '[]')(response, asked);
  });
  const project = await makeProject({ 'pipelines/shop.yaml': PAGE.replace('BASE', server.url.origin) });
  return { server, project };
}

describe('two datasets of one fetch', () => {
  it('land each by its own contract; rows of an array count as records', async () => {
    const { server, project } = await start();
    const { datasets } = await project.land();
    expect(server.asked.map(({ query }) => query.get('page'))).toEqual(['1', '2', '3']);
    expect(datasets).toMatchObject([
      { dataset: 'shop_carts', fetched: 4, landed: 4, rejected: 0, empty: 0, drift: [] },
      { dataset: 'shop_cart_items', fetched: 4, landed: 3, rejected: 1, empty: 2 },
    ]);
    expect(datasets[1]?.rejects).toEqual([{ code: 'format', path: 'products.price', count: 1 }]);
    expect(datasets[1]?.drift.filter(({ kind }) => kind === 'new_field')).toEqual([]);
    expect(await project.rows('2026/03/01/shop_cart_items.parquet')).toEqual([
      { cart_id: '1', no: '1', price: '0.10' },
      { cart_id: '1', no: '2', price: '12.50' },
      { cart_id: '3', no: '2', price: '3.00' },
    ]);
    expect(await project.rows('../quarantine/2026/03/01/shop_cart_items.parquet')).toMatchObject([
      { page: 1, position: 0, code: 'format' },
    ]);
    const manifest = await project.manifest('2026/03/01/shop_cart_items.manifest.json');
    expect(manifest.source.path).toBe('/carts/{date}');
  });

  it('land the same bytes again', async () => {
    const { project } = await start();
    await project.land();
    expect((await project.land()).status).toBe('unchanged');
  });

  it('may be had one without the other', async () => {
    const { server, project } = await start();
    const { datasets } = await project.land({ dataset: 'shop_cart_items', date: DATE });
    expect(datasets.map(({ dataset, landed }) => [dataset, landed])).toEqual([['shop_cart_items', 3]]);
    expect(server.asked).toHaveLength(3);
    await expect(project.rows('2026/03/01/shop_carts.parquet')).rejects.toThrow();
  });

  it('land together or not at all', async () => {
    const { project } = await start();
    const strict = await makeProject({
      'pipelines/shop.yaml': PAGE.replace('BASE', (await start()).server.url.origin).replaceAll('50%', '10%'),
    });
    await expect(strict.land()).rejects.toMatchObject({
      code: 'E_REJECTED',
      where: { dataset: 'shop_cart_items' },
    });
    await expect(strict.rows('2026/03/01/shop_carts.parquet')).rejects.toThrow();
    expect((await project.land()).status).toBe('succeeded');
  });
});
