import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, quoteText } from '../../base/duckdb.js';
import { type LoadPart, type LoadTable, nameTable } from '../../base/types/load.js';
import type { TableChange } from '../plan-schema.js';
import type { LoadRun } from '../target.js';

/** Statements for PostgreSQL. Names are quoted, and values are of our own making: none is of a record. */

/** Of `batch_log`: what one transaction replaced. */
export const LOG_COLUMNS = `
  id bigint generated always as identity primary key,
  run_id text not null,
  table_name text not null,
  scope text not null,
  date date,
  rows bigint not null,
  rejected bigint not null,
  replaced_cells bigint not null,
  digest text not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone not null,
  tool_version text not null`;

/** The entry of a part in `batch_log`. */
export function describeEntry(
  log: string,
  part: LoadPart,
  { runId, toolVersion }: LoadRun,
  startedAt: string,
): string {
  const { table, date, rows, rejected, nuls, digest } = part;
  const values = [
    ...[runId, nameTable(table), table.dateColumn === null ? 'table' : 'date'].map(quoteText),
    date === null ? 'null' : `date ${quoteText(date)}`,
    ...[rows, rejected, nuls].map(String),
    ...[digest, startedAt].map(quoteText),
    'clock_timestamp()',
    quoteText(toolVersion),
  ];
  const columns =
    'run_id, table_name, scope, date, rows, rejected, replaced_cells, digest, started_at, ended_at, tool_version';
  return `insert into ${log} (${columns}) values (${values.join(', ')})`;
}

export function wherePart({ table: { dateColumn }, date }: LoadPart): string {
  if (dateColumn === null) return '';
  const column = quoteName(dateColumn);
  return ` where ${column} ${date === null ? 'is null' : `= date ${quoteText(date)}`}`;
}

/** Statements that fail if other rows are there than those that were copied. */
export function describeCount(name: string, where: string, rows: number): string[] {
  const block = `begin if (select count(*) from ${name}${where}) <> ${rows} then raise exception 'other number of rows'; end if; end`;
  return ['set constraints all immediate', `do ${quoteText(block)}`];
}

export function describeTable(
  table: LoadTable,
  name: string,
  { columns, key }: Extract<TableChange, { kind: 'create' }>,
): string {
  const list = columns.map((column) => `${quoteName(column.name)} ${column.type}`);
  // The date first, so that the key also finds the rows of a date.
  const dated = key.filter((column) => column === table.dateColumn);
  const keyed = [...dated, ...key.filter((column) => column !== table.dateColumn)].map(quoteName);
  const primary = keyed.length === 0 ? [] : [`primary key (${keyed.join(', ')})`];
  return `create table ${name} (${[...list, ...primary].join(', ')})`;
}

/** With `standard_conforming_strings`, as PostgreSQL has it since 9.1. */
export function quoteLiteral(text: string): string {
  return quoteText(text.replaceAll('\0', '\uFFFD'));
}

/** The blobs of a result of one column. */
export async function* streamBytes(connection: DuckDBConnection, sql: string): AsyncGenerator<Buffer> {
  const result = await connection.stream(sql);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    for (const [cell] of chunk.getRows()) {
      if (typeof cell !== 'object' || cell === null || !('bytes' in cell)) continue;
      yield Buffer.from(cell.bytes.buffer, cell.bytes.byteOffset, cell.bytes.byteLength);
    }
  }
}
