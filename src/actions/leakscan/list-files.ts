import { constants, type Dirent, type Stats } from 'node:fs';
import { lstat, open, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { Config } from '../../base/config/config.js';
import { systemCode } from '../../base/errors.js';
import { ignoreMissing } from '../../base/files/durable.js';

export type FileKind = 'parquet' | 'duckdb' | 'sqlite' | 'csv' | 'other';

/** A file that belongs to the project's data, as it was when the folders were listed. */
export interface ScannedFile {
  /** Absolute. */
  readonly path: string;
  /** For people: relative to the project where it is inside, with forward slashes. */
  readonly shown: string;
  readonly kind: FileKind;
  readonly bytes: number;
  /** In a folder where a run or a transform works: what cannot be read there is being written. */
  readonly isInWork: boolean;
}

/** What is not read, and why. */
export interface UnreadFile {
  readonly shown: string;
  readonly why: string;
}

export interface FoundFiles {
  readonly files: readonly ScannedFile[];
  readonly unread: readonly UnreadFile[];
}

/** Files that the kernel locks for their holder: closing them would free the lock of this process, if it held one. */
const LOCK_FILE = /(?:^_(?:lock|alerts|schedule)|\.lock)\.duckdb(?:$|\.)/;
const IN_WORK = /(?:^|\/)(?:_staging|\.next|\.part-[^/]*)\/|\.tmp$/;
const HEAD_BYTES = 16;

/**
 * Everything that Lakeveil has on disk for a project: the lake, the warehouse with its caches, exports, logs, published
 * sites, events of OpenLineage, and files of SQLite that it loads into. Links inside are not followed.
 * @param targets absolute paths of files of SQLite
 */
export async function listFiles(config: Config, targets: readonly string[]): Promise<FoundFiles> {
  const { projectDir, lakeDir, databasePath, exportsDir, logDir, lineage } = config;
  const database = dirname(databasePath);
  const isOwnFolder = (folder: string): boolean => isInside(projectDir, folder) && folder !== projectDir;
  const places = [
    lakeDir,
    ...(isOwnFolder(database)
      ? [database]
      : [databasePath, `${databasePath}.wal`, join(database, '.next'), join(database, '.cache')]),
    exportsDir,
    ...(isOwnFolder(logDir) ? [logDir] : await listLogs(logDir)),
    join(projectDir, 'site'),
    join(projectDir, 'site.html'),
    ...(lineage?.file === undefined || lineage.file === null ? [] : [lineage.file]),
    ...targets,
  ];
  const files = new Map<string, ScannedFile>();
  const unread: UnreadFile[] = [];
  for (const place of places) {
    const real = await realpath(place).catch(() => null);
    if (real === null) continue;
    for await (const found of walk(real)) {
      const shown = showPath(projectDir, `${place}${found.path.slice(real.length)}`);
      if ('why' in found) unread.push({ shown, why: found.why });
      else {
        const { path, stats } = found;
        const kind = LOCK_FILE.test(basename(path)) ? 'other' : await detectKind(path);
        const isInWork = IN_WORK.test(path.split(sep).join('/'));
        if (kind !== null) files.set(path, { path, shown, kind, bytes: stats.size, isInWork });
      }
    }
  }
  return { files: [...files.values()], unread };
}

async function listLogs(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^pipeline\..*log$/.test(name)).map((name) => join(folder, name));
}

type Walked =
  { readonly path: string; readonly stats: Stats } | { readonly path: string; readonly why: string };

async function* walk(path: string): AsyncGenerator<Walked, void, undefined> {
  try {
    const stats = await lstat(path).catch(ignoreMissing);
    if (stats === undefined) return;
    if (stats.isFile()) yield { path, stats };
    else if (stats.isSymbolicLink()) yield { path, why: 'a link, which is not followed' };
    else if (stats.isDirectory()) {
      const items: Dirent[] = await readdir(path, { withFileTypes: true });
      for (const { name } of items.sort((a, b) => (a.name < b.name ? -1 : 1))) yield* walk(join(path, name));
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') yield { path, why: `cannot be read (${systemCode(error)})` };
  }
}

/** By its first bytes, whatever it is called; null if it is gone. */
async function detectKind(path: string): Promise<FileKind | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const { buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      const head = buffer.toString('latin1');
      if (head.startsWith('PAR1') || path.endsWith('.parquet')) return 'parquet';
      if (head.slice(8, 12) === 'DUCK') return 'duckdb';
      if (head.startsWith('SQLite format 3\0')) return 'sqlite';
      return path.endsWith('.csv') ? 'csv' : 'other';
    } finally {
      await file.close();
    }
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? null : 'other';
  }
}

function showPath(projectDir: string, path: string): string {
  return isInside(projectDir, path) ? relative(projectDir, path).split(sep).join('/') : path;
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
