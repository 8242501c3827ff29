import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreMissing, orDiskError } from './files.js';

/** Something in the lake that is no folder. `path` is relative to the lake's root, with forward slashes. */
export interface Entry {
  readonly path: string;
  readonly kind: 'file' | 'link' | 'other';
}

/** Everything below a folder of the lake, by path. Links are told, never followed. */
export async function walkZone(root: string, folder: string): Promise<Entry[]> {
  const stats = await orDiskError(folder, async () => lstat(join(root, folder)).catch(ignoreMissing));
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [{ path: folder, kind: kindOf(stats) }];
  const items = await orDiskError(folder, () => readdir(join(root, folder), { withFileTypes: true }));
  const below = await Promise.all(items.map((item) => listItem(root, `${folder}/${item.name}`, item)));
  return below.flat().sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function listItem(root: string, path: string, item: Dirent): Promise<Entry[]> {
  return item.isDirectory() ? walkZone(root, path) : [{ path, kind: kindOf(item) }];
}

function kindOf(item: Pick<Dirent, 'isFile' | 'isSymbolicLink'>): Entry['kind'] {
  if (item.isSymbolicLink()) return 'link';
  return item.isFile() ? 'file' : 'other';
}
