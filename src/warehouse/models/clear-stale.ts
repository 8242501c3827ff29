import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, quoteTextList, readRows } from '../../base/duckdb.js';
import { WAREHOUSE_FORMAT } from '../file/next-file.js';
import type { Model } from './model.js';

/**
 * Creates the schemas and the version mark, and drops all views and the tables without a model.
 * @param kept names of relations that stay as they are
 */
export async function clearStale(
  connection: DuckDBConnection,
  models: readonly Model[],
  kept: ReadonlySet<string>,
  toolVersion: string,
): Promise<void> {
  for (const schema of ['bronze', 'silver', 'gold', 'ops']) {
    await connection.run(`create schema if not exists ${schema}`);
  }
  await connection.run('create or replace table ops.warehouse (format integer, tool_version varchar)');
  const mark = { format: WAREHOUSE_FORMAT, toolVersion };
  await connection.run('insert into ops.warehouse values ($format, $toolVersion)', mark);
  await connection.run(`create table if not exists ops.builds
    (model varchar, date date, sql_sha256 varchar, inputs_sha256 varchar, run_id varchar)`);
  await dropViews(connection, kept);
  const tables = models.filter((m) => !m.materialization.isView).map((m) => m.name);
  await dropTables(connection, new Set([...kept, ...tables]));
  const names = quoteTextList([...kept, ...models.map(({ name }) => name)]);
  await connection.run(`delete from ops.builds where not list_contains(${names}::varchar[], model)`);
}

async function dropViews(connection: DuckDBConnection, kept: ReadonlySet<string>): Promise<void> {
  const views = await readRows(
    connection,
    'select schema_name, view_name from duckdb_views() where not internal and database_name = current_database()',
  );
  for (const { schema_name, view_name } of views) {
    if (kept.has(`${String(schema_name)}.${String(view_name)}`)) continue;
    await connection.run(`drop view ${quoteName(String(schema_name))}.${quoteName(String(view_name))}`);
  }
}

async function dropTables(connection: DuckDBConnection, kept: ReadonlySet<string>): Promise<void> {
  const tables = await readRows(
    connection,
    `select schema_name, table_name from duckdb_tables()
     where schema_name in ('silver', 'gold') and database_name = current_database()`,
  );
  for (const { schema_name, table_name } of tables) {
    const name = `${String(schema_name)}.${String(table_name)}`;
    if (kept.has(name)) continue;
    await connection.run(`drop table ${quoteName(String(schema_name))}.${quoteName(String(table_name))}`);
    await connection.run('delete from ops.builds where model = $name', { name });
  }
}
