import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listRuns } from '../../src/ledger/read-runs.js';
import { serve } from '../source/harness.js';
import { bytes } from '../support/stub-api.js';
import { DATE, makeProject } from './land-project.js';

function writePage(baseUrl: string): string {
  const contract = `
    contract:
      schema:
        type: object
        required: [id]
        properties:
          id: { type: integer, minimum: 0, maximum: 9999, x-pii: none }
    landing:
      id: { from: id, treat: keep }`;
  return `
pipeline: shop
source: { base_url: ${baseUrl} }
datasets:
  shop_calls:
    time: by_date
    slot: hour
    request: { path: '/calls/{date}', query: { hour: '{slot}' }, records: '' }${contract}
  shop_day:
    time: by_date
    request: { path: '/day/{date}', records: '' }${contract}
`;
}

/** A source with another id at every call. */
async function start() {
  const server = await serve((asked, response, count) => bytes(`[{"id":${count}}]`)(response, asked));
  const project = await makeProject({ 'pipelines/shop.yaml': writePage(server.url.origin) });
  const files = async () => (await readdir(join(project.dir, 'data_lake/raw/2026/03/01'))).sort();
  return { server, project, files };
}

const now = () => new Date(`${DATE}T17:59:00Z`);

describe('a dataset that lands by the hour', () => {
  it('replaces its hour and no other; what lands once a date is beside it', async () => {
    const { server, project, files } = await start();
    await project.land({ slot: '13' });
    await project.land({ slot: '14' });
    const { datasets } = await project.land({ slot: '13' });
    expect(datasets[0]?.partition?.path).toBe('data_lake/raw/2026/03/01/shop_calls.T13.parquet');
    expect(await files()).toEqual([
      'shop_calls.T13.manifest.json',
      'shop_calls.T13.parquet',
      'shop_calls.T14.manifest.json',
      'shop_calls.T14.parquet',
      'shop_day.manifest.json',
      'shop_day.parquet',
    ]);
    expect(await project.rows('2026/03/01/shop_calls.T13.parquet')).toEqual([{ id: '5' }]);
    expect(await project.rows('2026/03/01/shop_calls.T14.parquet')).toEqual([{ id: '3' }]);
    expect(await project.rows('2026/03/01/shop_day.parquet')).toEqual([{ id: '6' }]);
    const hours = server.asked.map(({ query }) => query.get('hour'));
    expect(hours).toEqual(['13', null, '14', null, '13', null]);
    expect(await project.manifest('2026/03/01/shop_calls.T14.manifest.json')).toMatchObject({ slot: '14' });
    expect(await project.manifest('2026/03/01/shop_day.manifest.json')).toMatchObject({ slot: null });
    const slots: (string | null)[] = [];
    for await (const found of listRuns(join(project.dir, 'data_lake'))) {
      if (found.kind === 'run') slots.push(found.run.slot);
    }
    expect(slots.sort()).toEqual(['13', '13', '14']);
  });

  it('lands the current hour of today where none is named', async () => {
    const { project, files } = await start();
    await project.land({}, { now });
    expect(await files()).toContain('shop_calls.T17.parquet');
  });

  it('of another date needs the hour, and says how to name it', async () => {
    const { server, project } = await start();
    await expect(project.land({ date: '2026-02-28' }, { now })).rejects.toMatchObject({
      code: 'E_SLOT_MISSING',
      exit: 2,
      remedy: expect.stringContaining('--date 2026-02-28T00') as string,
    });
    expect(server.asked).toEqual([]);
  });

  it('is the only one that may be given an hour', async () => {
    const { server, project, files } = await start();
    await expect(project.land({ dataset: 'shop_day', slot: '13' })).rejects.toMatchObject({
      code: 'E_SLOT',
      remedy: expect.stringContaining('--date 2026-03-01`') as string,
    });
    expect(server.asked).toEqual([]);
    await project.land({ dataset: 'shop_day', date: DATE });
    expect(await files()).toEqual(['shop_day.manifest.json', 'shop_day.parquet']);
  });
});
