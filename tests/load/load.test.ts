import { DuckDBInstance } from '@duckdb/node-api';
import sqlite from 'node-sqlite3-wasm';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { closeAfterTest } from '../support/after-each.js';
import { findPostgres, startPostgres } from '../support/postgres.js';
import { postgresSubject } from './postgres-subject.js';
import { DATE, makeThings, ODD, type Things } from './things.js';

/** The short form of what `conformance.ts` tries on both types of target. */
async function loadTwice(things: Things, count: () => Promise<number>): Promise<void> {
  await things.land(DATE, ODD);
  const first = await things.load();
  expect(first.tables.find(({ table }) => table === 'silver.daily_things')).toMatchObject({
    ...{ rows: 6, dates: [DATE], replaced_cells: 1 },
  });
  expect(first.left_out.map(({ table }) => table)).toContain('bronze.hidden_things');
  expect(await count()).toBe(6);
  expect((await things.load()).rows).toBe(0);
  expect(await count()).toBe(6);
}

describe('a load', () => {
  it('into SQLite changes what differs, and then nothing', async () => {
    const things = await makeThings('targets:\n  t: { type: sqlite, path: t.sqlite }\n');
    await loadTwice(things, () => {
      const database = new sqlite.Database(join(things.dir, 't.sqlite'), { readOnly: true });
      const row = database.get('select count(*) as n from silver_daily_things');
      database.close();
      return Promise.resolve(Number(row?.['n']));
    });
  });

  it.runIf(findPostgres() !== null)('into PostgreSQL does the same', async () => {
    const server = await startPostgres();
    closeAfterTest(() => server.stop());
    const { yaml, variables, query } = await postgresSubject(server).make('');
    const things = await makeThings(yaml, variables);
    await loadTwice(things, async () =>
      Number((await query(things, 'select count(*) from {silver.daily_things}'))[0]?.[0]),
    );
  });

  it('needs a warehouse, and leaves nothing where there is none', async () => {
    const things = await makeThings('targets:\n  t: { type: sqlite, path: t.sqlite }\n');
    await expect(things.load()).rejects.toMatchObject({ code: 'E_NO_WAREHOUSE' });
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const found = await connection.runAndReadAll(`from glob('${things.dir}/**')`);
    const names = found.getRows().map(([file]) => String(file));
    expect(names.filter((file) => file.includes('_targets') || file.includes('sqlite'))).toEqual([]);
    instance.closeSync();
  });
});
