import { randomBytes } from 'node:crypto';
import { constants, realpathSync } from 'node:fs';
import { access, chmod, copyFile, lstat, mkdir, open, readdir, realpath, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { failure, LakeveilError, systemCode } from '../../base/errors.js';
import { ignoreMissing } from '../../base/files/durable.js';
import type { FileLock, TargetContext } from '../target.js';

/** The same however the project is reached; the path as it is if there is no such folder. */
export function realPlace(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}

/** The real path of the file, so that one file has one lock, whatever names lead to it. @throws E_TARGET_FILE */
export async function findPlace(path: string, { forbidden }: TargetContext): Promise<string> {
  const folder = await realpath(dirname(path)).catch((error: unknown) => {
    throw refuse(path, systemCode(error), 'create the folder of the file, or correct `path` in targets.yaml');
  });
  for (const { place, dir } of forbidden) {
    const way = relative(await realpath(dir).catch(() => resolve(dir)), folder);
    if (way.startsWith('..') || isAbsolute(way)) continue;
    throw refuse(path, `it is in ${place}`, 'choose another folder in targets.yaml');
  }
  const real = join(folder, basename(path));
  await assertWritable(real);
  return real;
}

async function assertWritable(path: string): Promise<void> {
  const stats = await lstat(path).catch(ignoreMissing);
  if (stats === undefined) return;
  if (!stats.isFile()) throw refuse(path, 'not a regular file', 'choose another path in targets.yaml');
  const isOpen = await access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
  // The superuser may write any file.
  if (isOpen && (stats.mode & 0o222) !== 0) return;
  throw refuse(path, 'the file is read-only', 'make it writable, or choose another path in targets.yaml');
}

/** A log of another writer would be applied to the new file, and damage it. */
async function assertNoLog(path: string): Promise<void> {
  for (const suffix of ['-wal', '-journal']) {
    const log = await lstat(`${path}${suffix}`).catch(ignoreMissing);
    if (log === undefined || log.size === 0) continue;
    const fix = 'close the programs that write it, and run `pragma journal_mode = delete` on the file';
    throw refuse(path, `another program writes it: there is a ${suffix} file`, fix);
  }
}

/**
 * Takes the file for one load of all projects of the machine, and removes what a killed load left beside it.
 * @param path as `findPlace` gives it
 * @throws E_LOCKED, E_DISK
 */
export async function lockFile(path: string, { takeLock }: TargetContext): Promise<FileLock> {
  const lock = await takeLock(join(dirname(path), `.${basename(path)}.lakeveil.lock`));
  try {
    const isDraft = (name: string): boolean =>
      name.startsWith(draftStart(path)) && /^[0-9a-f]{12}$/.test(name.slice(draftStart(path).length));
    for (const name of (await readdir(dirname(path))).filter(isDraft))
      await rm(join(dirname(path), name), { recursive: true, force: true });
  } catch (error) {
    await lock.release();
    throw error;
  }
  return lock;
}

function draftStart(path: string): string {
  return `.${basename(path)}.lakeveil-`;
}

/** What tells one state of the file from another; SQLite counts commits in the first 100 bytes. */
async function readState(path: string): Promise<string | null> {
  const file = await open(path).catch(ignoreMissing);
  if (file === undefined) return null;
  try {
    const { dev, ino, size, mtimeNs } = await file.stat({ bigint: true });
    const { buffer, bytesRead } = await file.read(Buffer.alloc(100), 0, 100, 0);
    return [dev, ino, size, mtimeNs, buffer.toString('hex', 0, bytesRead)].join(' ');
  } finally {
    await file.close();
  }
}

/** The copy in which a load works. */
export interface Draft {
  /** A folder of its own beside the file, so that a rename moves the copy. */
  readonly folder: string;
  readonly copy: string;
  /** @throws E_TARGET_FILE if the file is not what was copied */
  readonly assertUnchanged: () => Promise<void>;
}

/** A copy with the permissions that the file has. The caller holds its lock. @throws E_TARGET_FILE */
export async function prepareCopy(path: string): Promise<Draft> {
  await assertNoLog(path);
  const folder = join(dirname(path), `${draftStart(path)}${randomBytes(6).toString('hex')}`);
  const copy = join(folder, basename(path));
  const before = await readState(path);
  const assertUnchanged = async (): Promise<void> => {
    await assertNoLog(path);
    if ((await readState(path)) === before) return;
    const fix = 'run the command again once that program has finished: the file is as it wrote it';
    throw refuse(path, 'another program changed it during the load', fix);
  };
  await mkdir(folder, { mode: 0o700 });
  try {
    const stats = await lstat(path).catch(ignoreMissing);
    if (stats !== undefined) {
      await copyFile(path, copy, constants.COPYFILE_FICLONE);
      await chmod(copy, stats.mode & 0o777);
    }
    await assertUnchanged();
  } catch (error) {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
  return { folder, copy, assertUnchanged };
}

function refuse(path: string, kind: string, fix: string): LakeveilError {
  return failure('E_TARGET_FILE', { path, kind, fix }, { stage: 'load' });
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
    : 'move the file, then run the command again: it is created and loaded again'; // prettier-ignore
  return failure('E_TARGET_FILE', { path, kind, fix }, { stage: 'load' });
}
