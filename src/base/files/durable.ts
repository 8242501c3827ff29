import { createHash } from 'node:crypto';
import { createReadStream, lstatSync } from 'node:fs';
import { lstat, mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { failure, LakeveilError } from '../errors.js';

/** Files that survive a crash: written beside their name, synced, renamed; folders synced after. */

/** Ending of a file that is being written. */
export const DRAFT_SUFFIX = '.tmp';

/**
 * Writes `text` to `path` (mode 0600) so that a reader finds the old content or the new, never a part. Whoever calls
 * holds a lock over `path`: the draft has a fixed name, so that the next writer puts away what a killed one left.
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  const draft = `${path}${DRAFT_SUFFIX}`;
  await orDiskError(path, async () => {
    await makeFolder(dirname(path));
    await rm(draft, { force: true });
    try {
      await writeNew(draft, text);
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    await syncFolder(dirname(path));
  });
}

async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder (mode 0700) with those above it, and makes their names durable. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** Flushes a file that another writer made. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function syncFolder(path: string): Promise<void> {
  await syncFile(path);
}

/** Removes a file if it is there, and makes its going durable. */
export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path)).catch(ignoreMissing);
}

/** Removes the folders of these files that are empty now, up to the first one below `root`, which stays. */
export async function removeEmptyFolders(root: string, paths: readonly string[]): Promise<void> {
  const folders = new Set(paths.flatMap((path) => listFoldersAbove(dirname(path))));
  for (const folder of [...folders].sort((a, b) => b.length - a.length)) {
    await rmdir(join(root, folder)).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') ignoreMissing(error);
    });
  }
}

function listFoldersAbove(folder: string): string[] {
  return folder.includes('/') ? [folder, ...listFoldersAbove(dirname(folder))] : [];
}

/** False too where a file stands in place of a folder above it. */
export async function fileExists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCode(error) !== 'ENOTDIR') ignoreMissing(error);
    return false;
  }
}

/** Size in bytes and SHA-256 (hex) of a file, read as a stream. */
export async function hashFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/**
 * Refuses a path of which any part below `root` is a link, so that nobody can lead a reader or a writer out.
 * Parts that do not exist yet are fine. Not by promises: it is asked for every manifest, and a look takes microseconds.
 * @throws E_LAKE_DAMAGED
 */
export function refuseLinks(root: string, path: string): void {
  let current = root;
  for (const part of relative(root, path).split(sep)) {
    current = join(current, part);
    const stats = lstatSync(current, { throwIfNoEntry: false });
    if (stats === undefined) return;
    if (stats.isSymbolicLink())
      throw failure('E_LAKE_DAMAGED', { path: relative(root, current), kind: 'a link' });
  }
}

/**
 * Runs `work`; what the file system refuses becomes E_DISK with the path and the system's code. Anything else that is
 * thrown is no business of the disk's.
 */
export async function orDiskError<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const kind = systemCode(error);
    if (error instanceof LakeveilError || kind === 'unknown') throw error;
    throw failure('E_DISK', { path, kind });
  }
}

/** `ENOSPC`, `EACCES`, …: the code of a system error, and nothing else of it. */
export function systemCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // Node's own checks say `ERR_FS_EISDIR` for what the system calls `EISDIR`.
  return (typeof code === 'string' && /^(?:ERR_FS_)?(E[A-Z0-9]{2,20})$/.exec(code)?.[1]) || 'unknown';
}

export function ignoreMissing(error: unknown): undefined {
  if (systemCode(error) === 'ENOENT') return undefined;
  throw error;
}
