import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { failure } from '../../src/base/errors.js';
import type { Intent } from '../../src/lake/intent.js';
import {
  type Content,
  DATE,
  FOLDER,
  impatient,
  land,
  listNames,
  makeTempFolder,
  openLake,
  removeTempFolders,
  snapshot,
} from './lake-fixture.js';

let root = '';
beforeEach(async () => {
  root = join(await makeTempFolder(), 'data_lake');
});
afterAll(removeTempFolders);

const OLD: Content = { dataset: 'persons', parts: [3], mark: 'DE' };
const NEW: Content = { dataset: 'persons', parts: [2, 2], mark: 'FR' };
const key = { dataset: 'persons', date: DATE, slot: null };
const raw = (name: string) => `raw/${FOLDER}/${name}`;
const QUARANTINE = `quarantine/${FOLDER}/persons.parquet`;

/** A lake whose commit is cut off by an error after the given step. */
function breakAfter(wanted: string) {
  return openLake(root, (step) => {
    if (step.startsWith(wanted)) throw failure('E_DISK', { path: 'the lake', kind: 'ENOSPC' });
  });
}

describe('a commit', () => {
  it('makes files and manifest visible, for the owner only, and leaves nothing else', async () => {
    const open = openLake(root);
    expect(await land(open, [{ ...OLD, rejected: 2 }])).toEqual(new Set());
    expect(Object.keys(await snapshot(root)).sort()).toEqual([
      QUARANTINE,
      raw('persons.manifest.json'),
      raw('persons.parquet'),
    ]);
    expect((await stat(join(root, raw('persons.manifest.json')))).mode & 0o777).toBe(0o600);
    expect((await stat(join(root, 'raw'))).mode & 0o777).toBe(0o700);
    expect([...(await listNames(root, '_staging')), ...(await listNames(root, '_commits'))]).toEqual([]);
    expect((await open.lake.read(key))?.counts).toMatchObject({ landed: 3, rejected: 2 });
    expect(open.receipts).toHaveLength(1);
  });

  it('replaces a date by more parts and by fewer, with nothing left of before', async () => {
    const open = openLake(root);
    await land(open, [{ ...OLD, rejected: 1 }]);
    await land(open, [NEW]);
    expect(Object.keys(await snapshot(root)).sort()).toEqual([
      raw('persons.0001.parquet'),
      raw('persons.0002.parquet'),
      raw('persons.manifest.json'),
    ]);
    await land(open, [OLD]);
    expect(Object.keys(await snapshot(root)).sort()).toEqual([
      raw('persons.manifest.json'),
      raw('persons.parquet'),
    ]);
  });

  it('leaves the same bytes with their manifest, quarantine included', async () => {
    const open = openLake(root);
    const same = { ...NEW, rejected: 2 };
    await land(open, [same]);
    const before = await snapshot(root);
    expect(await land(open, [same])).toEqual(new Set(['persons']));
    expect(await snapshot(root)).toEqual(before);
    expect(open.receipts).toHaveLength(1);
    expect(await land(open, [{ ...same, rejected: 1 }])).toEqual(new Set());
  });

  it('leaves one dataset and replaces the other', async () => {
    const open = openLake(root);
    const bookings = { ...OLD, dataset: 'bookings' };
    await land(open, [OLD, bookings]);
    expect(await land(open, [NEW, bookings])).toEqual(new Set(['bookings']));
    expect((await open.lake.list()).map(({ dataset, files }) => [dataset, files.length])).toEqual([
      ['bookings', 1],
      ['persons', 2],
    ]);
  });

  it.each([
    ['lost', () => rm(join(root, raw('persons.parquet')))],
    ['damaged', () => writeFile(join(root, raw('persons.parquet')), 'PAR1')],
  ])('puts back a file that was %s, though the same bytes landed before', async (_, damage) => {
    const open = openLake(root);
    await land(open, [OLD]);
    const before = await snapshot(root, ['raw']);
    await damage();
    const run = randomUUID();
    expect(await land(open, [OLD], run)).toEqual(new Set());
    const file = raw('persons.parquet');
    expect((await snapshot(root))[file]).toBe(before[file]);
  });

  it('tells what the disk refuses as an error of the catalogue', async () => {
    await mkdir(join(root, 'raw'), { recursive: true });
    await writeFile(join(root, 'raw', '2026'), 'in the way');
    await expect(land(openLake(root), [OLD])).rejects.toMatchObject({ code: 'E_DISK', exit: 6 });
  });

  it('does not go through a link', async () => {
    const other = await makeTempFolder();
    await mkdir(join(root, 'raw'), { recursive: true });
    await symlink(other, join(root, 'raw', '2026'));
    await expect(land(openLake(root), [OLD])).rejects.toMatchObject({ code: 'E_LAKE_DAMAGED', exit: 6 });
    expect(await listNames(other, '.')).toEqual([]);
  });
});

