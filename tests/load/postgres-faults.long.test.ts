import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadDocument } from '../../src/actions/load/load-tables.js';
import { LakeveilError } from '../../src/base/errors.js';
import { closeAfterTest } from '../support/after-each.js';
import { start } from '../support/kill-harness.js';
import { findPostgres, type Postgres, startPostgres } from '../support/postgres.js';
import { askServer } from './postgres-subject.js';
import { DATE, makeThings, NEXT, type Thing, type Things } from './things.js';

const TABLE = 'silver.daily_things';
const THERE = '"lv_silver"."daily_things"';
/** Rows for a COPY that takes a while. */
const MANY = `-- description: Things by day.
-- materialize: incremental by day
select one.id, one.label, other.id as other, one._ingest_date as day
from bronze.things as one join bronze.things as other on one._ingest_date = other._ingest_date
`;
const people = (count: number): Thing[] =>
  Array.from({ length: count }, (_, place) => ({ id: place + 1, owner: 'o', label: `thing ${place}` }));

const isThere = findPostgres() !== null;
let server: Postgres;
let made = 0;
beforeAll(async () => {
  if (isThere) server = await startPostgres();
});
afterAll(async () => {
  if (isThere) await server.stop();
});

interface Scene {
  readonly things: Things;
  readonly database: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly ask: (sql: string) => Promise<(string | null)[][]>;
  /** Rows by day in the target. */
  readonly days: () => Promise<(string | null)[][]>;
}

/** A target that holds 25 rows of a date, and a warehouse that has 160,000 of it and a date more. */
async function prepare(create = '', more: Readonly<Record<string, string>> = {}): Promise<Scene> {
  made += 1;
  const database = `fault_${made}`;
  await askServer(server, 'postgres', `create database ${database} ${create}`);
  const variables = { WAREHOUSE_URL: server.url(database), ...more };
  const yaml = `targets:\n  t: { type: postgres, url: '\${WAREHOUSE_URL}', schema_prefix: lv_, lock_timeout: 1s }\n`;
  const things = await makeThings(yaml, variables);
  await things.model('silver/daily_things', MANY);
  await things.land(DATE, people(5));
  await things.load({ tables: [TABLE] });
  await things.land(DATE, people(400));
  await things.land(NEXT, people(3));
  const ask = (sql: string) => askServer(server, database, sql);
  const days = () => ask(`select day::text, count(*) from ${THERE} group by day order by day`);
  expect(await days()).toEqual([[DATE, '25']]);
  return { things, database, variables, ask, days };
}

const OLD = [[DATE, '25']];
const NEW = [
  [DATE, '160000'],
  [NEXT, '9'],
];

async function fail(load: Promise<LoadDocument>): Promise<LakeveilError> {
  const error: unknown = await load.catch((thrown: unknown) => thrown);
  if (!(error instanceof LakeveilError)) throw new Error('it did not fail');
  const text = JSON.stringify([error.message, error.remedy, error.where, error.facts]);
  expect(text).not.toContain(server.password);
  expect(text).not.toContain('thing 1');
  return error;
}

/** Waits until a session copies rows, and gives its process id. */
async function waitForCopy({ ask }: Scene): Promise<number> {
  for (;;) {
    const found = await ask(
      `select pid from pg_stat_activity where datname = current_database() and query ilike 'copy %daily_things%' and state = 'active'`,
    );
    const pid = found[0]?.[0];
    if (pid !== undefined && pid !== null) return Number(pid);
    await sleep(5);
  }
}

