import type { Cell } from '../result.js';
import type { ResultColumn, WarehouseReader } from '../warehouse-reader.js';

export interface QueryResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Cell[])[];
}

/**
 * One SELECT (or `show`, `describe`, `summarize`) of a person at the keyboard, all rows of its answer in memory.
 * @throws E_QUERY with the parser's and binder's words, which quote the SQL, or with the class alone if it fails while
 * it runs; E_EXPORT_RAW for bronze of a restricted raw zone
 */
export async function queryWarehouse(reader: WarehouseReader, sql: string): Promise<QueryResult> {
  const statement = { sql: sql.replace(/[;\s]+$/, ''), date: null, origin: { kind: 'query' } } as const;
  const { columns, batches } = await reader.select(statement);
  const rows: (readonly Cell[])[] = [];
  for await (const batch of batches) rows.push(...batch);
  return { columns, rows };
}
