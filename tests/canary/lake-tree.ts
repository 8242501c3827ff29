import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Every file below a folder, by relative path, with the SHA-256 of its bytes; folders that hold no file are left out. */
export async function readTree(root: string): Promise<Readonly<Record<string, string>>> {
  const files: [string, string][] = [];
  await walk(root, '', files);
  return Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function walk(root: string, path: string, files: [string, string][]): Promise<void> {
  const full = join(root, path);
  const stats = await lstat(full).catch(() => undefined);
  if (stats?.isDirectory() === true) {
    for (const name of await readdir(full)) await walk(root, join(path, name), files);
  } else if (stats !== undefined) {
    const content = stats.isFile() ? await readFile(full) : 'not a file';
    files.push([path, createHash('sha256').update(content).digest('hex')]);
  }
}
