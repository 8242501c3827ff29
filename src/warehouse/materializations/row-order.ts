import { quoteName, quoteText } from '../../base/duckdb.js';
import type { Relation } from '../relation.js';

/**
 * Order expressions for the rows of a table about people; null for any other table. In the order of the source, row n would
 * be record n of an answer, so that anyone who has the answer knows each row without a key. The order of a hash of the tokens
 * differs from table to table, so that two tables do not align by rank. Rows without a token are in the order of a hash of
 * all that they show.
 * @param date column of the landing date, by which rows stay together; null if there is none
 */
export function describeRowOrder(relation: Relation | undefined, date: string | null): string | null {
  if (relation?.isPersonal !== true) return null;
  const columns = [...relation.columns];
  const tokens = columns.filter(([, { isToken }]) => isToken);
  const key = (tokens.length > 0 ? tokens : columns).map(([name]) => `${quoteName(name)}::varchar`);
  const hash = `md5(concat_ws('|', ${[quoteText(relation.name), ...key].join(', ')}))`;
  return date === null ? hash : `${quoteName(date)}, ${hash}`;
}

/** A SELECT whose rows come in the order of its table. */
export function inRowOrder(select: string, { rowOrder }: { readonly rowOrder: string | null }): string {
  return rowOrder === null ? select : `select * from (\n${select}\n) as model order by ${rowOrder}`;
}
