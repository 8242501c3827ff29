import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findExtension } from '../../src/actions/load/find-extension.js';
import { findPostgres, type Postgres, startPostgres } from '../support/postgres.js';
import { postgresSubject } from './postgres-subject.js';
import { DATE, makeThings, NEXT, type Thing } from './things.js';

/** Where DuckDB's extension is; null where it is not installed. Where everything must be tried, that is a failure. */
const dir = process.env['DUCKDB_EXTENSION_DIR'] ?? '';
const extension = await findExtension({ variables: new Map([['DUCKDB_EXTENSION_DIR', dir]]) });
if (extension === null && process.env['REQUIRE_INTEGRATION'] === '1')
  throw new Error('DuckDB’s postgres extension is not installed');
if (extension === null)
  console.log('skipped: DuckDB’s postgres extension, since DUCKDB_EXTENSION_DIR has none');

const isThere = findPostgres() !== null && extension !== null;
let server: Postgres;
beforeAll(async () => {
  if (isThere) server = await startPostgres();
});
afterAll(async () => {
  if (isThere) await server.stop();
});

const people = (count: number): Thing[] =>
  Array.from({ length: count }, (_, place) => ({
    ...{ id: place + 1, owner: 'o', label: place % 7 === 0 ? null : `ü~${place}`, price: '1.50' },
    ...{ made: '1969-12-31', seen_at: '2026-03-01T10:00:00.123456Z', ok: place % 2 === 0, weight: 0.1 },
  }));
const TABLE = 'silver.daily_things';

describe.runIf(isThere)('DuckDB’s postgres extension', () => {
  it('loads the same rows as COPY, with the same entries', async () => {
    const found: (string | null)[][][] = [];
    for (const more of [
      { DUCKDB_EXTENSION_DIR: dir },
      { DUCKDB_EXTENSION_DIR: '/nowhere', HOME: '/nowhere' },
    ]) {
      const { yaml, variables, query } = await postgresSubject(server, more).make('');
      const things = await makeThings(yaml, variables);
      await things.land(DATE, people(12_000));
      const { way, rows } = await things.load({ tables: [TABLE] });
      expect([way, rows]).toEqual(['DUCKDB_EXTENSION_DIR' in more && more.DUCKDB_EXTENSION_DIR === dir ? 'extension' : 'copy', 12_000]); // prettier-ignore
      found.push([
        ...(await query(things, `select * from {${TABLE}} order by id`)),
        ...(await query(
          things,
          'select table_name, date, rows, replaced_cells, digest from {ops.batch_log}',
        )),
      ]);
    }
    expect(found[0]).toHaveLength(12_001);
    expect(found[0]).toEqual(found[1]);
  });

  it('changes nothing if a part of it fails, and says what PostgreSQL says', async () => {
    const { yaml, variables, query } = await postgresSubject(server, { DUCKDB_EXTENSION_DIR: dir }).make('');
    const things = await makeThings(yaml, variables);
    await things.land(DATE, people(5));
    await things.load({ tables: [TABLE] });
    await query(things, `alter table {${TABLE}} add constraint few check (id <= 11000)`);
    await things.land(DATE, people(12_000));
    await things.land(NEXT, people(2));
    await expect(things.load({ tables: [TABLE] })).rejects.toMatchObject({
      ...{ code: 'E_TARGET_ROWS', facts: { kind: 'constraint few, 23514' } },
    });
    expect(await query(things, `select count(*) from {${TABLE}}`)).toEqual([['5']]);
    await query(things, `alter table {${TABLE}} drop constraint few`);
    // The extension’s statements are the first to be refused: its transaction ends without a trace.
    await query(
      things,
      `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`,
    );
    await query(
      things,
      `create trigger no before insert on {ops.batch_log} for each row execute function refuse()`,
    );
    await expect(things.load({ tables: [TABLE] })).rejects.toMatchObject({ code: 'E_TARGET_TABLE' });
    expect(await query(things, `select count(*) from {${TABLE}}`)).toEqual([['5']]);
    await query(things, `drop trigger no on {ops.batch_log}`);
    await things.load({ tables: [TABLE] });
    expect(await query(things, `select count(*) from {${TABLE}}`)).toEqual([['12002']]);
  });

  it('rolls back if a trigger changes the rows, and COPY reports it', async () => {
    const { yaml, variables, query } = await postgresSubject(server, { DUCKDB_EXTENSION_DIR: dir }).make('');
    const things = await makeThings(yaml, variables);
    await things.land(DATE, people(3));
    await things.load({ tables: [TABLE] });
    await query(
      things,
      `create function own() returns trigger language plpgsql as
       $$ begin delete from {${TABLE}} where id = new.id and new.id = 7; return null; end $$`,
    );
    await query(
      things,
      `create constraint trigger own after insert on {${TABLE}} deferrable initially deferred
       for each row execute function own()`,
    );
    await things.land(DATE, people(12_000));
    await expect(things.load({ tables: [TABLE] })).rejects.toMatchObject({ code: 'E_TARGET_TABLE' });
    expect(await query(things, `select count(*) from {${TABLE}}`)).toEqual([['3']]);
  });
});
