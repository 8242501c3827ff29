import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResult } from '@duckdb/node-api';
import { DAY_MS, startOf } from '../../base/dates/calendar.js';
import { quoteText, readRows, toNumber } from '../../base/duckdb.js';
import { failure } from '../../base/errors.js';
import type { Blanked, Cell } from '../../base/types/result.js';
import type {
  ResultColumn,
  ResultShape,
  Statement,
  WarehouseReader,
} from '../../base/types/warehouse-reader.js';
import type { Inspection } from '../sql/inspect-sql.js';
import { assertReadable, runError, statementError, run } from '../sql/assert-readable.js';
import { quoteSqlProblem } from '../sql/run-sql.js';
import { foldName } from '../sql/syntax-tree.js';
import { blankCells } from './blank-cells.js';
import { nameKind, toCell } from './cells.js';
import { castForParquet, findChangedType } from './parquet-types.js';
import { enterPublished, type ReaderOptions } from './published-instance.js';
import type { Traced } from './published-lineage.js';

/**
 * Opens the published warehouse for reading. Only files of open raw zones and the output folder can be accessed. A
 * reader that is open during a swap continues with the old file; one opened later reads the new file.
 * @throws E_NO_WAREHOUSE, E_NOT_A_DATABASE, E_DISK_READ
 */
export async function openReader(options: ReaderOptions): Promise<WarehouseReader> {
  const { connection, lineage, close } = await enterPublished(options);
  const trace = async (statement: Statement): Promise<Traced> => {
    const inspection = await assertReadable(connection, statement, options.openZones);
    await assertHere(connection, inspection, options);
    (await prepare(connection, statement, statement.sql)).destroySync();
    return (await lineage()).trace(statement, inspection);
  };
  return {
    describe: async (statement) => {
      const traced = await trace(statement);
      const prepared = await prepare(connection, statement, `from (\n${statement.sql}\n) limit 0`);
      return describeResult(await run(statement, () => prepared.run()), traced);
    },
    select: async (statement) => {
      const traced = await trace(statement);
      const { sql, blanked, drop } = await hideCells(connection, { ...statement, sql: traced.sql });
      const prepared = await prepare(connection, statement, sql);
      const result = await run(statement, () => prepared.stream());
      return { ...describeResult(result, traced), blanked, batches: readBatches(result, statement, drop) };
    },
    writeParquet: async (statement, path) => {
      const { sql } = await trace(statement);
      const { blanked, drop, ...hidden } = await hideCells(connection, { ...statement, sql });
      const rows = await writeParquet(connection, { ...statement, ...hidden }, path);
      await drop();
      return { rows, blanked };
    },
    close,
  };
}

interface HiddenCells {
  /** What to run in place of the statement. */
  readonly sql: string;
  readonly blanked: Blanked | null;
  /** Frees the rows, once they are read. */
  readonly drop: () => Promise<void>;
}

let tables = 0;

/**
 * The one place where the rows of a report are made: where cells are hidden, the rows go through a temporary table in
 * memory, and only its SELECT without small cells is ever given to a caller.
 */
async function hideCells(connection: DuckDBConnection, statement: Statement): Promise<HiddenCells> {
  const { sql, origin } = statement;
  const rules = origin.kind === 'report' ? origin.cells : null;
  if (rules === null) return { sql, blanked: null, drop: () => Promise.resolve() };
  const probe = await prepare(connection, statement, `from (\n${sql}\n) limit 0`);
  const empty = await run(statement, () => probe.run());
  const names = empty.deduplicatedColumnNames();
  const columns = empty
    .columnTypes()
    .map((type, place) => ({ name: names[place] ?? '', kind: nameKind(type) }));
  tables += 1;
  const name = `temp.cells_${tables}`;
  const places = columns.map((_, place) => `c${place}`).join(', ');
  const make = `create temp table cells_${tables} as select * from (\n${sql}\n) as r(${places})`;
  const making = await prepare(connection, statement, make);
  await run(statement, () => making.run());
  const drop = async (): Promise<void> => {
    await connection.run(`drop table ${name}`);
  };
  return { ...(await run(statement, () => blankCells(connection, { name, columns }, rules, origin))), drop };
}

/**
 * The views of `bronze` name the files of the lake with their full paths, which are others once the project has moved.
 * @throws E_LAKE_MOVED
 */
async function assertHere(
  connection: DuckDBConnection,
  { tables }: Inspection,
  { lakeDir }: ReaderOptions,
): Promise<void> {
  const read = new Set(tables.filter(({ schema }) => schema === 'bronze').map(({ table }) => table));
  if (read.size === 0) return;
  const views = await readRows(
    connection,
    `select view_name, sql from duckdb_views() where schema_name = 'bronze' and contains(sql, 'read_parquet')`,
  );
  const isElsewhere = views.some(
    (view) => read.has(String(view['view_name'])) && !String(view['sql']).includes(quoteText(`${lakeDir}/`)),
  );
  if (isElsewhere) throw failure('E_LAKE_MOVED', {});
}

/** What Parquet cannot hold is cast or refused, never changed: the written types are compared with the statement's. */
async function writeParquet(
  connection: DuckDBConnection,
  statement: Statement,
  path: string,
): Promise<number> {
  // Types that depend on `$date` are known only when it runs.
  const probe = await prepare(connection, statement, `from (\n${statement.sql}\n) limit 0`);
  const empty = await run(statement, () => probe.run());
  const names = empty.columnNames();
  const columns = empty
    .columnTypes()
    .map((type, index) => ({ name: names[index] ?? '', type: String(type) }));
  const select = castForParquet(statement.sql, columns);
  const copy = `copy (\n${select}\n) to ${quoteText(path)} (format parquet, compression zstd)`;
  const copying = await prepare(connection, statement, copy);
  const written = await run(statement, () => copying.runAndReadAll());
  const types = await readRows(
    connection,
    `select column_type from (describe from read_parquet(${quoteText(path)}))`,
  );
  const problem = findChangedType(
    columns,
    types.map((row) => String(row['column_type'])),
  );
  if (problem !== null) throw statementError(statement.origin, problem);
  return toNumber(written.value(0, 0));
}

function describeResult(result: DuckDBResult, { tokens, isOrderedByToken }: Traced): ResultShape {
  const names = result.columnNames();
  const unique = result.deduplicatedColumnNames();
  const columns = result.columnTypes().map((type, index) => ({
    name: unique[index] ?? '',
    kind: nameKind(type),
    isToken: tokens.has(foldName(names[index] ?? '')),
  }));
  return { columns, isOrderedByToken };
}

async function* readBatches(
  result: DuckDBResult,
  statement: Statement,
  drop: () => Promise<void>,
): AsyncGenerator<readonly (readonly Cell[])[]> {
  const types = result.columnTypes();
  for (;;) {
    const chunk = await run(statement, () => result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) return drop();
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
