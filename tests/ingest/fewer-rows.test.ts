import { describe, expect, it } from 'vitest';
import { serve, sendJson } from '../source/harness.js';
import { DATE, makeProject } from './land-project.js';

/** A source by date whose answers are lists of so many records, in turn. */
async function landInTurn(counts: readonly number[], more = '') {
  let turn = 0;
  const { url } = await serve((_asked, response) => {
    sendJson(response, { rows: Array.from({ length: counts[turn++] ?? 0 }, (_, id) => ({ id })) });
  });
  return makeProject({
    'pipelines/shop.yaml': `
pipeline: shop
source: { base_url: ${url.origin}, retries: 0 }
datasets:
  shop_carts:
    time: by_date
    request: { path: '/carts/{date}', records: rows }
    contract:
      schema:
        type: object
        required: [id]
        properties:
          id: { type: integer, minimum: 0, maximum: 99, x-pii: none }
    landing:
      id: { from: id, treat: keep }
    primary_key: [id]
    ${more}
`,
  });
}

const FILE = `${DATE.replaceAll('-', '/')}/shop_carts.parquet`;

describe('a landed date', () => {
  it.each<[string, readonly number[], string]>([
    ['no rows', [10, 0], ''],
    ['no rows, even if all may go', [10, 0], 'max_drop: 100%'],
    ['fewer than half of its rows', [10, 4], ''],
    ['fewer rows than max_drop allows', [10, 8], 'max_drop: 10%'],
  ])('is not replaced by %s', async (_, counts, more) => {
    const project = await landInTurn(counts, more);
    await project.land();
    await expect(project.land()).rejects.toMatchObject({
      code: 'E_FEWER_ROWS',
      exit: 4,
      where: { dataset: 'shop_carts' },
    });
    expect(await project.rows(FILE)).toHaveLength(10);
  });

  it.each<[string, readonly number[], string]>([
    ['half of its rows', [10, 5], ''],
    ['more rows', [5, 10], ''],
    ['as few rows as max_drop allows', [10, 1], 'max_drop: 90%'],
  ])('is replaced by %s', async (_, counts, more) => {
    const project = await landInTurn(counts, more);
    await project.land();
    await project.land();
    expect(await project.rows(FILE)).toHaveLength(counts[1] ?? 0);
  });

  it('is replaced by no rows with --force', async () => {
    const project = await landInTurn([10, 0]);
    await project.land();
    await project.land({ force: true });
    expect((await project.manifest(FILE.replace('.parquet', '.manifest.json'))).counts.landed).toBe(0);
  });

  it('may be empty at first, and stay so', async () => {
    const project = await landInTurn([0, 0]);
    await project.land();
    expect((await project.land()).datasets[0]?.landed).toBe(0);
  });

  it('is of its own: another date may have fewer rows', async () => {
    const project = await landInTurn([10, 1]);
    await project.land();
    expect((await project.land({ date: '2026-03-02' })).datasets[0]?.landed).toBe(1);
  });
});
