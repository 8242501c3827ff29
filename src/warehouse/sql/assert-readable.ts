import type { DuckDBConnection } from '@duckdb/node-api';
import { duckErrorKind, memoryFailure } from '../../base/duckdb.js';
import { failure, LakeveilError } from '../../base/errors.js';
import type { Statement, StatementOrigin } from '../../base/types/warehouse-reader.js';
import { findUnsafe } from './functions.js';
import { type Inspection, inspectSelect } from './inspect-sql.js';
import { describeOddName, findOddName } from './plain-names.js';

/**
 * Rejects, without running it, a text that is not one SELECT on tables, or that reads a restricted raw zone.
 * @throws E_QUERY or E_MODEL by origin, E_EXPORT_RAW
 */
export async function assertReadable(
  connection: DuckDBConnection,
  { sql, origin }: Pick<Statement, 'sql' | 'origin'>,
  openZones: readonly string[],
): Promise<Inspection> {
  const inspection = await run({ origin }, () => inspectSelect(connection, sql));
  if ('problem' in inspection) throw statementError(origin, inspection.problem).at(inspection.at);
  const problem = findProblem(inspection, origin, sql) ?? findUnsafe(inspection);
  if (problem !== null) throw statementError(origin, problem);
  const raw = inspection.tables.find((name) => name.schema === 'bronze' && !openZones.includes(name.table));
  if (raw !== undefined) throw failure('E_EXPORT_RAW', { table: `bronze.${raw.table}` }, locate(origin));
  return inspection;
}

function findProblem(
  { tableFunctions, tables, isOrdered, statement }: Inspection,
  origin: StatementOrigin,
  sql: string,
): string | null {
  const [tableFunction] = tableFunctions;
  if (tableFunction !== undefined) return `it calls the table function ${tableFunction}`;
  // DuckDB reads a table name with a dot or a slash in it as a file.
  if (tables.some(({ table }) => !/^[a-z_][a-z0-9_]*$/.test(table)))
    return 'it reads something that is not a table';
  if (origin.kind !== 'report') return null;
  const odd = findOddName(statement, sql);
  if (odd !== null) return describeOddName(odd);
  if (!isOrdered) return 'a report needs an `order by` that determines the order of all rows';
  return null;
}

/** Reports other failures by their error class alone. */
export async function run<T>({ origin }: Pick<Statement, 'origin'>, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof LakeveilError ? error : runError(origin, error);
  }
}

/** Execution errors quote cells, so only the error class is reported. */
export function runError(origin: StatementOrigin, error: unknown): LakeveilError {
  const kind = duckErrorKind(error);
  if (kind === 'Out of Memory') return memoryFailure(locate(origin));
  if (origin.kind === 'query') return statementError(origin, `the query failed while it ran (${kind})`);
  const { name, file } = nameOrigin(origin);
  return failure('E_SQL_RUN', { name, kind, file }, locate(origin));
}

export function statementError(origin: StatementOrigin, problem: string): LakeveilError {
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