describe('a commit that stops', () => {
  it('removes the link to its lock that a process has left which was killed while it took it', async () => {
    await openLake(root).lake.exclusively('first', () => Promise.resolve());
    await link(join(root, '_lock.duckdb'), join(root, '_lock.duckdb.0123456789ab.tmp'));
    await openLake(root).lake.exclusively('next', () => Promise.resolve());
    expect((await readdir(root)).filter((name) => name.startsWith('_lock'))).toEqual(['_lock.duckdb']);
  });

  it('before its intent leaves the lake as it was, and no staging', async () => {
    await land(openLake(root), [OLD]);
    const before = await snapshot(root);
    await expect(land(breakAfter('staged'), [NEW])).rejects.toThrow();
    const found = await openLake(root).lake.exclusively('next', (next) => Promise.resolve(next));
    expect(found).toEqual({ recovered: [], cleanedUp: [] });
    expect(await snapshot(root)).toEqual(before);
    expect(await listNames(root, '_staging')).toEqual([]);
  });

  it.each(['wrote the intent', 'moved', 'wrote raw', 'removed raw', 'wrote the receipt'])(
    'after “%s” is finished by the next one, which says so and writes the receipt',
    async (step) => {
      await land(openLake(root), [OLD]);
      const run = randomUUID();
      await expect(land(breakAfter(step), [NEW], run)).rejects.toMatchObject({
        where: { stage: 'commit' },
        onDisk: 'The new state is committed. The next command completes it.',
      });

      const next = openLake(root);
      const found = await next.lake.exclusively('next', (had) => Promise.resolve(had));
      expect(found.recovered).toEqual([run]);
      expect(next.receipts).toEqual([{ run }]);
      expect((await next.lake.list()).map(({ run_id, files }) => [run_id, files.length])).toEqual([[run, 2]]);
      expect(Object.keys(await snapshot(root))).toHaveLength(3);
      expect([...(await listNames(root, '_staging')), ...(await listNames(root, '_commits'))]).toEqual([]);
      expect((await next.lake.exclusively('again', (had) => Promise.resolve(had))).recovered).toEqual([]);
    },
  );

  it('because the lake refuses a file keeps what it needs until it can be finished', async () => {
    const inTheWay = join(root, raw('persons.0002.parquet'));
    await mkdir(inTheWay, { recursive: true });
    await expect(land(openLake(root), [NEW])).rejects.toMatchObject({ code: 'E_DISK', exit: 6 });
    await expect(land(openLake(root), [OLD])).rejects.toMatchObject({ code: 'E_DISK', exit: 6 });
    await rm(inTheWay, { recursive: true });
    const next = openLake(root);
    await next.lake.exclusively('next', () => Promise.resolve());
    expect((await next.lake.read(key))?.files).toHaveLength(2);
    expect(await listNames(root, '_staging')).toEqual([]);
  });
});

