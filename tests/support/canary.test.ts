import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCanaries, PERSON_NEEDLES } from './canary-people.js';
import { scanForCanaries } from './canary.js';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lakeveil-canary-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function runSql(database: string, ...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(database);
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

/** What of the scan's answer a test looks at: which needle, and where, by the end of the path. */
async function scan(outputs: Record<string, string> = {}): Promise<string[]> {
  const findings = await scanForCanaries([dir], outputs);
  return [...new Set(findings.map(({ needle, where }) => `${needle} in ${where.replace(`${dir}/`, '')}`))];
}

const MANY = 'from range(4000) as rows(i)';

describe('the canary scan finds a needle', () => {
  it.each(['zstd', 'snappy'])('in a cell of a Parquet file (%s)', async (compression) => {
    await runSql(
      ':memory:',
      `copy (select i, if(i = 777, 'Kanaryfirst', 'x' || i) as a ${MANY})
       to '${dir}/a.bin' (format parquet, compression ${compression})`,
    );
    expect(await scan()).toContain('firstname in a.bin: cells');
  });

  it('in the metadata of a footer, whatever its bytes', async () => {
    await runSql(
      ':memory:',
      `copy (select 1 as a) to '${dir}/a.parquet' (format parquet, kv_metadata {note: 'xKanärylastx'})`,
    );
    expect(await scan()).toContain('lastname in a.parquet: kv_metadata');
  });

  it('in the statistics of a column', async () => {
    await runSql(
      ':memory:',
      `copy (select unnest(['a', 'zz 5550147319']) as a) to '${dir}/a.parquet' (format parquet)`,
    );
    expect(await scan()).toContain('phone in a.parquet: metadata');
  });

  it("in a column's name", async () => {
    await runSql(':memory:', `copy (select 1 as kanarykey) to '${dir}/a.parquet' (format parquet)`);
    expect(await scan()).toContain('name of an undeclared field in a.parquet: schema');
  });

  it('in a table of a DuckDB file, and in its statistics', async () => {
    const table = `create schema gold; create table gold.t as
      select if(i = 777, 'Kanarystreet', 'x' || i) as a, if(i = 7, '41Q-77315', '') as b ${MANY}`;
    await runSql(join(dir, 'a.db'), ...table.split(';'), 'checkpoint');
    expect(await scan()).toContain('street in a.db: gold.t');
    expect(await scan()).toContain('zipcode in a.db: gold.t');
  });

  it('in the text of a view, in a double', async () => {
    await runSql(
      join(dir, 'a.db'),
      `create view v as select 'kanaryroad' as a`,
      'create table d as select 48.1372915::double as a',
    );
    const found = await scan();
    expect(found).toContain('streetName in a.db: duckdb_views');
    expect(found).toContain('latitude in a.db: main.d');
  });

  it.each([
    ['as it is', 'KanaryMail'],
    ['in capitals', 'KANARYMAIL'],
    ['backwards', 'liamyranak'],
    ['as URL', '%4b%61%6E%61%72%79%4D%61%69%6C'],
    ['as JSON', '\\u006b\\u0061\\u006e\\u0061\\u0072\\u0079\\u006d\\u0061\\u0069\\u006c'],
    ['as hex', Buffer.from('KANARYMAIL').toString('hex')],
    ['as base64', Buffer.from('kanarymail').toString('base64')],
    ['as base64 behind one byte', Buffer.from('xKanaryMailx').toString('base64')],
    ['as base64 behind two bytes', Buffer.from('xxKANARYMAILxxx').toString('base64url')],
    ['as bytes of UTF-16', Buffer.from('kanarymail', 'utf16le').toString('latin1')],
  ])('in a log and in an output, %s', async (_, text) => {
    const path = join(dir, 'deep', 'run.log');
    await mkdir(dirname(path));
    await writeFile(path, `{"event":"x","a":"…${text}…"}`);
    expect(await scan()).toEqual(['email in deep/run.log']);
    expect(await scan({ stderr: text })).toContain('email in stderr');
  });

  it('in the name of a file', async () => {
    await writeFile(join(dir, 'kanaryweb.txt'), '');
    expect(await scan()).toEqual(['website in name of kanaryweb.txt']);
  });

  it('in each direct leaf of its own people', async () => {
    const found = await scan({ page: JSON.stringify(makeCanaries(3)) });
    expect(found.sort()).toEqual([...PERSON_NEEDLES.keys()].map((leaf) => `${leaf} in page`).sort());
  });
});

it('tells of a file that its reader refuses', async () => {
  await writeFile(join(dir, 'torn.parquet'), 'PAR1 and no more');
  expect(await scan()).toEqual(['(unreadable) in torn.parquet']);
});

it('finds nothing in clean files', async () => {
  await runSql(
    ':memory:',
    `copy (select '***' as firstname, 48.0 as lat) to '${dir}/a.parquet' (format parquet)`,
  );
  await runSql(join(dir, 'a.db'), `create table t as select 'canary' as a ${MANY}`);
  await writeFile(join(dir, 'a.json'), '{"email":"***@gmail.com","zipcode":"41"}');
  expect(await scan({ stdout: 'kanary' })).toEqual([]);
});
