import { createHash } from 'node:crypto';
import { constants, lstatSync } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { failure, LakeveilError, systemCode } from '../errors.js';

/** Files that survive a crash: written beside their name, synced, renamed; folders synced after. */

/** Ending of a file that is being written. */
export const DRAFT_SUFFIX = '.tmp';

/**
 * Writes `text` to `path` (mode 0600) so that a reader finds the old content or the new, never a part. The caller holds
 * a lock over `path` if the draft has its default name: the next writer then removes what a killed one left.
 * @throws E_DISK
 */
export async function writeDurably(
  path: string,
  text: string,
  draft = `${path}${DRAFT_SUFFIX}`,
): Promise<void> {
  await orDiskError(path, async () => {
    await makeFolder(dirname(path));
    await rm(draft, { force: true });
    try {
      await writeNew(draft, text);
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw error;
    }
    await syncFolder(dirname(path));
  });
}

/** Writes a file (mode 0600) that does not exist yet, and flushes it. */
export async function writeNew(path: string, content: string | Buffer): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Has `write` make a file in a new folder beside `path`, then gives it that name (mode 0600), so that half a file never
 * bears it. Gives what `write` gives.
 * @throws E_DISK
 */
export async function writeBeside<T>(path: string, write: (part: string) => Promise<T>): Promise<T> {
  return orDiskError(path, async () => {
    const folder = await mkdtemp(join(dirname(path), '.part-'));
    try {
      const part = join(folder, basename(path));
      const result = await write(part);
      await chmod(part, 0o600);
      await rename(part, path);
      return result;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
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

/** Size in bytes and SHA-256 (hex) of a file, read as a stream. A named pipe is empty: nothing waits for its writer. */
export async function hashFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stream: AsyncIterable<Buffer> = file.createReadStream({ highWaterMark: 1 << 20 });
  for await (const chunk of stream) {
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
export function assertNoLinks(root: string, path: string): void {
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

export function ignoreMissing(error: unknown): undefined {
  if (systemCode(error) === 'ENOENT') return undefined;
  throw error;
}

/**
 * Names in a folder, in order; none if it is not there.
 * @param label what an error calls the folder
 * @throws E_DISK_READ
 */
export async function listFolder(dir: string, label: string = dir): Promise<string[]> {
  const names = await readdir(dir).catch(ignoreMissing).catch(readFailure(label));
  return (names ?? []).sort();
}

/** Turns an error of the file system into E_DISK_READ. @param path what the error calls the file */
export function readFailure(path: string): (error: unknown) => never {
  return (error) => {
    throw failure('E_DISK_READ', { path, kind: systemCode(error) });
  };
}
