import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inspect } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { compilePolicy } from '../../src/anonymize/compile-policy.js';
import type { SafeRoom } from '../../src/anonymize/safe-room.js';
import { openInstance, quoteText } from '../../src/base/duckdb.js';
import type { CheckedPage, MaskedSegment } from '../../src/base/types/record.js';
import { columnOf, datasetOf, KEY, leafOf, pageOf } from './bench.js';
import { failureOf, NAME, replaceSql, withRoom, withStaging } from './rooms.js';

const NEEDLE = 'kanarie-4711';

/** A policy of one column whose SQL is the test's. */
function policyOf(sql: (leaf: string) => string) {
  return compilePolicy(datasetOf([columnOf('firstname', [NAME], 'mask')]), KEY.id, replaceSql('mask', sql));
}

const namesOf = (count: number, make = (i: number) => `name ${i}`) =>
  Array.from({ length: count }, (_, i) => [make(i)]);

async function readSegment(segment: MaskedSegment | undefined) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(`from read_parquet(${quoteText(segment?.path ?? '')})`);
  connection.closeSync();
  instance.closeSync();
  return reader.getRowsJson();
}

describe('the room is closed to the outside', () => {
  test.each([
    ['enable_external_access', 'false'],
    ['temp_directory', ''],
    ['lock_configuration', 'true'],
    ['enable_logging', '0'],
    ['autoload_known_extensions', 'false'],
    ['autoinstall_known_extensions', 'false'],
    ['allow_community_extensions', 'false'],
    ['TimeZone', 'UTC'],
  ])('as its own statement sees: %s is %j', async (setting, wanted) => {
    await withRoom({ policy: policyOf(() => `current_setting('${setting}')::varchar`) }, async (room) => {
      await room.mask(pageOf([NAME], [['Maja']]));
      const [segment] = await room.finish();
      expect(await readSegment(segment)).toEqual([[0, 0, wanted]]);
    });
  });

  test('and its only folder is the staging folder', async () => {
    const policy = policyOf(() => `to_json(current_setting('allowed_directories'))::varchar`);
    await withRoom({ policy }, async (room, stagingDir) => {
      await room.mask(pageOf([NAME], [['Maja']]));
      const [segment] = await room.finish();
      expect(await readSegment(segment)).toEqual([[0, 0, JSON.stringify([`${stagingDir}/`])]]);
    });
  });

  test.each([
    ['copy beside the staging folder', (dir: string) => `copy (select 1) to '${dir}/../escaped.csv'`],
    ['copy to a place of its own', () => `copy (select 1) to '/tmp/lakeveil-escaped.csv'`],
    ['read a file', () => `from read_text('/etc/hostname')`],
    ['attach a file', () => `attach '/tmp/lakeveil-escaped.duckdb'`],
    ['open itself again', () => 'set enable_external_access = true'],
    ['spill', (dir: string) => `set temp_directory = '${dir}'`],
    ['widen its folders', () => `set allowed_directories = ['/']`],
  ])('it does not %s', async (_, sql) => {
    await withStaging(async (stagingDir) => {
      const options = { allowedDirectories: [stagingDir], tempDirectory: '', memoryLimitMb: 100, threads: 1 };
      const instance = await openInstance(options);
      const connection = await instance.connect();
      await expect(connection.run(sql(stagingDir))).rejects.toThrow();
      await connection.run(`copy (select 1) to '${stagingDir}/inside.csv'`);
      connection.closeSync();
      instance.closeSync();
      expect(await readdir(stagingDir)).toEqual(['inside.csv']);
      expect(existsSync(join(stagingDir, '..', 'escaped.csv'))).toBe(false);
    });
  });

  test('it does not start where a setting did not take', async () => {
    await withStaging(async (stagingDir) => {
      const error = await failureOf(() =>
        openInstance({
          allowedDirectories: [`${stagingDir}/x/..`],
          tempDirectory: '',
          memoryLimitMb: 100,
          threads: 1,
        }),
      );
      expect([error.code, error.exit]).toEqual(['E_SAFE_ROOM', 1]);
    });
  });
});

