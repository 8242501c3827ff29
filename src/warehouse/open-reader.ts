import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResult } from '@duckdb/node-api';
import { duckErrorKind, quoteText, toNumber } from '../duckdb.js';
import { LakeveilError, failure } from '../errors.js';
import type { Cell } from '../result.js';
import type { Selection, Statement, StatementOrigin, WarehouseReader } from '../warehouse-reader.js';
import { nameKind, toCell } from './cells.js';
import { inspectSelect } from './inspect-sql.js';
import type { Inspection } from './inspect-sql.js';
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

async function assertReadable(
  connection: DuckDBConnection,
  { sql, origin }: Statement,
  openZones: readonly string[],
): Promise<void> {
  const inspection = await run({ origin }, () => inspectSelect(connection, sql));
  if ('problem' in inspection) throw refuse(origin, inspection.problem);
  const problem = findProblem(inspection, origin);
  if (problem !== null) throw refuse(origin, problem);
  const raw = inspection.tables.find((name) => name.schema === 'bronze' && !openZones.includes(name.table));
  if (raw !== undefined) throw failure('E_EXPORT_RAW', { table: `bronze.${raw.table}` }, locate(origin));
}

function findProblem(
  { tableFunctions, tables, isOrdered }: Inspection,
  origin: StatementOrigin,
): string | null {
  const [tableFunction] = tableFunctions;
  if (tableFunction !== undefined) return `it calls the table function ${tableFunction}`;
  // DuckDB reads a table name with a dot or a slash in it as a file.
  if (tables.some(({ table }) => !/^[a-z_][a-z0-9_]*$/.test(table)))
    return 'it reads something that is no table';
  if (origin.kind === 'report' && !isOrdered) return 'a report states its order, down to single rows';
  return null;
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

async function run<T>({ origin }: Pick<Statement, 'origin'>, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof LakeveilError ? error : failRun(origin, error);
  }
}

/** Words of an error of execution quote cells: the class is all that is told. */
function failRun(origin: StatementOrigin, error: unknown): LakeveilError {
  const kind = duckErrorKind(error);
  if (origin.kind === 'query') return refuse(origin, `the query failed while it ran (${kind})`);
  const { name, file } = nameOrigin(origin);
  return failure('E_SQL_RUN', { name, kind, file }, locate(origin));
}

function refuse(origin: StatementOrigin, problem: string): LakeveilError {
  if (origin.kind === 'query') return failure('E_QUERY', { problem }, locate(origin));
  const { name, file } = nameOrigin(origin);
  return failure('E_MODEL', { problem: `${name}: ${problem}`, fix: `correct ${file}` }, locate(origin));
}

function nameOrigin(origin: Exclude<StatementOrigin, { kind: 'query' }>): { name: string; file: string } {
  switch (origin.kind) {
    case 'table':
      return { name: origin.table, file: 'the warehouse' };
    case 'report':
      return { name: origin.report, file: origin.file };
    default:
      return origin satisfies never;
  }
}

function locate(origin: StatementOrigin) {
  return origin.kind === 'report' ? { stage: 'report', file: origin.file } : { stage: 'report' };
}
