import type { DuckDBConnection } from '@duckdb/node-api';
import { duckErrorKind, toFailure } from '../../base/duckdb.js';
import { failure, LakeveilError, type Where } from '../../base/errors.js';

/** Runs the SQL of a project's file, and tells failures without what DuckDB says of rows. */

export interface SqlSource {
  /** Qualified name of the model or check. */
  readonly name: string;
  readonly file: string;
}

/**
 * @throws E_MODEL with DuckDB's words where the SQL does not parse or bind (they quote the SQL), E_DISK, E_SQL_RUN
 * with the class alone where it fails while it runs (the words quote cells)
 */
export async function runSource(
  connection: DuckDBConnection,
  { name, file }: SqlSource,
  statements: readonly string[],
): Promise<void> {
  const where = { model: name, file, stage: 'transform' };
  for (const statement of statements) {
    try {
      await connection.run(statement);
    } catch (error) {
      throw nameSqlFailure(error, name, file, where);
    }
  }
}

export function nameSqlFailure(error: unknown, name: string, file: string, where: Where): LakeveilError {
  const quoted = quoteSqlProblem(error);
  if (quoted !== null) {
    return failure('E_MODEL', { problem: `${name}: ${quoted}`, fix: `correct ${file}` }, where);
  }
  return toFailure(error, { path: 'the warehouse', where }, (kind) =>
    failure('E_SQL_RUN', { name, kind, file }, where),
  );
}

/** What the parser, the binder or the catalog says of the SQL's own text, in one line; null for any other class. */
export function quoteSqlProblem(error: unknown): string | null {
  const kind = duckErrorKind(error);
  if (kind !== 'Parser' && kind !== 'Binder' && kind !== 'Catalog') return null;
  const text = error instanceof Error ? error.message : '';
  return (text.split('\n\nLINE ')[0] ?? '').replace(/[\s\p{Cc}]+/gu, ' ').slice(0, 300);
}
