import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, readRows } from '../../base/duckdb.js';

/** Something with columns and rows, as SQL. */
export interface Relation {
  readonly from: string;
  /** Number of a row, from 1, as an expression; null where rows have no numbers. */
  readonly row: string | null;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Distinct texts of a column, with the first row of each and how many rows have it. */
export interface CellBatch {
  readonly cells: readonly string[];
  readonly rows: readonly (number | null)[];
  readonly counts: readonly number[];
}

/** @throws what DuckDB throws at a file that is not what it seems */
export async function describeRelation(
  connection: DuckDBConnection,
  from: string,
  row: string | null,
): Promise<Relation> {
  const rows = await readRows(
    connection,
    `select column_name, column_type from (describe select * from ${from})`,
  );
  const columns = rows.map((column) => ({
    name: String(column['column_name']),
    type: String(column['column_type']),
  }));
  return { from, row, columns };
}

/** Reads every distinct cell of a column, as text; of binary cells the hex digits as well. */
export async function* readCells(
  connection: DuckDBConnection,
  { from, row, columns }: Relation,
  name: string,
): AsyncGenerator<CellBatch, void, undefined> {
  const type = columns.find((column) => column.name === name)?.type ?? '';
  const cell = quoteName(name);
  for (const text of [`${cell}::varchar`, ...(type === 'BLOB' ? [`hex(${cell})`] : [])]) {
    const result = await connection.stream(
      `select cell, min(row)::double as row, count(*)::double as n
       from (select ${text} as cell, ${row ?? 'null'} as row from ${from}) where cell is not null group by cell`,
    );
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      const [cells = [], rows = [], counts = []] = chunk.getColumns();
      yield {
        cells: cells.map(String),
        rows: rows.map((value) => (value === null ? null : Number(value))),
        counts: counts.map(Number),
      };
    }
  }
}
