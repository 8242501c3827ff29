import type { DuckDBConnection } from '@duckdb/node-api';
import { readRows } from '../../base/duckdb.js';
import { isObject, type JsonObject } from '../../base/json-values.js';
import { readName } from './syntax-tree.js';

/**
 * Sums of DOUBLE depend on the order in which threads add values, so the same lake could give another table. The syntax
 * tree has no types, so each argument is bound separately, as a query on the same FROM.
 */

/** Aggregates that add doubles; avg of integers and decimals is exact until its last step. */
const SUMS = new Set(
  `sum avg mean favg fsum sumkahan kahan_sum product stddev stddev_pop stddev_samp variance var_pop var_samp
  sem corr covar_pop covar_samp regr_slope regr_intercept regr_r2 regr_avgx regr_avgy skewness kurtosis entropy`.split(
    /\s+/,
  ),
);

const ROUNDING = new Set(['round', 'round_even', 'roundbankers', 'floor', 'ceil', 'ceiling', 'trunc']);
const EXACT_TYPE = /^(DECIMAL|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?)$/;
const FLOATING = /^(DOUBLE|FLOAT)$/;

/** An argument of a sum, with its SELECT and the CTEs in scope. */
interface Sum {
  readonly name: string;
  readonly argument: unknown;
  readonly select: JsonObject;
  readonly ctes: readonly unknown[];
}

/** The name of the first aggregate of DOUBLE that is not rounded; null if there is none. An argument that cannot be bound separately counts as DOUBLE. */
export async function findUnsteadySum(connection: DuckDBConnection, sql: string): Promise<string | null> {
  const [row] = await readRows(connection, 'select json_serialize_sql($sql::varchar)::varchar as tree', {
    sql,
  });
  // Query locations can exceed 2^53 ("none"), and parsing would change them.
  const tree: unknown = JSON.parse(String(row?.['tree'] ?? 'null'), (key, value: unknown) =>
    key === 'query_location' ? 0 : value,
  );
  const sums: Sum[] = [];
  visit(tree, null, [], sums);
  for (const sum of sums) {
    if (FLOATING.test(await bindType(connection, sum))) return sum.name;
  }
  return null;
}

function visit(node: unknown, select: JsonObject | null, ctes: readonly unknown[], sums: Sum[]): void {
  if (Array.isArray(node)) for (const child of node) visit(child, select, ctes, sums);
  if (!isObject(node) || isRounded(node)) return;
  const inScope = [...ctes, ...listCtes(node)];
  const home = node['type'] === 'SELECT_NODE' ? node : select;
  const name = readName(node, 'function_name');
  const isCall = node['class'] === 'FUNCTION' || node['class'] === 'WINDOW';
  if (isCall && SUMS.has(name) && home !== null) {
    const children: readonly unknown[] = Array.isArray(node['children']) ? node['children'] : [];
    sums.push({ name, argument: children[0], select: home, ctes: inScope });
  }
  for (const child of Object.values(node)) visit(child, home, inScope, sums);
}

function isRounded(node: JsonObject): boolean {
  if (node['class'] === 'FUNCTION') return ROUNDING.has(readName(node, 'function_name'));
  if (node['class'] !== 'CAST' || !isObject(node['cast_type'])) return false;
  return EXACT_TYPE.test(String(node['cast_type']['id']));
}

function listCtes(node: JsonObject): readonly unknown[] {
  const map = isObject(node['cte_map']) ? node['cte_map']['map'] : null;
  return Array.isArray(map) ? map : [];
}

async function bindType(connection: DuckDBConnection, { argument, select, ctes }: Sum): Promise<string> {
  const bare = {
    modifiers: [],
    where_clause: null,
    group_expressions: [],
    group_sets: [],
    having: null,
    sample: null,
    qualify: null,
  };
  const node = { ...select, ...bare, cte_map: { map: ctes }, select_list: [argument] };
  const tree = JSON.stringify({ error: false, statements: [{ node, named_param_map: [] }] });
  try {
    const [row] = await readRows(connection, 'select json_deserialize_sql($tree::json) as sql', { tree });
    const prepared = await connection.prepare(String(row?.['sql']));
    return String(prepared.columnType(0));
  } catch {
    return 'DOUBLE';
  }
}
