import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { openFailure, openInstance, quoteName, quoteText, readRows, toNumber } from '../../base/duckdb.js';
import { failure } from '../../base/errors.js';
import { type Layer, LAYERS, type LoadTable, nameTable, type PartState } from '../../base/types/load.js';
import type { Statement } from '../../base/types/warehouse-reader.js';
import { readRelations } from '../file/lineage-rows.js';
import { assertDatabase } from '../file/next-file.js';
import { OPS_TABLES } from '../file/ops-tables.js';
import { listRestrictions } from '../lineage/restrictions.js';
import type { Relation } from '../relation.js';
import { assertReadable, run } from '../sql/assert-readable.js';
import { PublishedLineage } from './published-lineage.js';

/** A column of a published table, and why it may not leave; null if it may. */
export interface PublishedColumn {
  readonly name: string;
  readonly type: string;
  readonly isToken: boolean;
  readonly isQuasi: boolean;
  /** It derives from a raw-only column, and no model says why it is exposed. */
  readonly isRawOnly: boolean;
}

export interface PublishedTable {
  readonly layer: Layer;
  readonly name: string;
  /** Null for a table of all pipelines. */
  readonly pipeline: string | null;
  readonly columns: readonly PublishedColumn[];
  /** Why no row of it may leave; null if they may. */
  readonly closed: 'its raw zone is restricted' | 'raw-only columns select its rows' | null;
}

interface LoadRoomOptions {
  readonly databasePath: string;
  readonly lakeDir: string;
  /** Datasets whose raw zone is open. */
  readonly openZones: readonly string[];
  /** An existing folder for spilling. */
  readonly spillDir: string;
  /** Statements of the target that run before the instance is locked. */
  readonly prepare: readonly string[];
}

const MEMORY_LIMIT_MB = 1024;

/** The published warehouse as one state, however long a load takes: a swap in the meantime leaves the open file as it is. */
export class LoadRoom {
  readonly connection: DuckDBConnection;
  readonly #close: () => void;
  readonly #openZones: readonly string[];
  #lineage: Promise<PublishedLineage> | null = null;

  private constructor(connection: DuckDBConnection, openZones: readonly string[], close: () => void) {
    this.connection = connection;
    this.#openZones = openZones;
    this.#close = close;
  }

  /** @throws E_NO_WAREHOUSE, E_NOT_A_DATABASE, E_DISK_READ */
  static async open(options: LoadRoomOptions): Promise<LoadRoom> {
    await assertDatabase(options.databasePath);
    const settings = {
      database: options.databasePath,
      readOnly: true,
      allowedDirectories: [options.spillDir],
      allowedPaths: await listOpenFiles(options),
      tempDirectory: options.spillDir,
      memoryLimitMb: MEMORY_LIMIT_MB,
      threads: availableParallelism(),
      prepare: options.prepare,
    };
    const instance = await openInstance(settings);
    const connection = await instance.connect();
    return new LoadRoom(connection, options.openZones, () => {
      connection.closeSync();
      instance.closeSync();
    });
  }

