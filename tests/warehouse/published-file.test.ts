import { mkdir, readdir, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  landPeople,
  makeProject,
  type Project,
  quietEffects,
  readPublished,
  RUN,
  transform,
  WHO,
  writeModel,
  writeSql,
} from './lake-fixture.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const BUILDS = 'select date, run_id from ops.builds order by all';

const writeWho = (text?: string, name?: string) => writeModel(project, text, name);
const land = (date: string, country?: string, people?: number) => landPeople(project, date, country, people);
const bytesOf = (path: string) => readFile(path).then((bytes) => bytes.toString('base64'));

describe('the published file', () => {
  it('stays as it was, with nothing left beside it, when a check fails', async () => {
    await writeWho();
    await transform(project, { partitions: [await land('2026-11-18')] });
    const before = await bytesOf(project.databasePath);
    await writeSql(
      project,
      'persons/checks/no_peru.sql',
      `-- severity: error\nselect country from silver.who where country = 'Peru'`,
    );
    const broken = transform(project, { partitions: [await land('2026-11-19', 'Peru')] });
    await expect(broken).rejects.toMatchObject({ code: 'E_CHECK_FAILED', exit: 4 });
    expect(await bytesOf(project.databasePath)).toBe(before);
    expect(await readdir(dirname(project.databasePath))).toEqual(['lake.duckdb']);
  });

  it('is published in spite of a check that only warns, which ops.checks shows', async () => {
    await writeWho();
    await writeSql(
      project,
      'persons/checks/any.sql',
      '-- severity: warn\nselect person_token from silver.who',
    );
    await transform(project, { partitions: [await land('2026-11-18')], runs: [{ ...RUN, run_id: 'run' }] });
    const sql = 'select run_id, "check", severity, passed, found from ops.checks';
    expect(await readPublished(project, sql)).toEqual([['run', 'any', 'warn', false, '2']]);
  });

  it('stays as it was when a model fails while it runs, and the error has no cell in it', async () => {
    await writeWho();
    await transform(project, { partitions: [await land('2026-11-18')] });
    const before = await bytesOf(project.databasePath);
    await writeWho(WHO.replace('country', 'cast(country as integer) as country'));
    const error: unknown = await transform(project, {
      partitions: [await land('2026-11-19', 'Kanarienvogel')],
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'E_SQL_RUN', where: { file: 'sql/persons/silver/who.sql' } });
    expect(JSON.stringify([error, String(error), (error as Error).stack])).not.toMatch(
      /Kanarienvogel|Germany/,
    );
    expect(await bytesOf(project.databasePath)).toBe(before);
  });

  it('is swapped under an open reader, which goes on with the old one', async () => {
    await writeWho();
    await transform(project, { partitions: [await land('2026-11-18')] });
    const reader = await DuckDBInstance.create(project.databasePath, { access_mode: 'READ_ONLY' });
    const connection = await reader.connect();
    await transform(project, { partitions: [await land('2026-11-18'), await land('2026-11-19')] });
    const old = await connection.runAndReadAll('select count(*) from silver.who');
    expect(old.getRowsJson()).toEqual([['2']]);
    reader.closeSync();
    expect(await readPublished(project, 'select count(*) from silver.who')).toEqual([['4']]);
  });

  it('sweeps what a dead transform left', async () => {
    const leftover = join(dirname(project.databasePath), '.next', 'dead.duckdb');
    await mkdir(dirname(leftover), { recursive: true });
    await writeFile(leftover, 'half a file');
    await transform(project, {});
    expect(await readdir(dirname(project.databasePath))).toEqual(['lake.duckdb']);
  });

  it('is built from nothing when another version made it', async () => {
    await writeWho();
    const partitions = [await land('2026-11-18')];
    await transform(project, { partitions, runId: 'a', toolVersion: '1' });
    await transform(project, { partitions, runId: 'b', toolVersion: '2' });
    expect(await readPublished(project, BUILDS)).toEqual([['2026-11-18', 'b']]);
  });

  it('is never put in the place of something else', async () => {
    await mkdir(dirname(project.databasePath));
    await writeFile(project.databasePath, 'a letter to my grandmother');
    for (const dates of ['all', []] as const) {
      const broken = transform(project, { dates });
      await expect(broken).rejects.toMatchObject({ code: 'E_NOT_A_DATABASE', exit: 6 });
    }
    expect(await readFile(project.databasePath, 'utf8')).toBe('a letter to my grandmother');
  });

  it('is never put in the place of the database of another program', async () => {
    await mkdir(dirname(project.databasePath));
    const other = await DuckDBInstance.create(project.databasePath);
    const connection = await other.connect();
    await connection.run('create table accounts as select 1 as id');
    connection.closeSync();
    other.closeSync();
    const { size } = await stat(project.databasePath);
    await expect(transform(project, { dates: 'all' })).rejects.toMatchObject({
      code: 'E_DATABASE_FOREIGN',
      exit: 6,
    });
    expect((await stat(project.databasePath)).size).toBe(size);
  });

  it('is not touched when a landed file is gone', async () => {
    const partition = await land('2026-11-18');
    for (const file of partition.files) await unlink(file);
    const broken = transform(project, { partitions: [partition] });
    await expect(broken).rejects.toMatchObject({ code: 'E_LAKE_DAMAGED', exit: 6 });
    await expect(stat(project.databasePath)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is not touched when the transform is interrupted', async () => {
    await writeWho();
    const abort = new AbortController();
    abort.abort(new Error('stopped'));
    await expect(transform(project, { effects: quietEffects(abort.signal) })).rejects.toThrow('stopped');
    expect(await readdir(dirname(project.databasePath))).toEqual([]);
  });
});
