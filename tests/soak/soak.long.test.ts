import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, it } from 'vitest';
import { soak } from '../../soak/soak.js';
import { findPostgres } from '../support/postgres.js';

it('two days with bad luck end as two days without', async () => {
  const { wrong, figures, landedRecords, tables, retries, loaded } = await soak({
    days: 2,
    seed: 7,
    loads: true,
    onStep: () => undefined,
  });
  expect(wrong).toEqual([]);
  expect(retries).toBeGreaterThan(0);
  expect(figures.landings).toBeGreaterThanOrEqual(8);
  expect(landedRecords).toBeGreaterThan(1000);
  expect(figures.scheduled).toBeGreaterThan(0);
  expect(tables).toBeGreaterThan(10);
  if (loaded !== null) expect(loaded.tables).toBe(tables);
});

it.runIf(findPostgres() !== null)('finds a row that is gone from PostgreSQL', async () => {
  const { wrong } = await soak({
    ...{ days: 1, seed: 8, pipelines: ['store'], loads: true },
    onStep: () => undefined,
    tamperBefore: async ({ dir }) => {
      const url = (await readFile(join(dir, '.env'), 'utf8')).trim().replace('EVENING_URL=', '');
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(
        'delete from rough_silver.users where ctid = (select min(ctid) from rough_silver.users)',
      );
      await client.end();
    },
  });
  expect(wrong).toEqual(['silver.users in PostgreSQL: 0 unexpected rows, 1 missing rows']);
});
