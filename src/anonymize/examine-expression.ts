import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteText, readRows } from '../base/duckdb.js';
import { isObject, type JsonObject } from '../base/json-values.js';
import type { ColumnType } from '../base/types/definition.js';
import { FUNCTIONS, OPERATOR_FUNCTIONS, TYPE_IDS } from './expression-words.js';
import { checkWords, putValue } from './expression.js';

/** An expression over `value`, what it is given and which types it may give. */
export interface ExpressionUse {
  readonly expression: string;
  readonly value: ColumnType;
  readonly gives: readonly string[];
}

/**
 * Why an expression cannot be used, by its syntax tree and the types that it binds to; null if it can. One expression,
 * of one column, without subquery, star, lambda, window or parameter.
 */
export async function examineExpression(
  connection: DuckDBConnection,
  { expression: text, value, gives }: ExpressionUse,
): Promise<string | null> {
  const words = checkWords(text);
  if (words !== null) return words;
  const expression = putValue(text, 'value'); // as it will be compiled, to the blank
  const [parsed] = await readRows(connection, 'select json_serialize_sql($sql::varchar)::varchar as tree', {
    sql: `select (${expression})`,
  });
  const why = checkTree(JSON.parse(String(parsed?.['tree'] ?? 'null')));
  if (why !== null) return why;
  const type = await findType(connection, expression, value);
  if (type === null) return 'its functions and operators do not fit the types that they are given';
  return gives.includes(type) ? null : `it gives ${type}, not ${gives[0] ?? ''}; cast it`;
}

/** How many of these values an expression is true for; null if it fails for one of them. */
export async function countTrue(
  connection: DuckDBConnection,
  expression: string,
  value: ColumnType,
  values: readonly string[],
): Promise<number | null> {
  const rows = values.map((text) => `(${quoteText(text)}::${value})`).join(', ');
  const query = `select count(*) filter (${expression}) as hits from (values ${rows}) as probes(value)`;
  try {
    const [row] = await readRows(connection, query);
    return Number(row?.['hits'] ?? 0);
  } catch {
    return null;
  }
}

function checkTree(tree: unknown): string | null {
  const statements = isObject(tree) && tree['error'] === false ? tree['statements'] : null;
  if (!Array.isArray(statements) || statements.length !== 1) return 'it is not one expression of SQL';
  const [statement] = statements as readonly unknown[];
  const query = isObject(statement) ? statement['node'] : null;
  if (!isObject(query) || query['type'] !== 'SELECT_NODE') return 'it is not one expression of SQL';
  const { select_list: list, from_table: from, ...others } = query;
  const isPlain = isObject(from) && from['type'] === 'EMPTY' && !hasClauses(others);
  if (!isPlain || !Array.isArray(list) || list.length !== 1) return 'it is not one expression of SQL';
  return checkNode(list[0]);
}

const CLAUSES = ['where_clause', 'having', 'qualify', 'sample'] as const;
const LISTS = ['group_expressions', 'modifiers'] as const;

function hasClauses(query: JsonObject): boolean {
  return (
    CLAUSES.some((clause) => query[clause] !== null && query[clause] !== undefined) ||
    LISTS.some((list) => Array.isArray(query[list]) && query[list].length > 0)
  );
}

/** Kinds of nodes that may stand in an expression, and what is asked of each. */
const RULES: ReadonlyMap<string, (node: JsonObject) => string | null> = new Map([
  ['CONSTANT', () => null],
  ['OPERATOR', () => null],
  ['COMPARISON', () => null],
  ['CONJUNCTION', () => null],
  ['BETWEEN', () => null],
  ['CASE', () => null],
  ['CAST', checkCast],
  ['COLUMN_REF', checkColumn],
  ['FUNCTION', checkFunction],
]);

function checkNode(node: unknown): string | null {
  if (Array.isArray(node)) return firstOf(node.map(checkNode));
  if (!isObject(node)) return null;
  const kind = node['class'];
  if (typeof kind === 'string') {
    const rule = RULES.get(kind);
    if (rule === undefined) return `it holds a ${kind.toLowerCase().replaceAll('_', ' ')}`;
    const why = rule(node);
    if (why !== null) return why;
  }
  return kind === 'CONSTANT' ? null : firstOf(Object.values(node).map(checkNode));
}

function checkColumn({ column_names: names }: JsonObject): string | null {
  const isValue = Array.isArray(names) && names.length === 1 && String(names[0]).toLowerCase() === 'value';
  return isValue ? null : 'it names a column other than `value`';
}

function checkCast({ cast_type: type }: JsonObject): string | null {
  const id = isObject(type) ? String(type['id']).toLowerCase().replaceAll(' ', '_') : '';
  return TYPE_IDS.has(id) ? null : 'it casts to a type that may not be used';
}

function checkFunction(node: JsonObject): string | null {
  const name = String(node['function_name']).toLowerCase();
  const isPlain = node['distinct'] !== true && !isObject(node['filter']);
  const isKnown = FUNCTIONS.has(name) || OPERATOR_FUNCTIONS.has(name);
  return isPlain && isKnown ? null : `\`${name}\` is not a supported function`;
}

async function findType(
  connection: DuckDBConnection,
  expression: string,
  value: ColumnType,
): Promise<string | null> {
  try {
    const query = `select typeof(${expression}) as type from (select null::${value} as value)`;
    const [row] = await readRows(connection, query);
    return String(row?.['type']);
  } catch {
    return null;
  }
}

function firstOf(answers: readonly (string | null)[]): string | null {
  return answers.find((answer) => answer !== null) ?? null;
}
