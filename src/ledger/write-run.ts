import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failure, LakeveilError, nameSystemError } from '../base/errors.js';
import type { RunRecord } from '../base/types/run-record.js';
import { ledgerPath } from './run-id.js';

/**
 * Writes or replaces a run's file: whole under another name, then renamed, so that a reader or a crash meets the old
 * record or the new one.
 * @throws E_DISK; E_LAKE_DAMAGED if a folder on the way is a link
 */
export async function writeRun(lakeDir: string, record: RunRecord): Promise<void> {
  const path = ledgerPath(record.run_id);
  const target = join(lakeDir, path);
  const draft = join(dirname(target), `.${record.run_id}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await refuseLinks(lakeDir, dirname(path));
    await writeDurably(draft, `${JSON.stringify(record)}\n`);
    await rename(draft, target);
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    if (error instanceof LakeveilError) throw error;
    throw failure('E_DISK', { path, kind: nameSystemError(error) });
  }
}

async function refuseLinks(lakeDir: string, folder: string): Promise<void> {
  let path = lakeDir;
  for (const name of folder.split('/')) {
    path = join(path, name);
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) throw failure('E_LAKE_DAMAGED', { path: folder, kind: 'a link' });
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
