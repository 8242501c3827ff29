import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { failure } from '../errors.js';
import { fileExists, ignoreMissing, orDiskError, systemCode, writeDurably } from './files.js';

/**
 * A lock that the kernel frees when its holder dies, however it dies: a DuckDB file opened for writing (process ids
 * lie in containers). The file is made under a temporary name and linked into place, because a torn one would block
 * for ever; nobody here opens it otherwise, because closing any descriptor of it would free the lock.
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
export async function tryLock(path: string, holder: string): Promise<Lock | null> {
  if (held.has(path)) return null;
  held.add(path);
  try {
    const instance = await orDiskError(path, () => openLockFile(path));
    if (instance === null) {
      held.delete(path);
      return null;
    }
    await writeDurably(holderPath(path), JSON.stringify({ holder }));
    return {
      release: async () => {
        await rm(holderPath(path), { force: true });
        instance.closeSync();
        held.delete(path);
      },
    };
  } catch (error) {
    held.delete(path);
    throw error;
  }
}

/** Lets go of a lock that nobody will take again, and removes its file. */
export async function forgetLockFile(path: string, lock: Lock): Promise<void> {
  await rm(path, { force: true });
  await lock.release();
  await rm(`${path}.wal`, { force: true });
}

async function openLockFile(path: string): Promise<DuckDBInstance | null> {
  const { DuckDBInstance: Instance } = await import('@duckdb/node-api');
  if (!(await fileExists(path))) await placeLockFile(path);
  try {
    return await Instance.create(path);
  } catch (error) {
    if (error instanceof Error && error.message.includes('Could not set lock on file')) return null;
    throw failure('E_DISK', { path, kind: 'not a lock file' });
  }
}

async function placeLockFile(path: string): Promise<void> {
  const { DuckDBInstance: Instance } = await import('@duckdb/node-api');
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    let instance: DuckDBInstance;
    try {
      instance = await Instance.create(temporary);
    } catch {
      throw failure('E_DISK', { path, kind: 'not writable' });
    }
    instance.closeSync();
    await link(temporary, path).catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { force: true });
  }
}

function holderPath(path: string): string {
  return `${path}.holder.json`;
}

async function readHolder(path: string): Promise<string> {
  const text = await readFile(holderPath(path), 'utf8').catch(ignoreMissing);
  const match = /^\{"holder":"([a-zA-Z0-9 _:.-]{1,120})"\}$/.exec(text ?? '');
  return match?.[1] ?? 'another run';
}
