import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResult } from '@duckdb/node-api';
import { quoteText, toNumber } from '../duckdb.js';
import type { Cell } from '../result.js';
import type { Selection, Statement, WarehouseReader } from '../warehouse-reader.js';
import { assertReadable, failRun, refuse, run } from './assert-readable.js';
import { nameKind, toCell } from './cells.js';
import { enterPublished } from './published-room.js';
import type { ReaderOptions } from './published-room.js';
import { quoteSqlProblem } from './run-sql.js';

/**
 * Opens the published warehouse for reading, closed to all files but those of open raw zones and the folder to write
 * to. Opened again after a swap, it reads the new file; one that is open goes on with the old one.
 * @throws E_NO_WAREHOUSE, E_NOT_A_DATABASE, E_DISK_READ
 */
export async function openReader(options: ReaderOptions): Promise<WarehouseReader> {
  const { connection, close } = await enterPublished(options);
  return {
    select: async (statement) => {
      await assertReadable(connection, statement, options.openZones);
      const prepared = await prepare(connection, statement, statement.sql);
      const result = await run(statement, () => prepared.stream());
      return describeResult(result, statement);
    },
    writeParquet: async (statement, path) => {
      await assertReadable(connection, statement, options.openZones);
      const copy = `copy (\n${statement.sql}\n) to ${quoteText(path)} (format parquet, compression zstd)`;
      const prepared = await prepare(connection, statement, copy);
      const written = await run(statement, () => prepared.runAndReadAll());
      return toNumber(written.value(0, 0));
    },
    close,
  };
}

function describeResult(result: DuckDBResult, statement: Statement): Selection {
  const types = result.columnTypes();
  const names = result.deduplicatedColumnNames();
  const columns = types.map((type, index) => ({ name: names[index] ?? '', kind: nameKind(type) }));
  return { columns, batches: readBatches(result, statement) };
}

async function* readBatches(
  result: DuckDBResult,
  statement: Statement,
): AsyncGenerator<readonly (readonly Cell[])[]> {
  const types = result.columnTypes();
  for (;;) {
    const chunk = await run(statement, () => result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk.getRows().map((row) => types.map((type, index) => toCell(row[index] ?? null, type)));
  }
}

/** Binds `$date`, the only parameter that there is. */
async function prepare(
  connection: DuckDBConnection,
  statement: Statement,
  sql: string,
): Promise<DuckDBPreparedStatement> {
  const prepared = await connection.prepare(sql).catch((error: unknown) => {
    const problem = quoteSqlProblem(error);
    throw problem === null ? failRun(statement.origin, error) : refuse(statement.origin, problem);
  });
  const names = Array.from({ length: prepared.parameterCount }, (_, index) =>
    prepared.parameterName(index + 1),
  );
  if (names.some((name) => name !== 'date' || statement.date === null)) {
    throw refuse(
      statement.origin,
      statement.date === null ? 'it has parameters' : 'it has a parameter that is not $date',
    );
  }
  if (names.length > 0 && statement.date !== null) {
    const { DuckDBDateValue } = await import('@duckdb/node-api');
    const days = Date.parse(`${statement.date}T00:00:00Z`) / 86_400_000;
    prepared.bind({ date: new DuckDBDateValue(days) });
  }
  return prepared;
}
