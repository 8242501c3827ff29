import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';
import { quoteName, quoteText } from '../base/duckdb.js';
import { WITHHELD } from './echo.js';
import { SEGMENT_ROWS } from './segment-plan.js';
import type { CompiledPolicy } from './compile-policy.js';

/** The tables that hold the masked rows of open segments, in the safe room. */

/** A segment that still gets rows. */
export interface OpenSegment {
  readonly index: number;
  readonly insert: Map<DuckDBConnection, DuckDBPreparedStatement>;
  pages: number;
  /** The pages of each statement, whose rows are in order; null where the table was filled from a file. */
  batches: (readonly number[])[] | null;
}

export function tableName(index: number): string {
  return quoteName(`segment_${index}`);
}

export function createTable(index: number, { columns, hasEcho }: CompiledPolicy): string {
  const landed = columns.map(({ landing }) => `${quoteName(landing.name)} ${landing.type}`);
  const withheld = hasEcho ? [`${quoteName(WITHHELD)} utinyint`] : [];
  const all = ['"page" integer', '"position" integer', ...landed, ...withheld];
  return `create table ${tableName(index)} (${all.join(', ')})`;
}

export function insertInto(index: number, { statement }: CompiledPolicy): string {
  return `insert into ${tableName(index)} ${statement}`;
}

/** Copies rows by page and position, as segments hold them. `batches` are pages whose rows are in order in the table. */
export function copyTable(
  index: number,
  path: string,
  batches: readonly (readonly number[])[] | null,
): string {
  // One row group, whatever the ranges are: else DuckDB makes one of each half, and those of a part depend on them.
  const group = batches === null ? '' : `, row_group_size ${4 * SEGMENT_ROWS}`;
  const format = `(format parquet, compression snappy${group})`;
  return `copy (${selectInOrder(tableName(index), batches)}) to ${quoteText(path)} ${format}`;
}

/** One range of pages after the other, which costs a third of a sort of the rows. */
function selectInOrder(table: string, batches: readonly (readonly number[])[] | null): string {
  if (batches === null) return `from ${table} order by "page", "position"`;
  const ranges = listRanges(batches);
  if (ranges.length < 2) return `from ${table}`;
  return ranges
    .map(({ first, last }) => `(from ${table} where "page" >= ${first} and "page" <= ${last})`)
    .join(' union all ');
}

/** Ranges of pages that follow each other and lie in one batch, in order. */
function listRanges(batches: readonly (readonly number[])[]): { first: number; last: number }[] {
  const places = batches.flatMap((pages, batch) => pages.map((page) => ({ page, batch })));
  const ranges: { first: number; last: number; batch: number }[] = [];
  for (const { page, batch } of places.sort((one, other) => one.page - other.page)) {
    const latest = ranges.at(-1);
    if (latest?.batch === batch) latest.last = page;
    else ranges.push({ first: page, last: page, batch });
  }
  return ranges;
}