  /** Every table of the layers, by name. @throws E_WAREHOUSE_OLD */
  async listTables(): Promise<PublishedTable[]> {
    const relations = await readRelations(this.connection).catch(() => {
      throw failure('E_WAREHOUSE_OLD', {});
    });
    const owners = await this.#readOwners();
    const restrictions = listRestrictions(relations.values(), true);
    const isOpen = (name: string): boolean => restrictions.get(name)?.hasReason !== false;
    const rows = await readRows(
      this.connection,
      `select schema_name, table_name, column_name, data_type from duckdb_columns()
       where not internal and database_name = current_database() order by 1, 2, column_index`,
    );
    const tables = new Map<string, { layer: Layer; name: string; columns: PublishedColumn[] }>();
    for (const row of rows) {
      const [schema, name, column] = [row['schema_name'], row['table_name'], row['column_name']].map(String);
      const layer = LAYERS.find((one) => one === schema);
      if (layer === undefined || name === undefined || column === undefined) continue;
      const table = tables.get(`${layer}.${name}`) ?? { layer, name, columns: [] };
      tables.set(`${layer}.${name}`, table);
      const known = relations.get(`${layer}.${name}`)?.columns.get(column);
      const isRawOnly = !isOpen(`${layer}.${name}.${column}`);
      const { isToken = false, isQuasi = false } = known ?? {};
      table.columns.push({ name: column, type: String(row['data_type']), isToken, isQuasi, isRawOnly });
    }
    return [...tables].flatMap(([id, table]) =>
      isKnown(table, relations)
        ? [{ ...table, pipeline: owners.get(id) ?? null, closed: this.#closedFor(table, isOpen(id)) }]
        : [],
    );
  }

  #closedFor(
    { layer, name }: { layer: Layer; name: string },
    areRowsOpen: boolean,
  ): PublishedTable['closed'] {
    if (layer === 'bronze' && !this.#openZones.includes(name)) return 'its raw zone is restricted';
    return areRowsOpen ? null : 'raw-only columns select its rows';
  }

  async #readOwners(): Promise<ReadonlyMap<string, string>> {
    const rows = await readRows(
      this.connection,
      'select distinct relation, pipeline from ops.lineage where pipeline is not null',
    );
    return new Map(rows.map((row) => [String(row['relation']), String(row['pipeline'])]));
  }

  /**
   * Holds the columns that are to leave to the rules of every reader of the tables, whatever chose them.
   * @throws E_EXPORT_RAW, E_LINEAGE; E_EXPORT_TOKENS if a column holds tokens and `withTokens` is false
   */
  async assertMayLeave(table: LoadTable, withTokens: boolean): Promise<void> {
    const name = nameTable(table);
    const statement: Statement = {
      sql: `select ${listColumns(table)} from ${quoteTable(table)}`,
      date: null,
      origin: { kind: 'table', table: name },
    };
    const inspection = await assertReadable(this.connection, statement, this.#openZones);
    this.#lineage ??= PublishedLineage.open(this.connection);
    const { tokens } = await (await this.#lineage).trace(statement, inspection);
    if (!withTokens && tokens.size > 0)
      throw failure('E_EXPORT_TOKENS', { table: name, columns: [...tokens].join(', ') });
  }

  /** Rows and digests of a table by date, or of the whole table. @throws E_SQL_RUN, E_MEMORY */
  async measure(table: LoadTable): Promise<PartState[]> {
    const { columns, dateColumn, key } = table;
    const isNested = (type: string): boolean => /\]$|^(STRUCT|MAP|UNION)\(/.test(type);
    const nuls = columns.flatMap(({ name, type }) => {
      if (type === 'VARCHAR') return [`count_if(contains(${quoteName(name)}, chr(0)))`];
      return isNested(type) ? [`count_if(contains(to_json(${quoteName(name)})::varchar, '\\u0000'))`] : [];
    });
    const keyless = key.map((name) => `${quoteName(name)} is null`);
    const shape = JSON.stringify([columns.map(({ name, type }) => [name, type]), dateColumn, key]);
    const sql = `select ${dateColumn === null ? 'null' : `${quoteName(dateColumn)}::varchar`} as part, count(*) as n,
        md5(${quoteText(shape)} || ' ' || coalesce(sum(hash(${listColumns(table)})), 0)::varchar) as digest,
        ${['0', ...nuls].join(' + ')} as nuls, count_if(${['false', ...keyless].join(' or ')}) as keyless
      from ${quoteTable(table)} group by ${dateColumn === null ? '()' : '1'} order by 1 nulls first`;
    const origin = { kind: 'table', table: nameTable(table) } as const;
    const rows = await run({ origin }, () => readRows(this.connection, sql));
    return rows.map((row) => ({
      date: row['part'] === null ? null : String(row['part']),
      rows: toNumber(row['n']),
      digest: String(row['digest']),
      nuls: toNumber(row['nuls']),
      keyless: toNumber(row['keyless']),
    }));
  }

  /** Rejected records by `<pipeline> <date>`, and by `<pipeline>` in all. */
  async countRejected(): Promise<ReadonlyMap<string, number>> {
    const rows = await readRows(
      this.connection,
      `select concat_ws(' ', pipeline, date::varchar) as part, sum(rejected)::bigint as n
       from ops.partitions where rejected is not null group by grouping sets ((pipeline, date), (pipeline))`,
    );
    return new Map(rows.map((row) => [String(row['part']), toNumber(row['n'])]));
  }

  close(): void {
    void this.#lineage?.then(
      (lineage) => {
        lineage.close();
      },
      () => undefined,
    );
    this.#close();
  }
}

/** The SELECT of a part, with no order: a target puts the rows into one that only their cells decide. */
export function selectPart(table: LoadTable, date: string | null): string {
  const { dateColumn } = table;
  const column = dateColumn === null ? null : quoteName(dateColumn);
  const isPart = date === null ? `${column ?? ''} is null` : `${column ?? ''} = date ${quoteText(date)}`;
  return `select ${listColumns(table)} from ${quoteTable(table)}${column === null ? '' : ` where ${isPart}`}`;
}

function listColumns({ columns }: LoadTable): string {
  return columns.map(({ name }) => quoteName(name)).join(', ');
}

function quoteTable({ layer, name }: LoadTable): string {
  return `${quoteName(layer)}.${quoteName(name)}`;
}

/** What has no lineage is not loaded, but for tables of `ops`, of which only those with tokens have one. */
function isKnown(
  { layer, name }: { readonly layer: Layer; readonly name: string },
  relations: ReadonlyMap<string, Relation>,
): boolean {
  return layer === 'ops' ? Object.hasOwn(OPS_TABLES, name) : relations.has(`${layer}.${name}`);
}

/** The files of open raw zones: bronze views read them. */
async function listOpenFiles({ databasePath, lakeDir, openZones }: LoadRoomOptions): Promise<string[]> {
  if (openZones.length === 0) return [];
  const settings = { database: databasePath, readOnly: true, allowedDirectories: [], tempDirectory: '' };
  const instance = await openInstance({ ...settings, memoryLimitMb: 128, threads: 1 }).catch(
    (error: unknown) => {
      throw openFailure(error, databasePath);
    },
  );
  const connection = await instance.connect();
  try {
    const rows = await readRows(
      connection,
      `select file from ops.partitions where file is not null
       and list_contains(from_json($zones::varchar, '["varchar"]'), dataset)`,
      { zones: JSON.stringify(openZones) },
    );
    return rows.map((row) => join(lakeDir, String(row['file'])));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
