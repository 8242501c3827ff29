import { DuckDBInstance } from '@duckdb/node-api';
import { quoteText, readRows, type Row } from '../../src/base/duckdb.js';

/** Rows of a query on a Parquet file, which it knows as `landed`. */
export async function queryFile(path: string, sql: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`create view landed as from read_parquet(${quoteText(path)})`);
    return await readRows(connection, sql);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