describe('an intent', () => {
  it('that nobody could read is not written', async () => {
    const open = openLake(root);
    await expect(land(open, [OLD], 'not-the-id-of-a-run')).rejects.toThrow(RangeError);
    expect(await listNames(root, '_commits')).toEqual([]);
    expect(await land(open, [OLD])).toEqual(new Set());
  });

  /** Leaves a written intent behind, and gives its path. */
  async function leaveIntent(): Promise<string> {
    await expect(land(breakAfter('wrote the intent'), [NEW])).rejects.toThrow();
    const [name = ''] = await listNames(root, '_commits');
    return join(root, '_commits', name);
  }

  it.each([
    ['torn', (text: string) => text.slice(0, -9)],
    ['with an unknown key', (text: string) => text.replace('{', '{"more":1,')],
    ['that writes outside of the lake', (text: string) => text.replace('"to":"raw/', '"to":"../raw/')],
    ['that takes from outside of staging', (text: string) => text.replace('"from":"', '"from":"../')],
    ['that takes all of staging', (text: string) => text.replace(/"from":"[^"]+"/, '"from":".."')],
    ['that takes a hidden file', (text: string) => text.replace('"from":"', '"from":".')],
    ['of a hidden staging folder', (text: string) => text.replace(/"staging":"/, '"staging":".')],
    ['that makes a hidden file', (text: string) => text.replace('persons.0001.parquet"', '.0001.parquet"')],
    ['that removes a folder', (text: string) => text.replace('"removes":[]', `"removes":["${raw('..')}"]`)],
    [
      'that removes a hidden file',
      (text: string) => text.replace('"removes":[]', `"removes":["${raw('.x')}"]`),
    ],
    ['that removes “x..”', (text: string) => text.replace('"removes":[]', `"removes":["${raw('x..')}"]`)],
    ['with a hidden manifest', (text: string) => text.replace('/persons.manifest.json"', '/.persons.json"')],
    ['with a folder as manifest', (text: string) => text.replace('/persons.manifest.json"', '/.."')],
    ['of another run', (text: string) => text.replace(/"run_id":"[^"]+"/, `"run_id":"${randomUUID()}"`)],
  ])('%s is refused, and nothing is done', async (_, damage) => {
    const path = await leaveIntent();
    const text = await readFile(path, 'utf8');
    expect(damage(text)).not.toBe(text);
    await writeFile(path, damage(text));
    const before = await snapshot(root, ['_staging']);
    const next = openLake(root).lake.exclusively('next', () => Promise.resolve());
    await expect(next).rejects.toMatchObject({
      ...{ code: 'E_LAKE_FILE', exit: 6 },
      message: expect.stringContaining('not an intent') as string,
    });
    expect(await snapshot(root)).toEqual({});
    expect(await snapshot(root, ['_staging'])).toEqual(before);
  });

  /** The first part that waits in staging to be moved. */
  async function findWaiting(): Promise<string> {
    const { staging, moves } = JSON.parse(await readFile(await leaveIntent(), 'utf8')) as Intent;
    return join(root, '_staging', staging, moves[0]?.from ?? '');
  }

  it('whose file has other bytes by now is refused, and nothing is moved', async () => {
    await writeFile(await findWaiting(), 'other');
    const next = openLake(root).lake.exclusively('next', () => Promise.resolve());
    await expect(next).rejects.toMatchObject({
      code: 'E_LAKE_DAMAGED',
      message: expect.stringContaining('other bytes than committed') as string,
    });
    expect(await snapshot(root)).toEqual({});
  });

  it('whose file is a link by now is refused, and the link is not moved', async () => {
    const waiting = await findWaiting();
    const elsewhere = join(await makeTempFolder(), 'same-bytes');
    await rename(waiting, elsewhere);
    await symlink(elsewhere, waiting);
    const next = openLake(root).lake.exclusively('next', () => Promise.resolve());
    await expect(next).rejects.toMatchObject({
      code: 'E_LAKE_DAMAGED',
      message: expect.stringContaining('a link') as string,
    });
    expect(await listNames(root, `raw/${FOLDER}`)).toEqual([]);
  });

  it('whose files are gone is refused', async () => {
    await leaveIntent();
    await rename(join(root, '_staging'), join(root, '_gone'));
    const next = openLake(root).lake.exclusively('next', () => Promise.resolve());
    await expect(next).rejects.toMatchObject({ code: 'E_LAKE_DAMAGED' });
  });

  it('that was still being written counts for nothing', async () => {
    await mkdir(join(root, '_commits'), { recursive: true });
    await writeFile(join(root, '_commits', `${randomUUID()}.json.tmp`), '{"format":1');
    const found = await openLake(root).lake.exclusively('next', (had) => Promise.resolve(had));
    expect(found.recovered).toEqual([]);
    expect(await listNames(root, '_commits')).toEqual([]);
  });
});

describe('the lake', () => {
  it('is had by one at a time, and free again after an error', async () => {
    const { lake } = openLake(root);
    await lake.exclusively('first', async () => {
      const second = openLake(root).lake.exclusively('second', () => Promise.resolve());
      await expect(second).rejects.toMatchObject({ code: 'E_LOCKED', exit: 6 });
    });
    await expect(lake.exclusively('third', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await lake.exclusively('fourth', () => Promise.resolve('free'))).toBe('free');
  });

  it('that cannot be made is told with its path', async () => {
    const file = join(await makeTempFolder(), 'file');
    await writeFile(file, '');
    const { lake } = openLake(join(file, 'lake'), undefined, impatient);
    await expect(lake.exclusively('first', () => Promise.resolve())).rejects.toMatchObject({
      code: 'E_DISK',
      message: expect.stringContaining(join(file, 'lake')) as string,
    });
  });
});
