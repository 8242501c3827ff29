import { lstat, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failure } from '../base/errors.js';
import {
  assertNoLinks,
  fileExists,
  hashFile,
  ignoreMissing,
  makeFolder,
  syncFolder,
} from '../base/files/durable.js';
import type { Arrival } from '../base/types/arrival.js';

/** A move of a file of the project, as an intent holds it. */
export type ArchiveMove = Pick<Arrival, 'from' | 'to' | 'sha256'>;

/** A path inside of the project: no part of it is empty, `.` or `..`. */
export function isInProject(path: string): boolean {
  const parts = path.split('/');
  return !path.includes('\0') && parts.every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Each file once: datasets may read the same. */
export function planArchive(arrivals: readonly Arrival[]): readonly ArchiveMove[] {
  const moves = arrivals.map(({ from, to, sha256 }): [string, ArchiveMove] => [from, { from, to, sha256 }]);
  return [...new Map(moves).values()];
}

/**
 * Before a commit: the files are those that were read, their places are free, and a rename can take them there.
 * @throws E_DISK_READ if another run or program has taken or changed one; E_DISK
 */
export async function assertArrived(
  project: string | undefined,
  arrivals: readonly Arrival[],
): Promise<void> {
  if (arrivals.length === 0) return;
  const projectDir = requireProject(project);
  for (const { from, to, inode, bytes, modifiedMs } of arrivals) {
    const folder = dirname(from);
    const now = await lstat(join(projectDir, from)).catch(ignoreMissing);
    const isSame = now?.ino === inode && now.size === bytes && now.mtimeMs === modifiedMs && now.isFile();
    if (!isSame) throw failure('E_DISK_READ', { path: folder, kind: 'a file changed while it was read' });
    const archive = dirname(join(projectDir, to));
    assertNoLinks(projectDir, archive);
    await makeFolder(archive);
    if ((await lstat(archive)).dev !== now.dev)
      throw failure('E_DISK', { path: dirname(to), kind: 'the archive is on another file system' });
    if (await fileExists(join(projectDir, to)))
      throw failure('E_DISK', { path: dirname(to), kind: 'a file of the same name is archived already' });
  }
}

/**
 * Moves a file that has landed to the archive; may have been done before. A file that was replaced after the commit, by
 * one with other bytes, stays where it is: it has not landed.
 */
export async function moveToArchive(
  project: string | undefined,
  { from, to, sha256 }: ArchiveMove,
): Promise<void> {
  const projectDir = requireProject(project);
  const [source, target] = [join(projectDir, from), join(projectDir, to)];
  assertNoLinks(projectDir, dirname(source));
  assertNoLinks(projectDir, dirname(target));
  if ((await fileExists(target)) || !(await fileExists(source))) return;
  if (!(await lstat(source)).isFile() || (await hashFile(source)).sha256 !== sha256) return;
  await makeFolder(dirname(target));
  await rename(source, target);
  await syncFolder(dirname(target));
  await syncFolder(dirname(source));
}

function requireProject(projectDir: string | undefined): string {
  if (projectDir === undefined) throw new RangeError('a lake that archives files knows its project');
  return projectDir;
}
