import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from '../errors.js';
import { tryLock } from '../lake/lock.js';
import { nameSystemError } from '../system-error.js';

/** What runs that were stopped left in the lake; the next run that commits, or `verify`, puts it right. */
export interface LeftBehind {
  /** Runs that committed and could not finish. */
  readonly unfinished_commits: readonly string[];
  /** Runs that were killed before they committed, and whose staging is still there. */
  readonly dead_staging: readonly string[];
  /** Runs that are at work now. */
  readonly at_work: readonly string[];
}

const RUN_ID = /^[0-9a-f-]{36}$/;

/** Looks without mending. A staging folder is dead if nobody holds its lock. @throws E_DISK_READ, E_DISK */
export async function findLeftBehind(lakeDir: string): Promise<LeftBehind> {
  const committed = (await listNames(join(lakeDir, '_commits'))).map((name) => name.replace(/\.json$/, ''));
  const [dead, working]: [string[], string[]] = [[], []];
  for (const runId of (await listNames(join(lakeDir, '_staging'))).filter((name) => RUN_ID.test(name))) {
    if (committed.includes(runId)) continue;
    ((await isHeld(join(lakeDir, '_staging', `${runId}.lock.duckdb`))) ? working : dead).push(runId);
  }
  return {
    unfinished_commits: committed.filter((name) => RUN_ID.test(name)),
    dead_staging: dead,
    at_work: working,
  };
}

async function isHeld(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return false;
  const lock = await tryLock(path, 'status');
  await lock?.release();
  return lock === null;
}

async function listNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    const kind = nameSystemError(error);
    if (kind === 'ENOENT') return [];
    throw failure('E_DISK_READ', { path: folder, kind });
  }
}
