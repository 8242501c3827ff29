import type { DuckDBConnection } from '@duckdb/node-api';
import { readRows } from '../../base/duckdb.js';
import { isObject, type JsonObject } from '../../base/json-values.js';
import { placeOf, type SqlPlace } from './syntax-problem.js';
import { foldName, readList, readName } from './syntax-tree.js';

/** A table named in a statement, in lower case; '' for an omitted part. */
export interface TableName {
  readonly catalog: string;
  readonly schema: string;
  readonly table: string;
}

/** The tables and functions that a SELECT uses, from its syntax tree. */
export interface Inspection {
  /** CTE names are excluded, each in its scope. */
  readonly tables: readonly TableName[];
  readonly tableFunctions: readonly string[];
  /** Scalar, aggregate and window functions, in lower case. */
  readonly functions: readonly string[];
  /** It reads `rowid`, the place of a row in its table. */
  readonly hasRowid: boolean;
  /** It is `show`, `describe` or `summarize`. */
  readonly isShow: boolean;
  readonly hasStar: boolean;
  /** Names whose value changes from run to run, such as the clock, random numbers and samples. */
  readonly nonDeterministic: readonly string[];
  /** Whether the outermost query has an `order by`. */
  readonly isOrdered: boolean;
  /** Its syntax tree. */
  readonly statement: unknown;
}

interface Found {
  readonly tables: Map<string, TableName>;
  readonly tableFunctions: Set<string>;
  readonly functions: Set<string>;
  readonly nonDeterministic: Set<string>;
  hasStar: boolean;
  hasRowid: boolean;
}

const NON_DETERMINISTIC = new Set(
  `current_date current_time current_timestamp localtime localtimestamp now today get_current_time
  get_current_timestamp transaction_timestamp random setseed uuid uuidv4 uuidv7 gen_random_uuid nextval currval
  reservoir_quantile approx_quantile approx_top_k txid_current current_query current_query_id current_transaction_id current_connection_id`.split(
    /\s+/,
  ),
);

/** Why a text is not a single SELECT. A syntax error has the parser's message, which quotes only the text. */
export interface NotSelect {
  readonly problem: string;
  /** The place of a syntax error; `{}` for other problems. */
  readonly at: SqlPlace;
}

/** Gives what `inspectSelect` gives for a text. */
export type Inspect = (sql: string) => Promise<Inspection | NotSelect>;

/**
 * Parses, without running, what should be one SELECT (`show`, `describe` and `summarize` are SELECTs to DuckDB). Reports
 * several statements, other verbs, a dynamic PIVOT and syntax errors as problems.
 */
export async function inspectSelect(
  connection: DuckDBConnection,
  sql: string,
): Promise<Inspection | NotSelect> {
  const [row] = await readRows(connection, 'select json_serialize_sql($sql::varchar)::varchar as tree', {
    sql,
  });
  const tree: unknown = JSON.parse(String(row?.['tree'] ?? 'null'));
  if (!isObject(tree)) return NOT_ONE_SELECT;
  if (tree['error_type'] === 'parser')
    return { problem: clean(String(tree['error_message'])), at: placeOf(sql, tree['position']) };
  const statements = tree['error'] === false ? tree['statements'] : null;
  if (!Array.isArray(statements) || statements.length !== 1) return NOT_ONE_SELECT;
  return inspectTree(statements[0]);
}

const NOT_ONE_SELECT: NotSelect = { problem: 'it is not a single SELECT', at: {} };

function clean(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, 300);
}

function inspectTree(statement: unknown): Inspection {
  const found: Found = {
    tables: new Map(),
    tableFunctions: new Set(),
    functions: new Set(),
    nonDeterministic: new Set(),
    hasStar: false,
    hasRowid: false,
  };
  visit(statement, new Set(), found);
  return {
    tables: [...found.tables.values()],
    tableFunctions: [...found.tableFunctions],
    functions: [...found.functions].sort(),
    hasRowid: found.hasRowid,
    isShow: isShow(statement),
    hasStar: found.hasStar,
    nonDeterministic: [...found.nonDeterministic],
    isOrdered: isOrdered(statement),
    statement,
  };
}

