import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, readRows } from './duckdb.js';

/**
 * The share of rows, from 0 to 1, that no other row equals on the given columns: how many people the columns single out, if
 * each row is a person. Null without columns or rows. Counts groups by a 64-bit hash, so that memory does not depend on
 * the values.
 * @param from a relation for `from`
 */
export async function measureUniqueShare(
  connection: DuckDBConnection,
  from: string,
  columns: readonly string[],
): Promise<number | null> {
  if (columns.length === 0) return null;
  const [row] = await readRows(
    connection,
    `select count(*) filter (people = 1) / sum(people) as share
    from (select count(*) as people from ${from} group by hash(${columns.map(quoteName).join(', ')}))`,
  );
  return typeof row?.['share'] === 'number' ? row['share'] : null;
}
