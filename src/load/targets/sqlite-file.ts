import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, realpath, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { failure, LakeveilError, systemCode } from '../../base/errors.js';
import { ignoreMissing } from '../../base/files/durable.js';
import type { TargetContext } from '../target.js';

/** @throws E_TARGET_FILE */
export async function assertPlace(path: string, { forbidden }: TargetContext): Promise<void> {
  const folder = await realpath(dirname(path)).catch((error: unknown) => {
    const fix = 'create the folder of the file, or correct `path` in targets.yaml';
    throw failure('E_TARGET_FILE', { path, kind: systemCode(error), fix }, { stage: 'load' });
  });
  const inside = forbidden.find(({ dir }) => {
    const way = relative(resolve(dir), folder);
    return !way.startsWith('..') && !isAbsolute(way);
  });
  const refuse = (kind: string, fix: string) =>
    failure('E_TARGET_FILE', { path, kind, fix }, { stage: 'load' });
  if (inside !== undefined) throw refuse(`it is in ${inside.place}`, 'choose another folder in targets.yaml');
  const stats = await lstat(path).catch(ignoreMissing);
  if (stats?.isFile() === false) throw refuse('not a regular file', 'choose another path in targets.yaml');
  // A log of another writer would be applied to the new file, and damage it.
  for (const suffix of ['-wal', '-journal']) {
    const log = await lstat(`${path}${suffix}`).catch(ignoreMissing);
    if (log === undefined || log.size === 0) continue;
    const fix = 'close the programs that write it, and run `pragma journal_mode = delete` on the file';
    throw refuse(`another program writes it: there is a ${suffix} file`, fix);
  }
}

/** A copy in a folder of its own beside the file, so that a rename moves it; with the permissions that the file has. */
export async function prepareCopy(path: string, folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  const copy = join(folder, basename(path));
  const stats = await lstat(path).catch(ignoreMissing);
  if (stats === undefined) return copy;
  await copyFile(path, copy, constants.COPYFILE_FICLONE);
  await chmod(copy, stats.mode & 0o777);
  return copy;
}

/** SQLite's messages quote values, so that only what the system says is shown, and whether the file is sound. */
export function toFileFailure(error: unknown, path: string): LakeveilError {
  if (error instanceof LakeveilError) return error;
  const text = error instanceof Error ? error.message : '';
  const known = /^(database or disk is full|disk I\/O error|file is not a database|database disk image is malformed|UNIQUE constraint failed|NOT NULL constraint failed|database is locked|unable to open database file)/.exec(text)?.[1]; // prettier-ignore
  const code = systemCode(error);
  const kind = known ?? (code === 'unknown' ? 'SQLite rejected a statement' : code);
  const fix = /full|I\/O/.test(kind) || code !== 'unknown'
    ? 'free disk space or fix the permissions, then run the command again'
    : 'move the file, then run the command again: it is created and loaded anew'; // prettier-ignore
  return failure('E_TARGET_FILE', { path, kind, fix }, { stage: 'load' });
}