function isOrdered(statement: unknown): boolean {
  const query = isObject(statement) ? statement['node'] : null;
  const modifiers = isObject(query) ? query['modifiers'] : null;
  return Array.isArray(modifiers) && modifiers.some((m) => isObject(m) && m['type'] === 'ORDER_MODIFIER');
}

function isShow(statement: unknown): boolean {
  const query = isObject(statement) ? statement['node'] : null;
  const from = isObject(query) ? query['from_table'] : null;
  return isObject(from) && from['type'] === 'SHOW_REF';
}

function visit(node: unknown, scope: ReadonlySet<string>, found: Found): void {
  if (Array.isArray(node)) for (const child of node) visit(child, scope, found);
  if (!isObject(node)) return;
  note(node, scope, found);
  const inner = visitCtes(node, scope, found);
  for (const [key, child] of Object.entries(node)) {
    const isOwn = node['type'] === 'RECURSIVE_CTE_NODE' && key === 'right';
    const seen = isOwn ? new Set([...inner, readName(node, 'cte_name')]) : inner;
    if (key !== 'cte_map' && !(key === 'select_list' && isValueList(node))) visit(child, seen, found);
  }
}

/** DuckDB represents `(values …)` as a SELECT of `*` from a list, in which every column is named or numbered. */
function isValueList({ from_table: from, select_list: items }: JsonObject): boolean {
  const isList = isObject(from) && from['type'] === 'EXPRESSION_LIST';
  return (
    isList && Array.isArray(items) && items.length === 1 && isObject(items[0]) && items[0]['type'] === 'STAR'
  );
}

/** A CTE sees those before it, and itself only in the second arm of a recursive one; the query sees them all. */
function visitCtes(node: JsonObject, scope: ReadonlySet<string>, found: Found): ReadonlySet<string> {
  const inner = new Set(scope);
  const map = isObject(node['cte_map']) ? node['cte_map']['map'] : null;
  for (const entry of Array.isArray(map) ? map : []) {
    if (!isObject(entry)) continue;
    visit(entry['value'], inner, found);
    inner.add(readName(entry, 'key'));
  }
  return inner;
}

function note(node: JsonObject, scope: ReadonlySet<string>, found: Found): void {
  switch (node['type']) {
    case 'BASE_TABLE':
      recordTable(node, scope, found);
      break;
    case 'TABLE_FUNCTION':
      found.tableFunctions.add(isObject(node['function']) ? readName(node['function'], 'function_name') : '');
      break;
    case 'STAR':
      found.hasStar = true;
      break;
    case 'FUNCTION':
      recordCall(node, found);
      break;
    case 'COLUMN_REF':
      if (readList(node, 'column_names').at(-1) === 'rowid') found.hasRowid = true;
      // `current_date` and similar names have no parentheses, so the parser reads them as columns.
      if (Array.isArray(node['column_names']) && node['column_names'].length === 1) {
        recordNonDeterministic(foldName(String(node['column_names'][0])), found);
      }
      break;
  }
  if (node['class'] === 'FUNCTION' || node['class'] === 'WINDOW')
    found.functions.add(readName(node, 'function_name'));
  if (isObject(node['sample'])) found.nonDeterministic.add('sample');
}

function recordTable(node: JsonObject, scope: ReadonlySet<string>, found: Found): void {
  const table = readName(node, 'table_name');
  const schema = readName(node, 'schema_name');
  const catalog = readName(node, 'catalog_name');
  if (catalog === '' && schema === '' && scope.has(table)) return;
  found.tables.set(JSON.stringify([catalog, schema, table]), { catalog, schema, table });
}

/** `age` of one timestamp depends on today; `age` of two is the time between them. */
function recordCall(node: JsonObject, found: Found): void {
  const name = readName(node, 'function_name');
  const isOfToday = name === 'age' && Array.isArray(node['children']) && node['children'].length === 1;
  if (isOfToday) found.nonDeterministic.add(name);
  else recordNonDeterministic(name, found);
}

function recordNonDeterministic(name: string, found: Found): void {
  if (NON_DETERMINISTIC.has(name)) found.nonDeterministic.add(name);
}
