import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { orDiskError, removeDurably } from '../base/files/durable.js';
import { readSmallFile } from '../base/files/small-file.js';
import { isFileName } from './files/file-names.js';

/** Lists the files that `publish` wrote into the folder, so that the next publish knows its own files. */
export const LIST_NAME = 'files.json';
/** Distinguishes the list from a file of the same name that another program wrote. */
const WRITTEN_BY = 'lakeveil publish';

export function writeList(names: readonly string[]): string {
  const files = [...new Set(names)].toSorted();
  return `${JSON.stringify({ written_by: WRITTEN_BY, files }, null, 2)}\n`;
}

/** The files of the last publish; none if there is no list, or if another program wrote it. */
export async function listPublished(dir: string): Promise<readonly string[]> {
  try {
    const file = await readSmallFile(join(dir, LIST_NAME));
    return file.kind === 'text' ? readList(JSON.parse(file.text)) : [];
  } catch {
    return [];
  }
}

function readList(list: unknown): readonly string[] {
  if (typeof list !== 'object' || list === null) return [];
  const [writtenBy, files]: readonly unknown[] = ['written_by', 'files'].map((name): unknown =>
    Reflect.get(list, name),
  );
  return writtenBy === WRITTEN_BY && Array.isArray(files) ? files.filter(isOwnName) : [];
}

function isOwnName(name: unknown): name is string {
  return typeof name === 'string' && isFileName(name);
}

async function isPlainFile(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isFile() === true;
}

/** Removes files of the last publish that are no longer published: a report that became internal must not remain. */
export async function removePublished(
  dir: string,
  before: readonly string[],
  now: readonly string[],
): Promise<void> {
  const kept = new Set(now);
  for (const name of before) {
    const path = join(dir, name);
    if (!kept.has(name) && (await isPlainFile(path))) await rm(path);
  }
}

/**
 * Removes all that `publish` wrote: a site of one file, or the files of a folder and their list. A folder without a list is
 * left alone. Gives the paths of what was removed.
 */
export async function unpublish(path: string): Promise<readonly string[]> {
  if (await isPlainFile(path)) return removeAll([path]);
  const names = await listPublished(path);
  const written: string[] = [];
  for (const name of names) if (await isPlainFile(join(path, name))) written.push(join(path, name));
  return removeAll([...written, ...(names.length === 0 ? [] : [join(path, LIST_NAME)])]);
}

async function removeAll(paths: readonly string[]): Promise<readonly string[]> {
  for (const path of paths) await orDiskError(path, () => removeDurably(path));
  return paths;
}