describe('what fails tells no value', () => {
  test.each([
    ['a cast', (leaf: string) => `(${leaf}::integer)::varchar`, 'Conversion'],
    ['an error that quotes its row', (leaf: string) => `error('not this: ' || ${leaf})`, 'Invalid Input'],
    ['a date', (leaf: string) => `strptime(${leaf}, '%Y')::varchar`, 'Invalid Input'],
    ['a statement that does not bind', (leaf: string) => `${leaf} + no_such_column`, 'Binder'],
    ['a file', (leaf: string) => `(select content from read_text(${leaf}))`, 'Binder'],
    ['a file outside', () => `(select content from read_text('/etc/hostname'))`, 'Permission'],
  ])('%s', async (_, sql, kind) => {
    await withRoom({ policy: policyOf(sql) }, async (room, stagingDir) => {
      const error = await failureOf(() => room.mask(pageOf([NAME], [['Maja'], [NEEDLE]])));
      const isDisk = kind === 'Permission';
      expect([error.code, error.exit]).toEqual(isDisk ? ['E_DISK', 6] : ['E_MASK', 1]);
      expect(error.message).toContain(`(${kind})`);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(NEEDLE);
      expect(error.cause).toBeUndefined();
      expect(await readdir(stagingDir)).toEqual([]);
    });
  });

  test('a page that is no JSON', async () => {
    await withRoom({}, async (room) => {
      const page = { ...pageOf([NAME], [[NEEDLE]]), columns: `{"page":[0],"firstname":["${NEEDLE}"` };
      const error = await failureOf(() => room.mask(page));
      expect(error.code).toBe('E_MASK');
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(NEEDLE);
    });
  });

  test('a failed page fails those that share its statement, no other, and the end', async () => {
    const policy = policyOf((leaf) => `case when ${leaf} = 'bad' then error('x') else '*****' end`);
    await withRoom({ policy, threads: 1, pageSize: 122_880 / 2 }, async (room) => {
      const answers = ['bad', 'beside', 'good'].map((name, i) => room.mask(pageOf([NAME], [[name]], i)));
      expect((await Promise.allSettled(answers)).map(({ status }) => status)).toEqual([
        'rejected',
        'rejected',
        'fulfilled',
      ]);
      for (const work of [() => room.hasPlace(), () => room.finish(), () => room.save()]) {
        expect((await failureOf(work)).code).toBe('E_MASK');
      }
    });
  });

  test('a staging folder that is gone is the machine in the way', async () => {
    await withRoom({}, async (room, stagingDir) => {
      await room.mask(pageOf([NAME], [['Maja']]));
      await rm(stagingDir, { recursive: true });
      const error = await failureOf(() => room.finish());
      expect([error.code, error.exit]).toEqual(['E_DISK', 6]);
    });
  });

  test('memory that does not suffice is an error, and nothing spills', async () => {
    await withRoom({ memoryLimitMb: 8, threads: 1 }, async (room, stagingDir) => {
      const page = pageOf(
        [NAME],
        namesOf(20_000, (i) => `${NEEDLE}-${i}-${'x'.repeat(900)}`),
      );
      const error = await failureOf(() => room.mask(page));
      expect([error.code, error.exit]).toEqual(['E_MEMORY', 6]);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(NEEDLE);
      expect(await readdir(stagingDir)).toEqual([]);
    });
  });

  test('pages that wait when the room closes fail at once', async () => {
    await withRoom({ threads: 1 }, async (room) => {
      const answers = Array.from({ length: 16 }, (_, i) => room.mask(pageOf([NAME], namesOf(500), i)));
      const settled = Promise.allSettled(answers);
      await Promise.all([room.close(), room.close()]);
      expect((await settled).slice(8).map(({ status }) => status)).toEqual(Array(8).fill('rejected'));
    });
  });

  test('a room that closes while it writes takes nothing with it', async () => {
    await withRoom({ threads: 1, pageSize: 122_880 }, async (room) => {
      await room.mask(pageOf([NAME], namesOf(20_000)));
      await room.close();
    });
  });
});

describe('segments', () => {
  const token = columnOf('token', [leafOf('id'), NAME], 'token', { scope: 'person' });
  const policy = compilePolicy(datasetOf([token, columnOf('firstname', [NAME], 'mask')]), KEY.id);
  const leaves = policy.leaves;
  const pages: readonly CheckedPage[] = Array.from({ length: 7 }, (_, page) =>
    pageOf(
      leaves,
      Array.from({ length: page === 3 ? 0 : 40 }, (_, i) => [`id ${page}-${i}`, i % 9 ? `name ${i}` : null]),
      page,
    ),
  );

  async function stage(order: readonly number[]) {
    const facts = { policy, pageSize: 122_880 / 2, pagesPerPart: 5 };
    return withRoom(facts, async (room: SafeRoom) => {
      await Promise.all(order.map((index) => mask(room, index)));
      const segments = await room.finish();
      return Promise.all(
        segments.map(async ({ path, part, firstPage, custody }) => ({
          name: basename(path),
          sha256: createHash('sha256')
            .update(await readFile(path))
            .digest('hex'),
          part,
          firstPage,
          custody,
        })),
      );
    });
  }

  async function mask(room: SafeRoom, index: number): Promise<void> {
    const page = pages[index];
    if (page !== undefined) await room.mask(page);
  }

  test('are ranges of pages, in page order, none across the end of a part', async () => {
    const segments = await stage([0, 1, 2, 3, 4, 5, 6]);
    expect(segments.map(({ part, firstPage, custody }) => [part, firstPage, custody.rows])).toEqual([
      [0, 0, 80],
      [0, 2, 40],
      [0, 4, 40],
      [1, 5, 80],
    ]);
    expect(segments[0]?.custody.columns.get('firstname')?.nulls).toBe(10);
  });

  test.each([
    ['backwards', [6, 5, 4, 3, 2, 1, 0]],
    ['mixed', [3, 0, 6, 1, 5, 2, 4]],
  ])('are the same bytes when pages come %s', async (_, order) => {
    expect(await stage(order)).toEqual(await stage([0, 1, 2, 3, 4, 5, 6]));
  });

  test('hold rows by page and position, masked', async () => {
    await withRoom({ pageSize: 10 }, async (room) => {
      await Promise.all([2, 0, 1].map((page) => room.mask(pageOf([NAME], namesOf(2), page))));
      const [segment] = await room.finish();
      const places = [0, 1, 2].flatMap((page) => [0, 1].map((position) => [page, position, '*****']));
      expect(await readSegment(segment)).toEqual(places);
    });
  });

  test.each([
    ['no page came', []],
    ['every page was empty', [pageOf([NAME], [])]],
  ])('are one, empty, where %s', async (_, empty) => {
    await withRoom({}, async (room) => {
      for (const page of empty) await room.mask(page);
      const segments = await room.finish();
      expect(segments.map(({ part, firstPage, custody }) => [part, firstPage, custody.rows])).toEqual([
        [0, 0, 0],
      ]);
      expect(await readSegment(segments[0])).toEqual([]);
    });
  });
});
