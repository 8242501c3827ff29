import { randomBytes } from 'node:crypto';
import { link, lstat, readFile, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { failure, systemCode } from '../base/errors.js';
import { ignoreMissing, makeFolder, orDiskError, writeDurably } from '../base/files/durable.js';

/**
 * A lock that the kernel frees when its holder dies, however it dies: a DuckDB file opened for writing (process ids
 * lie in containers). The file is made under a temporary name and linked into place, because a torn one would block
 * for ever, and opened under another link to it, because DuckDB makes a file where there is none. Nobody here opens
 * it otherwise, because closing any descriptor of it would free the lock.
 */
export interface Lock {
  release(): Promise<void>;
}

export interface Waiting {
  /** How long to wait before giving up. */
  readonly patienceMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told once, when waiting begins, with the holder's own words. */
  readonly onWait: (holder: string) => void;
}

/** Locks held by this process: a second open of one file in one process would succeed. */
const held = new Set<string>();
const POLL_MS = 100;

/**
 * Takes the lock at `path`, waiting for whoever has it.
 * @param holder who we are, for those who wait: a command, a pipeline and a date, no values
 * @throws E_LOCKED when patience ends
 */
export async function takeLock(path: string, holder: string, waiting: Waiting): Promise<Lock> {
  let waited = 0;
  for (;;) {
    const lock = await tryLock(path, holder);
    if (lock !== null) return lock;
    const other = await readHolder(path);
    if (waited === 0) waiting.onWait(other);
    if (waited >= waiting.patienceMs) {
      throw failure('E_LOCKED', { holder: other, seconds: Math.round(waited / 1000) });
    }
    await waiting.sleep(POLL_MS);
    waited += POLL_MS;
  }
}

/** Takes the lock at `path` if it is free; null if somebody has it. */
export async function tryLock(given: string, holder: string): Promise<Lock | null> {
  const path = resolve(given);
  if (held.has(path)) return null;
  held.add(path);
  let instance: DuckDBInstance | null = null;
  const release = async (): Promise<void> => {
    if (instance !== null) await rm(holderPath(path), { force: true });
    instance?.closeSync();
    held.delete(path);
  };
  try {
    instance = await orDiskError(path, () => openLockFile(path));
    if (instance !== null) await writeDurably(holderPath(path), JSON.stringify({ holder }));
  } catch (error) {
    await release();
    throw error;
  }
  if (instance !== null) return { release };
  held.delete(path);
  return null;
}

/** Lets go of a lock that nobody will take again, and removes its file. */
export async function removeLockFile(path: string, lock: Lock): Promise<void> {
  await rm(path, { force: true });
  await lock.release();
}

/** Null if somebody has it. Begins anew where another process put the file or took it away in between. */
async function openLockFile(path: string): Promise<DuckDBInstance | null> {
  const { DuckDBInstance: Instance } = await import('@duckdb/node-api');
  for (;;) {
    const own = temporaryName(path);
    if (!(await tryLink(path, own))) {
      await placeLockFile(path);
      continue;
    }
    try {
      const instance = await Instance.create(own);
      if (await isSameFile(own, path)) return instance;
      instance.closeSync();
    } catch (error) {
      if (error instanceof Error && error.message.includes('Could not set lock on file')) return null;
      throw failure('E_DISK', { path, kind: 'not a lock file' });
    } finally {
      await rm(own, { force: true });
    }
  }
}

async function placeLockFile(path: string): Promise<void> {
  const { DuckDBInstance: Instance } = await import('@duckdb/node-api');
  await makeFolder(dirname(path));
  const temporary = temporaryName(path);
  try {
    const instance = await Instance.create(temporary).catch(() => null);
    if (instance === null) throw failure('E_DISK', { path, kind: 'not writable' });
    instance.closeSync();
    await tryLink(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** False if there is nothing at `from`, or something at `to` already. */
async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'EEXIST') return false;
    throw error;
  }
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [left, right] = [await lstat(a).catch(ignoreMissing), await lstat(b).catch(ignoreMissing)];
  return left !== undefined && left.ino === right?.ino && left.dev === right.dev;
}

/** Begins with the lock's own name, so that whoever sweeps up finds it. */
function temporaryName(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}.tmp`;
}

function holderPath(path: string): string {
  return `${path}.holder.json`;
}

async function readHolder(path: string): Promise<string> {
  const text = await readFile(holderPath(path), 'utf8').catch(ignoreMissing);
  const match = /^\{"holder":"([a-zA-Z0-9 _:.-]{1,120})"\}$/.exec(text ?? '');
  return match?.[1] ?? 'another run';
}
