import type {
  DuckDBArrayType,
  DuckDBConnection,
  DuckDBListType,
  DuckDBPreparedStatement,
  DuckDBResult,
  DuckDBStructType,
  DuckDBType,
  DuckDBValue,
} from '@duckdb/node-api';
import { DAY_MS, startOf } from '../../base/dates/calendar.js';
import { quoteText, toNumber } from '../../base/duckdb.js';
import type { Cell } from '../../base/types/result.js';
import type {
  ColumnKind,
  ResultColumn,
  Selection,
  Statement,
  WarehouseReader,
} from '../../base/types/warehouse-reader.js';
import { assertReadable, runError, statementError, run } from '../sql/assert-readable.js';
import { quoteSqlProblem } from '../sql/run-sql.js';
import { enterPublished, type ReaderOptions } from './published-instance.js';

/**
 * Opens the published warehouse for reading. Only files of open raw zones and the output folder can be accessed. A
 * reader that is open during a swap continues with the old file; one opened later reads the new file.
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

/** Binds `$date`, the only supported parameter. */
async function prepare(
  connection: DuckDBConnection,
  statement: Statement,
  sql: string,
): Promise<DuckDBPreparedStatement> {
  const prepared = await connection.prepare(sql).catch((error: unknown) => {
    const problem = quoteSqlProblem(error);
    throw problem === null ? runError(statement.origin, error) : statementError(statement.origin, problem);
  });
  const names = Array.from({ length: prepared.parameterCount }, (_, index) =>
    prepared.parameterName(index + 1),
  );
  if (names.some((name) => name !== 'date' || statement.date === null)) {
    throw statementError(
      statement.origin,
      statement.date === null ? 'it has parameters' : 'it has a parameter other than $date',
    );
  }
  if (names.length > 0 && statement.date !== null) {
    const { DuckDBDateValue } = await import('@duckdb/node-api');
    const days = startOf(statement.date) / DAY_MS;
    prepared.bind({ date: new DuckDBDateValue(days) });
  }
  return prepared;
}

const NUMBER_TYPE = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(.*\)|BIGNUM)$/;
const TIMESTAMPTZ_TYPE = 'TIMESTAMP WITH TIME ZONE';

function nameKind(type: DuckDBType): ColumnKind {
  const name = String(type);
  if (name === 'BOOLEAN') return 'boolean';
  if (isNested(type)) return 'json';
  return NUMBER_TYPE.test(name) ? 'number' : 'text';
}

/**
 * Converts a value for JSON: integers within 2^53 and doubles to numbers, other integers and decimals to strings of
 * digits, dates to `YYYY-MM-DD`, instants to ISO 8601 in UTC, lists and structs to their JSON, and everything else (also
 * NaN and infinities) to DuckDB's text.
 */
function toCell(value: DuckDBValue, type: DuckDBType): Cell {
  if (value !== null && isNested(type)) return JSON.stringify(toNested(value, type));
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') {
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : String(value);
  }
  if (String(type) === TIMESTAMPTZ_TYPE && 'micros' in value)
    return writeInstant(value.micros) ?? String(value);
  return String(value);
}

type Nested = DuckDBListType | DuckDBArrayType | DuckDBStructType;

function isNested(type: DuckDBType): type is Nested {
  return 'valueType' in type ? !('keyType' in type) : 'entryTypes' in type && 'entryNames' in type;
}

function toNested(value: DuckDBValue, type: DuckDBType): unknown {
  if (value === null || !isNested(type) || typeof value !== 'object') return toCell(value, type);
  if ('entryNames' in type) {
    const fields = 'entries' in value && !Array.isArray(value.entries) ? value.entries : {};
    return Object.fromEntries(
      type.entryNames.map((name, index) => {
        const inner = type.entryTypes[index];
        return [name, inner === undefined ? null : toNested(fields[name] ?? null, inner)];
      }),
    );
  }
  return 'items' in value ? value.items.map((item) => toNested(item, type.valueType)) : null;
}

/** Used because DuckDB's text of an instant depends on the time zone of the process. */
function writeInstant(micros: bigint): string | null {
  const date = new Date(Number(micros / 1000n));
  if (Number.isNaN(date.getTime())) return null;
  const rest = micros % 1000n;
  return rest === 0n
    ? date.toISOString()
    : date.toISOString().replace('Z', `${String(rest).padStart(3, '0')}Z`);
}

export interface QueryResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Cell[])[];
}

/**
 * Runs one interactive SELECT (or `show`, `describe`, `summarize`) and keeps all rows in memory.
 * @throws E_QUERY with the message of the parser or binder, which quotes only the SQL, or with the error class alone if
 * the query fails while it runs; E_EXPORT_RAW for bronze of a restricted raw zone
 */
export async function queryWarehouse(reader: WarehouseReader, sql: string): Promise<QueryResult> {
  const statement = { sql: sql.replace(/[;\s]+$/, ''), date: null, origin: { kind: 'query' } } as const;
  const { columns, batches } = await reader.select(statement);
  const rows: (readonly Cell[])[] = [];
  for await (const batch of batches) rows.push(...batch);
  return { columns, rows };
}
