import { chmod, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sqlite, { type Database } from 'node-sqlite3-wasm';
import { describe, expect, it } from 'vitest';
import type { Effects } from '../../src/base/effects.js';
import { closeAfterTest } from '../support/after-each.js';
import { start } from '../support/kill-harness.js';
import { DATE, makeThings, type Thing } from './things.js';

const people = (count: number): Thing[] =>
  Array.from({ length: count }, (_, place) => ({ id: place + 1, owner: 'o', label: `thing ${place}` }));

function inFile<T>(path: string, work: (database: Database) => T): T {
  const database = new sqlite.Database(path);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function count(path: string, table: string): number {
  return inFile(path, (database) => Number(database.get(`select count(*) as n from ${table}`)?.['n']));
}

/** Effects under which `work` runs once, while the first part of a load is in the copy only. */
function during(work: () => void | Promise<void>): Partial<Effects> {
  let isDone = false;
  const once = (): void => {
    if (!isDone) void work();
    isDone = true;
  };
  return { progress: { start: () => undefined, stop: () => undefined, advance: once } };
}

describe('a file of SQLite that others use', () => {
  it('two targets with one file wait for each other, and both loads are in it', async () => {
    const yaml = `targets:
  lite: { type: sqlite, path: t.sqlite, schema_prefix: a_ }
  lite2: { type: sqlite, path: ./t.sqlite, schema_prefix: b_ }
`;
    const things = await makeThings(yaml);
    await things.land(DATE, people(400));
    const child = (target: string) => {
      const input = JSON.stringify({ dir: things.dir, variables: {}, target });
      return start({ args: ['--import', 'tsx', join(import.meta.dirname, 'load-child.ts'), input] });
    };
    const ends = await Promise.all(['lite', 'lite2'].map((target) => child(target).ended));
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    const path = join(things.dir, 't.sqlite');
    expect([count(path, 'a_silver_daily_things'), count(path, 'b_silver_daily_things')]).toEqual([400, 400]);
    expect((await readdir(things.dir)).filter((name) => name.includes('lakeveil'))).toEqual([]);
  });

  it('two loads of one process take turns', async () => {
    const yaml = `targets:
  lite: { type: sqlite, path: t.sqlite, schema_prefix: a_ }
  lite2: { type: sqlite, path: t.sqlite, schema_prefix: b_ }
`;
    const things = await makeThings(yaml);
    await things.land(DATE, people(20));
    const effects = { sleep: (ms: number) => sleep(ms) };
    await Promise.all(['lite', 'lite2'].map((target) => things.load({ target }, effects)));
    const path = join(things.dir, 't.sqlite');
    expect([count(path, 'a_silver_daily_things'), count(path, 'b_silver_daily_things')]).toEqual([20, 20]);
  });

  it.each<[string, (path: string) => void | Promise<void>]>([
    [
      'a commit',
      (path) => {
        inFile(path, (database) => {
          database.exec('insert into notes values (2)');
        });
      },
    ],
    ['a write-ahead log', (path) => writeFile(`${path}-wal`, 'frames')],
  ])('is kept as it is if another program changes it during the load: %s', async (_, change) => {
    const things = await makeThings('targets:\n  t: { type: sqlite, path: t.sqlite }\n');
    await things.land(DATE, people(3));
    const path = join(things.dir, 't.sqlite');
    inFile(path, (database) => {
      database.exec('create table notes (id integer); insert into notes values (1)');
    });
    const failed = things.load(
      {},
      during(() => change(path)),
    );
    await expect(failed).rejects.toMatchObject({ code: 'E_TARGET_FILE', exit: 6 });
    await rm(`${path}-wal`, { force: true });
    const notes = count(path, 'notes');
    await things.load();
    expect([count(path, 'notes'), count(path, 'silver_daily_things')]).toEqual([notes, 3]);
  });

  it('is not replaced if it is read-only', async () => {
    const things = await makeThings('targets:\n  t: { type: sqlite, path: t.sqlite }\n');
    await things.land(DATE, people(3));
    const path = join(things.dir, 't.sqlite');
    inFile(path, (database) => {
      database.exec('create table notes (id integer)');
    });
    await chmod(path, 0o444);
    await expect(things.load()).rejects.toMatchObject({ code: 'E_TARGET_FILE', exit: 6 });
  });

  it.each([
    [
      'adds rows',
      'after insert',
      'when new.id = 1 begin update silver_daily_things set day = null where id = 1; end',
    ],
    [
      'removes rows',
      'after insert',
      'when new.id = 2 begin delete from silver_daily_things where id = 2; end',
    ],
  ])('keeps its rows if a trigger %s', async (_, when, body) => {
    const things = await makeThings('targets:\n  t: { type: sqlite, path: t.sqlite }\n');
    await things.land(DATE, people(3));
    await things.load();
    const path = join(things.dir, 't.sqlite');
    inFile(path, (database) => {
      database.exec(`create trigger own ${when} on silver_daily_things ${body}`);
    });
    await things.land(DATE, people(5));
    const message = expect.stringMatching(
      /^silver\.daily_things .*trigger or rule that changes its rows/,
    ) as string;
    await expect(things.load()).rejects.toMatchObject({ code: 'E_TARGET_TABLE', exit: 2, message });
    expect(count(path, 'silver_daily_things')).toBe(3);
  });

  it('is found through a symbolic link to the project, and so are the folders that it must not lie in', async () => {
    const things = await makeThings(
      'targets:\n  t: { type: sqlite, path: t.sqlite }\n  bad: { type: sqlite, path: data_lake/t.sqlite }\n',
    );
    await things.land(DATE, people(3));
    const link = `${things.dir}-link`;
    await symlink(things.dir, link);
    closeAfterTest(() => rm(link));
    const child = (target: string) => {
      const input = JSON.stringify({ dir: link, variables: {}, target });
      return start({ args: ['--import', 'tsx', join(import.meta.dirname, 'load-child.ts'), input] }).ended;
    };
    expect((await child('t')).code).toBe(0);
    expect((await child('bad')).stderr).toContain('it is in the lake');
    expect((await things.load()).rows).toBe(0);
  });

  it('has tables whose names are those that an index could have', async () => {
    const things = await makeThings('targets:\n  t: { type: sqlite, path: t.sqlite }\n');
    await things.land(DATE, people(3));
    await things.model(
      'silver/daily_things_day',
      '-- description: Another table.\n-- materialize: table\nselect id from bronze.things\n',
    );
    await things.load();
    expect(count(join(things.dir, 't.sqlite'), 'silver_daily_things_day')).toBe(3);
  });
});
