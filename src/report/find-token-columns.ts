import { quoteName, quoteText } from '../duckdb.js';
import type { Statement, WarehouseReader } from '../warehouse-reader.js';

/** A token anywhere in a text, also as a part of a longer one. */
const TOKEN = '[a-z0-9]{1,16}_[0-9a-f]{32}';

/** Names of the columns of which any cell holds a token: the cells decide, whatever the column is called. */
export async function findTokenColumns(reader: WarehouseReader, statement: Statement): Promise<string[]> {
  const { columns } = await reader.select(statement);
  const texts = columns.filter(({ kind }) => kind === 'text').map(({ name }) => name);
  if (texts.length === 0) return [];
  const probes = texts.map(
    (name) => `coalesce(bool_or(regexp_matches(${quoteName(name)}::varchar, ${quoteText(TOKEN)})), false)`,
  );
  const sql = `select ${probes.join(', ')} from (\n${statement.sql}\n) order by 1`;
  const { batches } = await reader.select({ ...statement, sql });
  for await (const [row] of batches) return texts.filter((_, index) => row?.[index] === true);
  return [];
}
