import { constants } from 'node:fs';
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openFailure, readRows, withInstance } from '../../base/duckdb.js';
import { failure, LakeveilError, systemCode } from '../../base/errors.js';
import { orDiskError, syncFile, syncFolder } from '../../base/files/durable.js';

/**
 * The warehouse file and its swap. The published file is never opened for writing: a transform works on the next file
 * beside it, which replaces it when complete. Open readers continue with the old file.
 */

/** Version of the layout of `ops`; if it differs, the next file starts empty. */
export const WAREHOUSE_FORMAT = 5;

/** Bytes 8 to 12 of every DuckDB file. */
const MAGIC = 'DUCK';

export type PublishedState = 'none' | 'current' | 'old';

export interface NextFile {
  /** A folder that contains only this file. */
  readonly folder: string;
  readonly path: string;
  readonly spillFolder: string;
}

/**
 * Prepares the next file: a copy of the published file, or no file. Cleans up what interrupted transforms left, so the
 * caller must hold the lake's lock.
 * @throws E_DISK; the published file is unchanged then
 */
export async function prepareNext(databasePath: string, runId: string, isCopy: boolean): Promise<NextFile> {
  const folder = join(dirname(databasePath), '.next');
  const next = { folder, path: join(folder, `${runId}.duckdb`), spillFolder: join(folder, 'spill') };
  await orDiskError(databasePath, async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(next.spillFolder, { recursive: true, mode: 0o700 });
    if (!isCopy) return;
    await copyFile(databasePath, next.path, constants.COPYFILE_FICLONE);
    // The disk writes the copy while tables are built, so that only what is new is left to sync at the end.
    void syncFile(next.path).catch(() => undefined);
  });
  return next;
}

/** Syncs the next file to disk, then renames it to the published name. */
export async function publishNext(next: NextFile, databasePath: string): Promise<void> {
  await orDiskError(databasePath, async () => {
    await syncFile(next.path);
    await rename(next.path, databasePath);
    await syncFolder(dirname(databasePath));
    await discardNext(next);
  });
}

export async function discardNext(next: NextFile): Promise<void> {
  await rm(next.folder, { recursive: true, force: true });
}

/** @throws E_NO_WAREHOUSE, E_NOT_A_DATABASE, E_DISK_READ */
export async function assertDatabase(databasePath: string): Promise<void> {
  const head = await readHead(databasePath);
  if (head === null) throw failure('E_NO_WAREHOUSE', {});
  if (head !== MAGIC) throw failure('E_NOT_A_DATABASE', { path: databasePath });
}

/** False if the file is absent or empty. @throws E_NOT_A_DATABASE, E_DISK_READ */
export async function hasDatabase(databasePath: string): Promise<boolean> {
  const head = await readHead(databasePath);
  if (head === null || head === '') return false;
  if (head !== MAGIC) throw failure('E_NOT_A_DATABASE', { path: databasePath });
  return true;
}

/**
 * Whether there is a published file that a transform can change; `old` was written by another version.
 * @throws E_NOT_A_DATABASE, E_DATABASE_FOREIGN, E_DISK_READ
 */
export async function inspectPublished(databasePath: string, version: string): Promise<PublishedState> {
  if (!(await hasDatabase(databasePath))) return 'none';
  const made = await readMaker(databasePath);
  return made?.['format'] === WAREHOUSE_FORMAT && made['tool_version'] === version ? 'current' : 'old';
}

/** The first bytes after the checksum; null if there is no file, '' if it is empty. */
async function readHead(path: string): Promise<string | null> {
  try {
    // A named pipe gives nothing, and nothing waits for its writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) throw failure('E_NOT_A_DATABASE', { path });
      const { buffer, bytesRead } = await file.read(Buffer.alloc(12), 0, 12, 0);
      return bytesRead === 0 ? '' : buffer.toString('latin1', 8, 12);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof LakeveilError) throw error;
    const kind = systemCode(error);
    if (kind === 'ENOENT') return null;
    if (kind === 'EISDIR') throw failure('E_NOT_A_DATABASE', { path });
    throw failure('E_DISK_READ', { path, kind });
  }
}

/** A database with other tables belongs to another program and is never replaced. */
async function readMaker(path: string) {
  return await withInstance({ database: path, readOnly: true }, async (connection) => {
    const tables = await readRows(connection, 'select schema_name, table_name from duckdb_tables()');
    const isOurs = tables.some((row) => row['schema_name'] === 'ops' && row['table_name'] === 'warehouse');
    if (!isOurs && tables.length > 0) throw failure('E_DATABASE_FOREIGN', { path });
    return isOurs ? (await readRows(connection, 'select format, tool_version from ops.warehouse'))[0] : null;
  }).catch((error: unknown) => {
    throw openFailure(error, path);
  });
}
