import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, quoteText, toNumber } from '../../base/duckdb.js';
import type { LoadPart } from '../../base/types/load.js';
import { connectionText, type PostgresAddress } from './postgres-url.js';
import { selectPlain } from './postgres-types.js';

/**
 * DuckDB's own `postgres` extension, which carries rows in PostgreSQL's binary format. It is used where it is installed; nothing
 * is downloaded. DuckDB checks its signature.
 */

const FILE = 'postgres_scanner.duckdb_extension';
/** What the target is called in DuckDB. */
const ALIAS = 'load_target';

/**
 * The installed extension for a version of DuckDB such as `v1.5.5`; null if there is none.
 * @param dir DUCKDB_EXTENSION_DIR, or null
 * @param homeDir where DuckDB keeps its own, under `.duckdb/extensions`
 */
export function findPostgresExtension(
  { dir, homeDir }: { readonly dir: string | null; readonly homeDir: string },
  { version, platform }: { readonly version: string; readonly platform: string },
): string | null {
  const own = join(homeDir, '.duckdb', 'extensions');
  const places = [
    ...(dir === null ? [] : [join(dir, version, platform), join(dir, version), dir]),
    join(own, version, platform),
  ];
  return places.map((place) => join(place, FILE)).find((path) => existsSync(path)) ?? null;
}

/** Statements for an instance that is not locked yet. */
export function describeExtension(path: string, address: PostgresAddress): string[] {
  return [
    `load ${quoteText(path)}`,
    `attach ${quoteText(connectionText(address))} as ${ALIAS} (type postgres, read_write)`,
  ];
}

interface ExtensionCopy {
  readonly part: LoadPart;
  readonly schema: string;
  /** Statements for PostgreSQL before the rows. */
  readonly before: readonly string[];
  /** Statements after them. */
  readonly after: readonly string[];
}

/** Below that, looking up the table costs the extension more than the rows cost COPY. */
const FEW_ROWS = 10_000;

/** Whether the extension is worth its start, and carries every type of the table. */
export function suitsExtension({ table, rows, sql }: LoadPart): boolean {
  return rows >= FEW_ROWS && selectPlain(table, sql) !== null;
}

/**
 * Replaces a part in one transaction of PostgreSQL. False, with nothing changed, if it fails: what DuckDB says of a failure
 * has no SQLSTATE, and a second try by COPY tells what it was.
 */
export async function copyByExtension(
  connection: DuckDBConnection,
  { part: { table, sql, rows }, schema, before, after }: ExtensionCopy,
): Promise<boolean> {
  const select = selectPlain(table, sql);
  if (select === null) return false;
  const execute = (statement: string) =>
    connection.run(`call postgres_execute(${quoteText(ALIAS)}, ${quoteText(statement)})`);
  const columns = table.columns.map(({ name }) => quoteName(name)).join(', ');
  const into = [ALIAS, schema, table.name].map(quoteName).join('.');
  try {
    // It keeps what it knows of the tables, which may have been changed since.
    await connection.run('call pg_clear_cache()');
    await connection.run('begin transaction');
    for (const statement of before) await execute(statement);
    const inserted = await connection.runAndReadAll(`insert into ${into} (${columns}) ${select}`);
    if (toNumber(inserted.value(0, 0)) !== rows) throw new Error('other number of rows');
    for (const statement of after) await execute(statement);
    await connection.run('commit');
    return true;
  } catch {
    await connection.run('rollback').catch(() => undefined);
    return false;
  }
}
