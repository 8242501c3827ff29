import { duckErrorKind, withParser } from '../base/duckdb.js';
import { failure } from '../base/errors.js';
import type { DatasetDefinition } from '../base/types/definition.js';

/** Datasets whose patterns compile: a backfill asks for each date. */
const TRIED = new WeakSet<DatasetDefinition>();

/**
 * Tries every pattern of a dataset's contract in RE2, once, so that none fails in the middle of a run. A few milliseconds;
 * without patterns the engine is not started.
 * @throws E_PATTERN with the path of the first leaf whose pattern does not compile
 */
export async function assertPatterns(dataset: DatasetDefinition): Promise<void> {
  const patterns = [...dataset.contract.leaves.values()].flatMap(({ path, schema }) =>
    typeof schema['pattern'] === 'string' ? [{ path, pattern: schema['pattern'] }] : [],
  );
  if (patterns.length === 0 || TRIED.has(dataset)) return;
  await withParser(async (connection) => {
    for (const { path, pattern } of patterns) {
      await connection.run(`select regexp_matches('', $pattern)`, { pattern }).catch((error: unknown) => {
        throw duckErrorKind(error) === 'Invalid Input'
          ? failure('E_PATTERN', { path }, { dataset: dataset.name, field: path })
          : failure('E_MASK', { dataset: dataset.name, kind: duckErrorKind(error) });
      });
    }
  });
  TRIED.add(dataset);
}
