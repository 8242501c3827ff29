import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lock, takeLock, tryLock } from '../../src/lake/lock.js';
import { kill, type Running, scriptArgs, seedRandom, start } from '../support/kill-harness.js';
import { impatient, listNames, makeTempFolder, removeTempFolders } from './lake-fixture.js';

let folder = '';
let path = '';
const running: Running[] = [];

beforeEach(async () => {
  folder = await makeTempFolder();
  path = join(folder, '_lock.duckdb');
});
afterEach(async () => {
  for (const child of running.splice(0)) await kill(child);
});
afterAll(removeTempFolders);

/** A process of its own that has the lock. */
async function holdElsewhere(name: string): Promise<Running> {
  const holder = start({ args: scriptArgs('lock-child.ts', { what: 'lock', path, name }) });
  running.push(holder);
  expect(await holder.nextLine()).toBe('held');
  return holder;
}

function mustHold(lock: Lock | null): Lock {
  if (lock === null) throw new Error('the lock is not free');
  return lock;
}

describe('a lock', () => {
  it('is held by one at a time in a process, and free again after release', async () => {
    const lock = mustHold(await tryLock(path, 'run a'));
    expect(await tryLock(path, 'run b')).toBeNull();
    expect(await tryLock(join(folder, '.', 'x', '..', '_lock.duckdb'), 'run b')).toBeNull();
    await lock.release();
    await mustHold(await tryLock(path, 'run b')).release();
  });

  it('leaves its file and nothing else', async () => {
    await mustHold(await tryLock(path, 'run a')).release();
    expect(await listNames(folder, '.')).toEqual(['_lock.duckdb']);
  });

  it('goes to one of many who ask at once for a lock that was never made', async () => {
    const locks = await Promise.all(Array.from({ length: 8 }, (_, i) => tryLock(path, `run ${i}`)));
    expect(locks.filter((lock) => lock !== null)).toHaveLength(1);
    for (const lock of locks) await lock?.release();
  });

  it('is given up when its holder cannot be noted down', async () => {
    await mkdir(`${path}.holder.json.tmp`);
    await expect(tryLock(path, 'run a')).rejects.toMatchObject({ code: 'E_DISK', exit: 6 });
    const child = start({ args: scriptArgs('lock-child.ts', { what: 'lock', path, name: 'run b' }) });
    running.push(child);
    // It fails in the same way, and not because somebody has the lock.
    expect((await child.ended).stderr).toContain('E_DISK');
  });

  it('is not taken on a file that is no lock, which stays as it is', async () => {
    await writeFile(path, 'something else, long enough for a header of a database, or so one would think');
    await expect(tryLock(path, 'run a')).rejects.toMatchObject({ code: 'E_DISK', exit: 6 });
    expect(await listNames(folder, '.')).toEqual(['_lock.duckdb']);
  });
});

describe('a second process', () => {
  it('waits, tells once for whom, and gets the lock when it is free', async () => {
    const holder = await holdElsewhere('run 0192');
    const told: string[] = [];
    const onWait = (other: string) => {
      told.push(other);
      holder.child.stdin.end();
    };
    const waiting = { patienceMs: 30_000, sleep: (ms: number) => delay(ms), onWait };
    await (await takeLock(path, 'run b', waiting)).release();
    expect(told).toEqual(['run 0192']);
  });

  it('gives up when its patience ends, and says after how long', async () => {
    await holdElsewhere('run 0192');
    const slept: number[] = [];
    const sleep = (ms: number) => {
      slept.push(ms);
      return Promise.resolve();
    };
    const taken = takeLock(path, 'run b', { ...impatient, patienceMs: 3_000, sleep });
    await expect(taken).rejects.toMatchObject({
      code: 'E_LOCKED',
      exit: 6,
      message: expect.stringContaining('locked by run 0192; waited 3 s') as string,
    });
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBe(3_000);
  });

  it('is refused while this process holds the lock', async () => {
    const lock = mustHold(await tryLock(path, 'run a'));
    const child = start({ args: scriptArgs('lock-child.ts', { what: 'lock', path, name: 'run b' }) });
    running.push(child);
    expect(await child.nextLine()).toBe('busy');
    await lock.release();
  });

  it('inherits the lock of a killed one at once', async () => {
    await kill(await holdElsewhere('run 0192'));
    await mustHold(await tryLock(path, 'run b')).release();
  });

  it('does not tell what somebody else wrote in place of the holder', async () => {
    await holdElsewhere('run 0192');
    await writeFile(`${path}.holder.json`, '{"holder":"<script>john@example.org"}');
    await expect(takeLock(path, 'run b', impatient)).rejects.toMatchObject({
      message: expect.stringContaining('locked by another run') as string,
    });
  });
});

describe('a lock file', () => {
  it('is whole under its name however often those who make it are killed', async () => {
    const random = seedRandom(20);
    for (const round of ['a', 'b', 'c']) {
      const many = { what: 'locks', path: join(folder, round, 'many'), name: 'run a' };
      const child = start({ args: scriptArgs('lock-child.ts', many) });
      running.push(child);
      await child.nextLine();
      await delay(100 + random() * 200);
      await kill(child);
      const made = (await listNames(folder, round)).filter((name) => /^many\d+$/.test(name));
      expect(made).not.toEqual([]);
      for (const name of made) await mustHold(await tryLock(join(folder, round, name), 'run b')).release();
    }
  });
});
