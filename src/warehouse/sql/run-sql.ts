import type { DuckDBConnection } from '@duckdb/node-api';
import { duckErrorKind, toFailure } from '../../base/duckdb.js';
import { placeInMessage } from './syntax-problem.js';
import { failure, type LakeveilError, type Where } from '../../base/errors.js';

/** Runs the SQL of a project file; errors never include values that DuckDB quotes. */

export interface SqlSource {
  /** Qualified name of the model or check. */
  readonly name: string;
  readonly file: string;
}

/**
 * @throws E_MODEL with DuckDB's message if the SQL does not parse or bind (it quotes only the SQL); E_DISK; E_SQL_RUN
 * with the error class alone if the SQL fails while it runs (the message quotes cells)
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

/** @param above lines of the statement before those of the file; null if it is not the file's text */
export function nameSqlFailure(
  error: unknown,
  name: string,
  file: string,
  where: Where,
  above: number | null = null,
): LakeveilError {
  const quoted = quoteSqlProblem(error);
  if (quoted !== null) {
    const place = above === null || !(error instanceof Error) ? {} : placeInMessage(error.message, above);
    const facts = { problem: `${name}: ${quoted}`, fix: `correct ${file}` };
    return failure('E_MODEL', facts, { ...where, ...place });
  }
  return toFailure(error, { path: 'the warehouse', where }, (kind) =>
    failure('E_SQL_RUN', { name, kind, file }, where),
  );
}

/** The message of the parser, binder or catalog about the SQL text, in one line; null for any other error class. */
export function quoteSqlProblem(error: unknown): string | null {
  const kind = duckErrorKind(error);
  if (kind !== 'Parser' && kind !== 'Binder' && kind !== 'Catalog') return null;
  const text = error instanceof Error ? error.message : '';
  return (text.split('\n\nLINE ')[0] ?? '').replace(/[\s\p{Cc}]+/gu, ' ').slice(0, 300);
}
