import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { listFolder } from '../base/files/durable.js';
import { tryLock } from './lock.js';

/** Leftovers of stopped runs in the lake; the next commit or `verify` cleans them up. */
export interface LeftBehind {
  /** Runs that stopped after the commit started and before it completed. */
  readonly unfinished_commits: readonly string[];
  /** Runs that were killed before the commit and left staged files. */
  readonly dead_staging: readonly string[];
  /** Runs in progress. */
  readonly at_work: readonly string[];
}

const RUN_ID = /^[0-9a-f-]{36}$/;

/** Read-only. A staging folder is dead if no process holds its lock. @throws E_DISK_READ, E_DISK */
export async function findLeftBehind(lakeDir: string): Promise<LeftBehind> {
  const committed = (await listFolder(join(lakeDir, '_commits'))).map((name) => name.replace(/\.json$/, ''));
  const [dead, working]: [string[], string[]] = [[], []];
  for (const runId of (await listFolder(join(lakeDir, '_staging'))).filter((name) => RUN_ID.test(name))) {
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
