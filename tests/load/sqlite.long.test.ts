import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { expect, it } from 'vitest';
import { start } from '../support/kill-harness.js';
import { describeTarget } from './conformance.js';
import { DATE, makeThings, type Things } from './things.js';

const YAML = (settings: string): string =>
  `targets:\n  t: { type: sqlite, path: t.sqlite, ${settings} }\n`.replace(', }', ' }');

/** Rows as texts. A statement that writes is kept. */
function query({ dir }: Things, sql: string): Promise<(string | null)[][]> {
  const database = new sqlite.Database(join(dir, 't.sqlite'));
  try {
    const named = sql.replaceAll(/\{(\w+)\.(\w+)\}/g, '"$1_$2"');
    const rows = database.all(named);
    const texts = rows.map((row) =>
      Object.values(row).map((cell) => (cell === null ? null : String(cell as string | number))),
    );
    return Promise.resolve(texts);
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error('failed'));
  } finally {
    database.close();
  }
}

describeTarget('sqlite', {
  make: (settings) => Promise.resolve({ yaml: YAML(settings), variables: {}, query }),
  canonical: { seen_at: `replace(seen_at, 'Z', '')`, ok: 'cast(ok as text)' },
});

it('sqlite: a reader that has the file open sees the old state, and nothing is left beside it', async () => {
  const things = await makeThings(YAML(''));
  await things.land(DATE, [{ id: 1, owner: 'a' }]);
  await things.load();
  const path = join(things.dir, 't.sqlite');
  const before = await stat(path);
  expect((await things.load()).rows).toBe(0);
  expect((await stat(path)).ino).toBe(before.ino);
  const reader = new sqlite.Database(path, { readOnly: true });
  await things.land(DATE, [
    { id: 1, owner: 'a' },
    { id: 2, owner: 'b' },
  ]);
  await things.load();
  const rows = reader.all('select count(*) as n from silver_daily_things');
  expect(rows).toEqual([{ n: 1 }]);
  reader.close();
  expect(await query(things, 'select count(*) from {silver.daily_things}')).toEqual([['2']]);
});

it('sqlite: a number that it would round is refused, and the file stays as it is', async () => {
  const things = await makeThings(YAML(''));
  await things.land(DATE, [{ id: 1, owner: 'a', price: '1.25' }]);
  await things.load();
  await things.land(DATE, [{ id: 1, owner: 'a', price: '99999999999999.25' }]);
  await expect(things.load()).rejects.toMatchObject({ code: 'E_TARGET_ROWS', exit: 4 });
  expect(await query(things, 'select price from {silver.daily_things}')).toEqual([['1.25']]);
});

it.each([
  ['a file that is no database', 't.sqlite', 'E_TARGET_FILE'],
  ['a log of another writer', 't.sqlite-wal', 'E_TARGET_FILE'],
])('sqlite: refuses %s', async (_, name, code) => {
  const things = await makeThings(YAML(''));
  await things.land(DATE, [{ id: 1, owner: 'a' }]);
  await writeFile(join(things.dir, name), 'something else that is longer');
  await expect(things.load()).rejects.toMatchObject({ code, exit: 6 });
});

it('sqlite: refuses a file in the lake', async () => {
  const things = await makeThings('targets:\n  t: { type: sqlite, path: data_lake/t.sqlite }\n');
  await things.land(DATE, [{ id: 1, owner: 'a' }]);
  await expect(things.load()).rejects.toMatchObject({ code: 'E_TARGET_FILE' });
});

it('sqlite: a load that is killed leaves the file as it was, and the next one cleans up', async () => {
  const things = await makeThings(YAML(''));
  await things.land(DATE, [{ id: 1, owner: 'a' }]);
  await things.load();
  const before = await readFile(join(things.dir, 't.sqlite'));
  await things.land(
    DATE,
    Array.from({ length: 5000 }, (_, place) => ({ id: place + 1, owner: 'a', label: `thing ${place}` })),
  );
  const input = JSON.stringify({ dir: things.dir, variables: {} });
  const child = start({ args: ['--import', 'tsx', join(import.meta.dirname, 'load-child.ts'), input] });
  const findDraft = async () =>
    (await readdir(things.dir)).find((name) => name.startsWith('.t.sqlite.lakeveil-'));
  await expect.poll(findDraft, { interval: 2 }).toBeDefined();
  const folder = join(things.dir, (await findDraft()) ?? '');
  child.child.kill('SIGKILL');
  await child.ended;
  expect(before.equals(await readFile(join(things.dir, 't.sqlite')))).toBe(true);
  // SQLite in WebAssembly locks by a folder, which a killed process leaves.
  await mkdir(join(folder, 't.sqlite.lock'), { recursive: true });
  await things.load();
  expect(await query(things, 'select count(*) from {silver.daily_things}')).toEqual([['5000']]);
  expect((await readdir(things.dir)).filter((name) => name.includes('lakeveil'))).toEqual([]);
});
