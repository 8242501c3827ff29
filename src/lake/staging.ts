import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from '../errors.js';
import { ignoreMissing, orDiskError, refuseLinks } from './files.js';
import type { Lock } from './lock.js';
import { forgetLockFile, tryLock } from './lock.js';

/**
 * A run's own folder (mode 0700) under `_staging/`. Its lock lies beside it and is taken before the folder is made,
 * so that there is no moment in which a sweeper could take a new folder for a dead one.
 */
export interface Staging {
  readonly dir: string;
  /** Base name of `dir`: the run's id. */
  readonly name: string;
  /** Lets go of the folder and removes what is left in it. */
  close(): Promise<void>;
}

const LOCK_SUFFIX = '.lock.duckdb';

export async function openStaging(root: string, runId: string): Promise<Staging> {
  const dir = join(root, '_staging', runId);
  await refuseLinks(root, dir);
  const lock = await tryLock(`${dir}${LOCK_SUFFIX}`, `run ${runId}`);
  if (lock === null) throw failure('E_LOCKED', { holder: `run ${runId}`, seconds: 0 });
  await orDiskError(dir, () => mkdir(dir, { mode: 0o700 }));
  return { dir, name: runId, close: () => discard(dir, lock) };
}

/** Folders under `_staging/` whose runs are dead. */
export async function listDeadStaging(root: string): Promise<string[]> {
  const dead: string[] = [];
  for (const name of await listStaging(root)) {
    const lock = await tryLock(join(root, '_staging', `${name}${LOCK_SUFFIX}`), 'a look at staging');
    if (lock === null) continue;
    await lock.release();
    dead.push(name);
  }
  return dead;
}

/** Removes the folders of dead runs and gives their names. */
export async function sweepStaging(root: string): Promise<string[]> {
  const swept: string[] = [];
  for (const name of await listStaging(root)) {
    const dir = join(root, '_staging', name);
    const lock = await tryLock(`${dir}${LOCK_SUFFIX}`, 'a sweep of staging');
    if (lock === null) continue;
    await discard(dir, lock);
    swept.push(name);
  }
  return swept;
}

/** Names of runs that have a folder or a lock there. */
async function listStaging(root: string): Promise<string[]> {
  const entries = await readdir(join(root, '_staging'), { withFileTypes: true }).catch(ignoreMissing);
  const names = (entries ?? []).flatMap((entry) => {
    if (entry.isDirectory()) return [entry.name];
    return entry.isFile() && entry.name.endsWith(LOCK_SUFFIX)
      ? [entry.name.slice(0, -LOCK_SUFFIX.length)]
      : [];
  });
  return [...new Set(names)].sort();
}

async function discard(dir: string, lock: Lock): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  await forgetLockFile(`${dir}${LOCK_SUFFIX}`, lock);
}
