import type { DuckDBConnection } from '@duckdb/node-api';
import { readRows } from '../../base/duckdb.js';
import { isObject, type JsonObject } from '../../base/json-values.js';
import { readName } from './syntax-tree.js';

/**
 * Sums of DOUBLE depend on the order in which threads add values, so the same lake could give another table. DuckDB binds
 * the whole statement, and its plan lists the aggregates with the types of their arguments. A plan does not show what is
 * rounded afterwards, so the syntax tree marks those sums first.
 */

/** Aggregates that add doubles; avg of integers and decimals is exact until its last step. */
const SUMS = new Set(
  `sum avg mean favg fsum sumkahan kahan_sum product stddev stddev_pop stddev_samp variance var_pop var_samp
  sem corr covar_pop covar_samp regr_slope regr_intercept regr_r2 regr_avgx regr_avgy regr_count regr_sxx regr_sxy
  regr_syy skewness kurtosis kurtosis_pop entropy`.split(/\s+/),
);
/** Macros that expand to such aggregates. */
const MACROS = new Set(['geomean', 'geometric_mean', 'wavg', 'weighted_avg']);

const ROUNDING = new Set(['round', 'round_even', 'roundbankers', 'floor', 'ceil', 'ceiling', 'trunc']);
const EXACT_TYPE = /^(DECIMAL|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?)$/;
const FLOATING = new Set(['DOUBLE', 'FLOAT']);

/**
 * Field of a struct around the arguments of a rounded sum: it keeps their types and stays in the plan. Underscores are
 * added until the statement does not contain it.
 */
const MARK = 'rounded';

/**
 * The name of the first aggregate of DOUBLE that is not rounded; null if there is none. If DuckDB cannot describe the
 * plan of the statement, every sum that is not rounded counts as one of DOUBLE.
 */
export async function findUnsteadySum(connection: DuckDBConnection, sql: string): Promise<string | null> {
  const tree = await readTree(connection, sql);
  const text = JSON.stringify(tree).toLowerCase();
  let mark = MARK;
  while (text.includes(mark)) mark = `_${mark}_`;
  const own: string[] = [];
  const marked = JSON.stringify(markRounded(tree, mark, false, own));
  const plan =
    (await readPlan(connection, 'json_deserialize_sql($given::json)', marked)) ??
    (await readPlan(connection, '$given::varchar', sql));
  return plan === null ? (own[0] ?? null) : findFloating(plan, mark);
}

async function readTree(connection: DuckDBConnection, sql: string): Promise<unknown> {
  const [row] = await readRows(connection, 'select json_serialize_sql($sql::varchar)::varchar as tree', {
    sql,
  });
  // Query locations can exceed 2^53 ("none"), and parsing would change them.
  return JSON.parse(String(row?.['tree'] ?? 'null'), (key, value: unknown) =>
    key === 'query_location' ? 0 : value,
  );
}

/** The plans of a statement before they are optimized; null if DuckDB has none. */
async function readPlan(connection: DuckDBConnection, sql: string, given: string): Promise<unknown> {
  try {
    const text = await readRows(connection, `select ${sql} as sql`, { given });
    const [row] = await readRows(connection, 'select json_serialize_plan($sql::varchar)::varchar as plan', {
      sql: String(text[0]?.['sql']),
    });
    const answer: unknown = JSON.parse(String(row?.['plan'] ?? 'null'));
    return isObject(answer) && answer['error'] === false ? answer['plans'] : null;
  } catch {
    return null;
  }
}

/** The tree with a mark in each rounded sum; adds the names of the other sums to `own`. */
function markRounded(node: unknown, mark: string, isRounded: boolean, own: string[]): unknown {
  if (Array.isArray(node)) return node.map((child) => markRounded(child, mark, isRounded, own));
  if (!isObject(node)) return node;
  const inside = isRounded || rounds(node);
  const copy = Object.fromEntries(
    Object.entries(node).map(([key, child]) => [key, markRounded(child, mark, inside, own)]),
  );
  if (!isSum(node)) return copy;
  if (!inside) own.push(readName(node, 'function_name'));
  return inside && Array.isArray(copy['children'])
    ? { ...copy, children: copy['children'].map((child: unknown) => markArgument(child, mark)) }
    : copy;
}

function isSum(node: JsonObject): boolean {
  const name = readName(node, 'function_name');
  const isCall = node['class'] === 'FUNCTION' || node['class'] === 'WINDOW';
  return isCall && (SUMS.has(name) || MACROS.has(name));
}

function rounds(node: JsonObject): boolean {
  if (node['class'] === 'FUNCTION') return ROUNDING.has(readName(node, 'function_name'));
  if (node['class'] !== 'CAST' || !isObject(node['cast_type'])) return false;
  return EXACT_TYPE.test(String(node['cast_type']['id']));
}

/** `struct_extract(struct_pack(mark := argument), mark)`, as a syntax tree. */
function markArgument(argument: unknown, mark: string): JsonObject {
  const field = { ...(isObject(argument) ? argument : {}), alias: mark };
  const type = { id: 'VARCHAR', type_info: null };
  const name = {
    class: 'CONSTANT',
    type: 'VALUE_CONSTANT',
    alias: '',
    query_location: 0,
    value: { type, is_null: false, value: mark },
  };
  return callFunction('struct_extract', [callFunction('struct_pack', [field]), name]);
}

function callFunction(name: string, children: readonly unknown[]): JsonObject {
  return {
    class: 'FUNCTION',
    type: 'FUNCTION',
    alias: '',
    query_location: 0,
    function_name: name,
    schema: '',
    children,
    filter: null,
    order_bys: { type: 'ORDER_MODIFIER', orders: [] },
    distinct: false,
    is_operator: false,
    export_state: false,
    catalog: '',
  };
}

/** The name of the first aggregate or window of a plan that adds doubles and is not marked. */
function findFloating(node: unknown, mark: string): string | null {
  if (!isObject(node) && !Array.isArray(node)) return null;
  if (isObject(node) && addsDoubles(node) && !isMarked(node['children'], mark)) return readName(node, 'name');
  for (const child of listParts(node)) {
    const found = findFloating(child, mark);
    if (found !== null) return found;
  }
  return null;
}

function addsDoubles(node: JsonObject): boolean {
  const kind = node['expression_class'];
  const types: unknown = node['arguments'];
  return (
    (kind === 'BOUND_AGGREGATE' || kind === 'BOUND_WINDOW') &&
    SUMS.has(readName(node, 'name')) &&
    Array.isArray(types) &&
    types.some((type) => isObject(type) && FLOATING.has(String(type['id'])))
  );
}

/** Whether a part is a marked struct. Arguments refer to other aggregates by number, so the mark is of this one. */
function isMarked(node: unknown, mark: string): boolean {
  if (isObject(node) && node['name'] === 'struct_pack' && Array.isArray(node['children']))
    return node['children'].some((field) => isObject(field) && field['alias'] === mark);
  return (isObject(node) || Array.isArray(node)) && listParts(node).some((part) => isMarked(part, mark));
}

/** What a scalar function such as `list_sum` adds, it adds in the order of its list: that is not a part. */
function listParts(node: JsonObject | readonly unknown[]): readonly unknown[] {
  if (Array.isArray(node)) return node as readonly unknown[];
  return Object.entries(node).flatMap(([key, part]) => (key === 'function_data' ? [] : [part]));
}
