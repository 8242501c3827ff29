import { createHash } from 'node:crypto';
import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ignoreMissing, orDiskError } from '../base/files/durable.js';
import { LANDED } from './landed-file.js';
import { CHECKPOINTS } from './paths.js';

/** Where tables come from: landed files, what should be there, checkpoints, and the ledger. */
const FOLDERS = ['raw', LANDED, CHECKPOINTS, '_runs'];

/**
 * A digest of all files from which tables are built, without reading them: of their names, inodes, sizes and times, of
 * which no program can set the last (`ctime`). It changes with any change of any of them.
 * @param ignored runs whose entries in the ledger do not count
 * @throws E_DISK
 */
export function digestLake(root: string, ignored: ReadonlySet<string>): Promise<string> {
  return orDiskError(root, () => {
    const hash = createHash('sha256');
    for (const folder of FOLDERS) {
      for (const file of listFiles(root, folder)) {
        const [, runId] = /^_runs\/.*\/([^/]+)\.json$/.exec(file) ?? [];
        if (runId === undefined || !ignored.has(runId))
          hash.update(`${file}\n${identify(join(root, file))}\n`);
      }
    }
    return Promise.resolve(hash.digest('hex'));
  });
}

function identify(path: string): string {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return [stats?.dev, stats?.ino, stats?.mode, stats?.size, stats?.mtimeNs, stats?.ctimeNs].join(' ');
}

function listFiles(root: string, folder: string): string[] {
  return listItems(join(root, folder)).flatMap((item) => {
    const path = `${folder}/${item.name}`;
    return item.isDirectory() ? listFiles(root, path) : [path];
  });
}

/** In order. Links are not followed. */
function listItems(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    ignoreMissing(error);
    return [];
  }
}
