import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, readRows } from '../duckdb.js';
import { relationOf } from './part-query.js';

/**
 * Share of rows, 0 to 1, that are alone with their combination of the given columns (uniqueness, that is k = 1, in
 * the sense of Sweeney 2002); null without columns or rows. Groups by hash: a collision can only lower the share.
 */
export async function measureSingledOut(
  connection: DuckDBConnection,
  columns: readonly string[],
  paths: readonly string[],
): Promise<number | null> {
  if (columns.length === 0) return null;
  const [row] = await readRows(
    connection,
    `select count(*) filter (people = 1) / sum(people) as share
    from (select count(*) as people from ${relationOf(paths)} group by hash(${columns.map(quoteName).join(', ')}))`,
  );
  return typeof row?.['share'] === 'number' ? row['share'] : null;
}
