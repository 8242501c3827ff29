import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { openFailure, openInstance, readRows, type Row, withInstance } from '../../base/duckdb.js';
import { failure, systemCode } from '../../base/errors.js';
import { assertDatabase } from '../file/next-file.js';
import { PublishedLineage } from './published-lineage.js';

const MEMORY_LIMIT_MB = 1024;

export interface ReaderOptions {
  readonly databasePath: string;
  readonly lakeDir: string;
  /**
   * Datasets whose raw zone is open in their current definitions. Only their files can be accessed, and every other
   * bronze view is rejected.
   */
  readonly openZones: readonly string[];
  /** The only folder that `writeParquet` can write to, absolute and without symbolic links; null for none. */
  readonly writeDir: string | null;
}

interface SharedInstance {
  readonly instance: Promise<DuckDBInstance>;
  /** Opened by the first statement. */
  lineage: Promise<PublishedLineage> | null;
  users: number;
}

export interface PublishedRoom {
  readonly connection: DuckDBConnection;
  /** @throws E_WAREHOUSE_OLD */
  readonly lineage: () => Promise<PublishedLineage>;
  readonly close: () => void;
}

/** Readers of one file with the same permissions share an instance. After a swap, the file has another identity. */
const instances = new Map<string, SharedInstance>();

/** @throws E_NO_WAREHOUSE, E_NOT_A_DATABASE, E_DISK_READ */
export async function enterPublished(options: ReaderOptions): Promise<PublishedRoom> {
  await assertDatabase(options.databasePath);
  const key = await identify(options);
  const shared = instances.get(key) ?? { instance: openPublished(options), lineage: null, users: 0 };
  instances.set(key, shared);
  shared.users += 1;
  try {
    const instance = await shared.instance;
    const connection = await instance.connect();
    return {
      connection,
      lineage: () => (shared.lineage ??= PublishedLineage.open(connection)),
      close: () => {
        connection.closeSync();
        leave(key, shared, instance);
      },
    };
  } catch (error) {
    leave(key, shared, null);
    throw error;
  }
}

function leave(key: string, shared: SharedInstance, instance: DuckDBInstance | null): void {
  shared.users -= 1;
  if (shared.users > 0) return;
  instances.delete(key);
  instance?.closeSync();
  void shared.lineage?.then(
    (lineage) => {
      lineage.close();
    },
    () => undefined,
  );
}

/**
 * Rows of the tables of `ops`, which hold no data of people: for commands that report on the lake.
 * @throws E_NO_WAREHOUSE, E_NOT_A_DATABASE, E_WAREHOUSE_OLD
 */
export async function readOps(databasePath: string, sql: string): Promise<Row[]> {
  await assertDatabase(databasePath);
  const settings = { database: databasePath, readOnly: true, memoryLimitMb: MEMORY_LIMIT_MB };
  return withInstance(settings, (connection) =>
    readRows(connection, sql).catch(() => {
      throw failure('E_WAREHOUSE_OLD', {});
    }),
  ).catch((error: unknown) => {
    throw openFailure(error, databasePath);
  });
}

async function identify(options: ReaderOptions): Promise<string> {
  const { dev, ino } = await stat(options.databasePath, { bigint: true }).catch((error: unknown) => {
    throw failure('E_DISK_READ', { path: options.databasePath, kind: systemCode(error) });
  });
  return JSON.stringify([String(dev), String(ino), options]);
}

async function openPublished(options: ReaderOptions): Promise<DuckDBInstance> {
  const settings = {
    database: options.databasePath,
    readOnly: true,
    allowedDirectories: options.writeDir === null ? [] : [options.writeDir],
    tempDirectory: '',
    memoryLimitMb: MEMORY_LIMIT_MB,
    threads: availableParallelism(),
  };
  const open = (allowedPaths: readonly string[]) =>
    openInstance({ ...settings, allowedPaths }).catch((error: unknown) => {
      throw openFailure(error, options.databasePath);
    });
  if (options.openZones.length === 0) return open([]);
  const first = await open([]);
  try {
    return await open(await listOpenFiles(first, options));
  } finally {
    first.closeSync();
  }
}

async function listOpenFiles(instance: DuckDBInstance, options: ReaderOptions): Promise<string[]> {
  const rows = await readRows(
    await instance.connect(),
    `select file from ops.partitions where file is not null
     and list_contains(from_json($zones::varchar, '["varchar"]'), dataset)`,
    { zones: JSON.stringify(options.openZones) },
  );
  return rows.map((row) => join(options.lakeDir, String(row['file'])));
}
