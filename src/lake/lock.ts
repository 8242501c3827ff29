import { randomBytes } from 'node:crypto';
import { link, lstat, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { duckErrorKind, loadEngine, memoryFailure } from '../base/duckdb.js';
import { failure, systemCode } from '../base/errors.js';
import { ignoreMissing, makeFolder, orDiskError, writeDurably } from '../base/files/durable.js';
import { readSmallFile } from '../base/files/small-file.js';

/**
 * A lock that the kernel releases whenever its holder dies: a DuckDB file opened for writing (process ids are unreliable
 * in containers). The file is created under a temporary name and linked into place, because a partial file would block
 * forever. It is opened under another link, because DuckDB creates a missing file. It must not be opened in any other
 * way, because closing any descriptor of it would release the lock.
 */
export interface Lock {
  release(): Promise<void>;
}

export interface Waiting {
  /** How long to wait before giving up. */
  readonly patienceMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Called once when waiting starts, with the description of the holder. */
  readonly onWait: (holder: string) => void;
}

/** Locks held by this process: a second open of one file in one process would succeed. */
const held = new Set<string>();
const POLL_MS = 100;

/**
 * Takes the lock at `path`, waiting for its holder.
 * @param holder describes the caller for waiting processes: a command, a pipeline and a date, no values
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

/** Takes the lock at `path` if it is free; null if it is held. */
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

/** Releases a lock that is never taken again, and removes its file. */
export async function removeLockFile(path: string, lock: Lock): Promise<void> {
  await rm(path, { force: true });
  await lock.release();
}

/**
 * Removes the temporary links that processes have left which were killed while they took the lock. Only for its holder:
 * another process that is taking the lock finds its link gone, and tries again.
 */
export async function removeLeftLinks(path: string): Promise<void> {
  const folder = dirname(path);
  const isLink = (name: string): boolean =>
    name.startsWith(`${basename(path)}.`) && /\.[0-9a-f]{12}\.tmp$/.test(name);
  for (const name of (await readdir(folder)).filter(isLink)) await rm(join(folder, name), { force: true });
}

/** Null if it is held. Retries if another process created or removed the file in the meantime. */
async function openLockFile(path: string): Promise<DuckDBInstance | null> {
  const { DuckDBInstance: Instance } = await loadEngine();
  const stats = await lstat(path).catch(ignoreMissing);
  // DuckDB would wait for the writer of a named pipe.
  if (stats?.isFile() === false) throw failure('E_DISK', { path, kind: 'not a lock file' });
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
      if (duckErrorKind(error) === 'Out of Memory') throw memoryFailure({});
      throw failure('E_DISK', { path, kind: 'not a lock file' });
    } finally {
      await rm(own, { force: true });
    }
  }
}

async function placeLockFile(path: string): Promise<void> {
  const { DuckDBInstance: Instance } = await loadEngine();
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

/** Starts with the lock's own name, so that a cleanup finds it. */
function temporaryName(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}.tmp`;
}

function holderPath(path: string): string {
  return `${path}.holder.json`;
}

async function readHolder(path: string): Promise<string> {
  const file = await readSmallFile(holderPath(path), { maxBytes: 4096 });
  const match = /^\{"holder":"([a-zA-Z0-9 _:.-]{1,120})"\}$/.exec(file.kind === 'text' ? file.text : '');
  return match?.[1] ?? 'another run';
}
