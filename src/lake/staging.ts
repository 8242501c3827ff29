import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LakeveilError } from '../base/errors.js';
import { assertNoLinks, ignoreMissing, orDiskError } from '../base/files/durable.js';
import type { Staging } from '../base/types/staging.js';
import { isCommitted } from './intent.js';
import { type Lock, removeLockFile, takeLock, tryLock, type Waiting } from './lock.js';

/** Called with the id of a dead run, while its lock is held. */
export type OnDead = (runId: string) => Promise<void>;

const LOCK_SUFFIX = '.lock.duckdb';
/** What failed pulls have left, for the next try; ingests remove it after an hour. */
export const RESUME_FOLDER = 'resume';

/** @throws E_DISK; E_LOCKED if the run's folder already exists */
export async function openStaging(root: string, runId: string, waiting: Waiting): Promise<Staging> {
  const dir = join(root, '_staging', runId);
  assertNoLinks(root, dir);
  const lock = await takeStagingLock(`${dir}${LOCK_SUFFIX}`, runId, waiting);
  try {
    await orDiskError(dir, () => mkdir(dir, { mode: 0o700 }));
  } catch (error) {
    await removeLockFile(`${dir}${LOCK_SUFFIX}`, lock);
    throw error;
  }
  const clear = async (): Promise<void> => {
    if (!(await isCommitted(root, runId))) await rm(dir, { recursive: true, force: true });
  };
  return {
    dir,
    name: runId,
    clear,
    close: async () => ((await isCommitted(root, runId)) ? lock.release() : discard(root, runId, lock)),
    abandon: () => clear().finally(() => lock.release()),
  };
}

/** If the disk has space for the lock but not for the name of its holder, the lock is removed too. */
async function takeStagingLock(path: string, runId: string, waiting: Waiting): Promise<Lock> {
  try {
    // A cleanup may hold the new lock briefly, to test whether its run is dead.
    return await takeLock(path, `run ${runId}`, waiting);
  } catch (error) {
    if (error instanceof LakeveilError && error.code === 'E_DISK') await rm(path, { force: true });
    throw error;
  }
}

/**
 * Removes the folders of dead runs and returns their names. The lock file of a run is removed last, so that a run whose end
 * could not be recorded is found again.
 */
export async function cleanStaging(root: string, onDead: OnDead): Promise<string[]> {
  const cleanedUp: string[] = [];
  for (const name of await listStaging(root)) {
    const lock = await tryLock(join(root, '_staging', `${name}${LOCK_SUFFIX}`), 'a cleanup of staging');
    if (lock === null) continue;
    try {
      await rm(join(root, '_staging', name), { recursive: true, force: true });
      await onDead(name);
    } catch (error) {
      await lock.release();
      throw error;
    }
    await discard(root, name, lock);
    cleanedUp.push(name);
  }
  return cleanedUp;
}

/** Names of runs that have a folder or a lock there. */
async function listStaging(root: string): Promise<string[]> {
  assertNoLinks(root, join(root, '_staging'));
  const entries = await readdir(join(root, '_staging'), { withFileTypes: true }).catch(ignoreMissing);
  const names = (entries ?? []).flatMap((entry) => {
    if (entry.name === RESUME_FOLDER) return [];
    if (entry.isDirectory()) return [entry.name];
    const end = entry.isFile() ? entry.name.indexOf(LOCK_SUFFIX) : -1;
    return end > 0 ? [entry.name.slice(0, end)] : [];
  });
  return [...new Set(names)].sort();
}

/** Removes a run's folder, its lock, and files of an interrupted attempt to take the lock. */
async function discard(root: string, name: string, lock: Lock): Promise<void> {
  const staging = join(root, '_staging');
  await rm(join(staging, name), { recursive: true, force: true });
  const lockName = `${name}${LOCK_SUFFIX}`;
  for (const entry of await readdir(staging)) {
    if (entry.startsWith(`${lockName}.`)) await rm(join(staging, entry), { force: true });
  }
  await removeLockFile(join(staging, lockName), lock);
}