describe.runIf(isThere)('PostgreSQL under a load', () => {
  it('that ends the session in a COPY keeps the old rows; the next load has the new ones', async () => {
    const scene = await prepare();
    const failed = fail(scene.things.load({ tables: [TABLE] }));
    await scene.ask(`select pg_terminate_backend(${await waitForCopy(scene)})`);
    expect(await failed).toMatchObject({ code: 'E_TARGET_DOWN', exit: 3 });
    expect(await scene.days()).toEqual(OLD);
    await scene.things.load({ tables: [TABLE] });
    expect(await scene.days()).toEqual(NEW);
    const log = await scene.ask('select date::text, rows from lv_ops.batch_log order by id');
    expect(log).toEqual([...OLD, ...NEW]);
  });

  it('that goes down in a COPY, and is not there, keeps the old rows', async () => {
    const scene = await prepare();
    const failed = fail(scene.things.load({ tables: [TABLE] }));
    await waitForCopy(scene);
    await server.kill();
    expect(await failed).toMatchObject({ code: 'E_TARGET_DOWN', exit: 3 });
    expect(await fail(scene.things.load({ tables: [TABLE] }))).toMatchObject({
      ...{ code: 'E_TARGET_DOWN', exit: 3 },
      facts: { kind: 'ECONNREFUSED' },
    });
    await server.restart();
    expect(await scene.days()).toEqual(OLD);
    await scene.things.load({ tables: [TABLE] });
    expect(await scene.days()).toEqual(NEW);
  });

  it('keeps the old rows when the loading process is killed in a COPY', async () => {
    const scene = await prepare();
    const input = JSON.stringify({ dir: scene.things.dir, variables: scene.variables });
    const child = start({ args: ['--import', 'tsx', join(import.meta.dirname, 'load-child.ts'), input] });
    await waitForCopy(scene);
    child.child.kill('SIGKILL');
    await child.ended;
    // The server finds out by itself that the other end is gone.
    const sessions = `select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
    await expect.poll(() => scene.ask(sessions)).toEqual([['0']]);
    expect(await scene.days()).toEqual(OLD);
    await scene.things.load();
    expect(await scene.days()).toEqual(NEW);
  });

  it('whose table another session has locked is busy, and readers see the old rows meanwhile', async () => {
    const scene = await prepare();
    const other = new pg.Client({ connectionString: server.url(scene.database) });
    await other.connect();
    closeAfterTest(() => other.end());
    await other.query('begin');
    await other.query(`lock table ${THERE} in share mode`);
    expect(await fail(scene.things.load({ tables: [TABLE] }))).toMatchObject({
      ...{
        code: 'E_TARGET_BUSY',
        exit: 6,
        message: `${TABLE} in target t is locked by another session; waited 1 s`,
      },
    });
    expect(await scene.days()).toEqual(OLD);
    await other.query('rollback');
    await scene.things.load({ tables: [TABLE] });
    expect(await scene.days()).toEqual(NEW);
  });

  it('that another load writes is busy', async () => {
    const scene = await prepare();
    const other = new pg.Client({ connectionString: server.url(scene.database) });
    await other.connect();
    closeAfterTest(() => other.end());
    await other.query(`select pg_advisory_lock(hashtext('lakeveil'), hashtext('lv_'))`);
    expect(await fail(scene.things.load())).toMatchObject({ code: 'E_TARGET_BUSY' });
  });

  it('whose disk is full keeps the old rows', async () => {
    const folder = mountSmall();
    if (folder === null) return;
    closeAfterTest(async () => {
      await askServer(server, 'postgres', `drop database if exists fault_${made} with (force)`);
      await askServer(server, 'postgres', 'drop tablespace small');
      execFileSync('umount', [folder]);
      await rm(folder, { recursive: true });
    });
    await askServer(server, 'postgres', `create tablespace small location '${folder}'`);
    const scene = await prepare('tablespace small');
    expect(await fail(scene.things.load({ tables: [TABLE] }))).toMatchObject({
      ...{ code: 'E_TARGET_FULL', exit: 6, message: 'target t ran out of disk space' },
    });
    expect(await scene.days()).toEqual(OLD);
  });

  it('refuses a wrong password, and takes one from the password file', async () => {
    const scene = await prepare();
    const bare = server.url(scene.database).replace(server.password, 'wrong');
    const yaml = `targets:\n  t: { type: postgres, url: '\${WAREHOUSE_URL}', schema_prefix: lv_ }\n`;
    await writeFile(join(scene.things.dir, 'targets.yaml'), yaml.replace('${WAREHOUSE_URL}', '${OTHER_URL}'));
    const file = join(scene.things.dir, 'pgpass');
    const load = async (url: string) => {
      await writeFile(join(scene.things.dir, '.env'), `OTHER_URL=${url}\nPGPASSFILE=${file}\n`);
      return scene.things.load({ tables: [TABLE] });
    };
    expect(await fail(load(bare))).toMatchObject({ code: 'E_TARGET_LOGIN', facts: { kind: '28P01' } });
    expect(await fail(load(bare.replace(':wrong', '')))).toMatchObject({
      ...{ code: 'E_TARGET_LOGIN', facts: { kind: 'no password' } },
    });
    await writeFile(file, `127.0.0.1:${server.port}:*:postgres:${server.password}\n`, { mode: 0o600 });
    expect((await load(bare.replace(':wrong', ''))).rows).toBe(160_009);
    await rm(file);
    expect(await fail(load(server.url('nothing')))).toMatchObject({
      ...{ code: 'E_TARGET_LOGIN', facts: { kind: '3D000' } },
    });
  });

  it.each<[string, string, string, string]>([
    [
      'a column that was renamed',
      `alter table ${THERE} rename label to name`,
      'E_TARGET_TABLE',
      'drop column "name"',
    ],
    [
      'a type that was changed',
      `alter table ${THERE} alter column id type text`,
      'E_TARGET_TABLE',
      'type bigint',
    ],
    [
      'a rule that rows break',
      `alter table ${THERE} add constraint small check (id < 7)`,
      'E_TARGET_ROWS',
      'small',
    ],
    ['a rule that names no column', `alter table ${THERE} alter column other set not null`, '', ''],
  ])('altered by hand: %s', async (_, statement, code, hint) => {
    const scene = await prepare();
    await scene.ask(statement);
    if (code === '') {
      await scene.things.load({ tables: [TABLE] });
      expect(await scene.days()).toEqual(NEW);
      return;
    }
    const error = await fail(scene.things.load({ tables: [TABLE] }));
    expect(error).toMatchObject({ code });
    expect(error.remedy).toContain(hint);
    expect(await scene.days()).toEqual(OLD);
  });

  it.each([
    [
      'deletes rows after the insert',
      'after insert',
      'delete from LV where id = new.id and new.id = 7; return null;',
      'changes',
    ],
    ['skips rows', 'before insert', 'if new.id = 7 then return null; end if; return new;', 'changes'],
    ['raises an error', 'before insert', `raise exception 'no';`, 'raises'],
  ])('a trigger that %s keeps the old rows', async (_, when, body, what) => {
    const scene = await prepare();
    await scene.ask(
      `create function own() returns trigger language plpgsql as $$ begin ${body.replace('LV', THERE)} end $$`,
    );
    await scene.ask(`create trigger own ${when} on ${THERE} for each row execute function own()`);
    const error = await fail(scene.things.load({ tables: [TABLE] }));
    expect(error).toMatchObject({ code: 'E_TARGET_TABLE', exit: 2 });
    expect(error.message).toContain(`${TABLE} in target t has a trigger or rule that ${what}`);
    expect(await scene.days()).toEqual(OLD);
  });

  it('a rule that keeps deleted rows keeps the old rows', async () => {
    const scene = await prepare();
    await scene.ask(`create rule own as on delete to ${THERE} do instead nothing`);
    expect(await fail(scene.things.load({ tables: [TABLE] }))).toMatchObject({ code: 'E_TARGET_TABLE' });
    expect(await scene.days()).toEqual(OLD);
  });

  it('logs no password and nothing of the connection', async () => {
    const log = await readFile(server.logFile, 'utf8');
    expect(log).not.toContain(server.password);
  });
});

/** A folder of 13 MB, of which an empty database takes 8; null where no file system can be mounted. */
function mountSmall(): string | null {
  if (process.getuid?.() !== 0) {
    console.log('skipped: a full disk of PostgreSQL, since mounting a file system needs root');
    return null;
  }
  const folder = mkdtempSync(join(tmpdir(), 'lakeveil-small-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=13m,mode=700', 'tmpfs', folder]);
  execFileSync('chown', ['postgres:postgres', folder]);
  return folder;
}
