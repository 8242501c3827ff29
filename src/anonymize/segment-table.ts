import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';
import { quoteName, quoteText } from '../base/duckdb.js';
import type { CompiledPolicy } from './compile-policy.js';

/** The tables that hold the masked rows of open segments, in the safe room. */

/** A segment that still gets rows. */
export interface OpenSegment {
  readonly index: number;
  readonly insert: Map<DuckDBConnection, DuckDBPreparedStatement>;
  pages: number;
}

export function tableName(index: number): string {
  return quoteName(`segment_${index}`);
}

export function createTable(index: number, { columns }: CompiledPolicy): string {
  const landed = columns.map(({ landing }) => `${quoteName(landing.name)} ${landing.type}`);
  return `create table ${tableName(index)} (${['"page" integer', '"position" integer', ...landed].join(', ')})`;
}

export function insertInto(index: number, { statement }: CompiledPolicy): string {
  return `insert into ${tableName(index)} ${statement}`;
}

export function copyTable(index: number, path: string): string {
  return `copy (from ${tableName(index)} order by "page", "position") to ${quoteText(path)} (format parquet, compression snappy)`;
}
