import { isObject } from '../../base/types/json-values.js';
import { type Relation, sourcesOfAll } from './relation.js';
import { EMPTY_SCOPE } from './scope.js';
import { uniteSources } from './sources.js';
import { walkExpression } from './walk-expression.js';
import { walkFrom } from './walk-from.js';
import { walkQuery } from './walk-query.js';

/**
 * What the columns of one SELECT are made of, from its syntax tree, by the columns of the tables that it reads.
 * Conservative: an expression is made of every column that is named in it; a name that is no column of one table is
 * made of all that is read; a part of SQL that is not known here is made of everything, and says so. Pure.
 * @param statement an entry of `statements` of `json_serialize_sql`
 * @param tables columns of the tables that may be read, by qualified name in lower case
 * @param reads names of those that are read
 */
export function traceSelect(
  statement: unknown,
  tables: ReadonlyMap<string, Relation>,
  reads: readonly string[],
): Relation {
  const read = reads.flatMap((name) => tables.get(name.toLowerCase()) ?? []);
  const everything = uniteSources(read.map(sourcesOfAll));
  const walker = { tables, everything, walkQuery, walkFrom, walkExpression };
  const query = isObject(statement) ? statement['node'] : null;
  return walkQuery(walker, query, EMPTY_SCOPE);
}
