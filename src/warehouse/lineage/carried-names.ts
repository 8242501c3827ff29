import { isObject, type JsonObject } from '../../base/json-values.js';
import { foldName, listObjects, readKind, readList, readName, walk } from '../sql/syntax-tree.js';
import { findUnstableOrder } from '../sql/unstable-order.js';

/**
 * Names under which a SELECT may pass on values of some columns, such as tokens, in any form: as they are, in upper case,
 * cut, hashed or in a list. A plan cannot separate a column that shows a token from one whose rows are joined or grouped
 * by it; names can. They are compared regardless of scope, so that a name counts as soon as it carries a value anywhere in
 * the statement.
 */
export interface CarriedNames {
  /** Null for a column that the statement does not name, so that only its plan can tell. */
  readonly carries: (name: string) => boolean | null;
  /** Values decide the order of the rows, or of what counts them, so that two results align by rank. */
  readonly isFirstSortKey: boolean;
}

/** Aggregates whose result says how many, never which. */
const COUNTS = new Set(['count', 'count_star', 'count_if', 'countif', 'approx_count_distinct', 'regr_count']);

/** Names of the whole statement, in lower case. */
interface Names {
  /** Columns and aliases that carry a value. */
  readonly carried: Set<string>;
  /** Columns, and aliases of expressions of such names. What is missing, such as `country_1`, is a name that DuckDB makes. */
  readonly resolved: Set<string>;
  /** Relations, which as a value are their whole row, and what can stand before their names. */
  readonly relations: ReadonlySet<string>;
  /** Relations that a name can be the row of, where it stands. */
  readonly rows: ReadonlySet<string>;
  readonly ctes: ReadonlyMap<string, unknown>;
}

const SCHEMAS = ['bronze', 'silver', 'gold', 'ops', 'main', 'lake', 'memory'];

/**
 * Pure.
 * @param statement an entry of `statements` of `json_serialize_sql`
 * @param columns columns of the tables that it reads, in lower case; true for those whose values are followed
 */
export function findCarriedNames(statement: unknown, columns: ReadonlyMap<string, boolean>): CarriedNames {
  const carried = new Set([...columns].flatMap(([name, isFollowed]) => (isFollowed ? [name] : [])));
  if (carried.size === 0) return { carries: () => false, isFirstSortKey: false };
  const nodes = [...walk(statement)];
  for (const node of nodes) for (const name of listRenamed(node)) carried.add(name);
  const relations = new Set([...SCHEMAS, ...nodes.flatMap(listRelations)]);
  const resolved = new Set([...columns.keys(), ...carried]);
  const names = { carried, resolved, relations, rows: relations, ctes: new Map(nodes.flatMap(listCtes)) };
  grow(resolved, () => {
    for (const item of nodes.flatMap(listItems))
      if (readName(item, 'alias') !== '' && isResolved(item, names)) resolved.add(readName(item, 'alias'));
  });
  grow(carried, () => {
    for (const node of nodes) addCarried(node, names);
  });
  const isNameless = nodes.some((node) => hidesNames(node, names));
  // `count_star()` in a result names no value.
  const isUnknown = queryCarries(readQuery(statement), names);
  return {
    carries: (name) => {
      const isNamed = !isNameless && resolved.has(foldName(name));
      return isNamed ? carried.has(foldName(name)) : isNameless || isUnknown ? null : false;
    },
    isFirstSortKey: isOrderedBy(statement, nodes, names),
  };
}

function grow(names: ReadonlySet<string>, add: () => void): void {
  for (let before = -1; before < names.size;) {
    before = names.size;
    add();
  }
}

function listItems(node: JsonObject): JsonObject[] {
  return listObjects(node['select_list']);
}

/** '' for an expression without an alias. */
function nameItem(item: JsonObject): string {
  return readName(item, 'alias') || (readList(item, 'column_names').at(-1) ?? '');
}

/** Its columns are named by position, by values or by DuckDB, and may carry values, so that names say nothing. */
function hidesNames(node: JsonObject, all: Names): boolean {
  const names = enterQuery(node, all);
  if (node['type'] === 'PIVOT' || node['type'] === 'SHOW_REF') return true;
  if (node['type'] === 'EXPRESSION_LIST') return carries(node['values'], names);
  if (isSetOperation(node) && isMisaligned(node, names)) return true;
  return listItems(node).some(
    (item) => [...walk(item)].some((part) => isRenaming(part, names)) || isUnnamed(item, names),
  );
}

/** `* rename (a as b)`, `* replace (…)`, `columns(…)`, and the fields of a struct, `s.*`. */
function isRenaming(node: JsonObject, { carried, resolved, relations }: Names): boolean {
  if (node['type'] !== 'STAR') return false;
  const isFilled = (key: string) => listObjects(node[key]).length > 0;
  if (node['columns'] === true || isFilled('rename_list') || isFilled('replace_list')) return true;
  const of = readName(node, 'relation_name');
  return of !== '' && (carried.has(of) || !(relations.has(of) || resolved.has(of)));
}

/** An expression without an alias, or `unnest` of a struct, whose fields name the columns. */
function isUnnamed(item: JsonObject, names: Names): boolean {
  if (item['type'] === 'STAR') return false;
  const isUnnest = readName(item, 'function_name') === 'unnest';
  return (isUnnest || nameItem(item) === '') && carries(item, names);
}

/** `as t(a, b)` and `with t(a, b)`. */
function listRenamed(node: JsonObject): string[] {
  return [...readList(node, 'column_name_alias'), ...readList(node, 'aliases')];
}

function listRelations(node: JsonObject): string[] {
  if ('class' in node || !('table_name' in node || node['type'] === 'SUBQUERY')) return [];
  return [readName(node, 'alias') || readName(node, 'table_name')];
}

function listCtes(node: JsonObject): [string, unknown][] {
  const map = isObject(node['cte_map']) ? node['cte_map']['map'] : null;
  return listObjects(map).map((entry) => [readName(entry, 'key'), entry['value']]);
}

/** Whether each name in an expression is one of the tables, or an alias of what is. */
function isResolved(node: unknown, names: Names): boolean {
  if (Array.isArray(node)) return node.every((child) => isResolved(child, names));
  if (!isObject(node)) return true;
  if (node['class'] === 'COLUMN_REF') return names.resolved.has(nameColumn(node, names));
  if (node['class'] === 'POSITIONAL_REFERENCE') return false;
  if (node['class'] === 'LAMBDA') return isResolved(node['expr'], enterLambda(node, names));
  return Object.values(node).every((child) => isResolved(child, names));
}

function enterLambda(node: JsonObject, names: Names): Names {
  const parameters = [...walk(node['lhs'])].flatMap((part) => readList(part, 'column_names'));
  return { ...names, resolved: new Set([...names.resolved, ...parameters]) };
}

/** The column of `c`, `t.c`, `s.t.c` and of a field of them, `c.field`; the relation itself for a whole row. */
function nameColumn(node: JsonObject, { relations }: Names): string {
  const parts = readList(node, 'column_names');
  return parts.find((part) => !relations.has(part)) ?? parts.at(-1) ?? '';
}

/** Only relations of its own `from` are rows in a query, and those of the queries around it, which are entered first. */
function enterQuery(node: JsonObject, names: Names): Names {
  if (!('select_list' in node)) return names;
  const own = [...walk({ ...node, cte_map: null })].flatMap(listRelations);
  return { ...names, rows: new Set(own) };
}

function addCarried(node: JsonObject, all: Names): void {
  const names = enterQuery(node, all);
  for (const item of listItems(node))
    if (item['type'] !== 'STAR' && carries(item, names)) names.carried.add(nameItem(item));
  if (!isSetOperation(node)) return;
  // Arms of a union: the names of the first stand for all.
  const [first = [], ...others] = listArms(node).map(listItems);
  const isAligned = !hasStar([first, ...others]) && others.every((arm) => arm.length === first.length);
  for (const [place, item] of first.entries()) {
    const here = isAligned ? others.map((arm) => arm[place]) : others.flat();
    if (carries(here.filter(isObject), names)) names.carried.add(nameItem(item));
  }
}

function isSetOperation(node: JsonObject): boolean {
  return 'left' in node && 'right' in node && readKind(node['class']) === '' && !('join_type' in node);
}

/** Arms that are matched by place, which `*` does not show. */
function isMisaligned(node: JsonObject, names: Names): boolean {
  const arms = listArms(node);
  return hasStar(arms.map(listItems)) && arms.some((arm) => queryCarries(arm, names));
}

function hasStar(arms: readonly (readonly JsonObject[])[]): boolean {
  return arms.some((arm) => arm.some(({ type }) => type === 'STAR'));
}

function listArms(node: unknown): JsonObject[] {
  if (!isObject(node)) return [];
  if (isSetOperation(node)) return [...listArms(node['left']), ...listArms(node['right'])];
  return [node];
}

/** Whether a column of a query carries a value. A CTE that reads itself adds nothing to what its other arm reads. */
function queryCarries(query: unknown, names: Names): boolean {
  return listArms(query).some((arm) =>
    listItems(arm).some((item) =>
      item['type'] === 'STAR' ? sourceCarries(arm['from_table'], names) : carries(item, names),
    ),
  );
}

function sourceCarries(source: unknown, names: Names): boolean {
  if (!isObject(source)) return false;
  if (source['type'] === 'JOIN')
    return sourceCarries(source['left'], names) || sourceCarries(source['right'], names);
  if (source['type'] === 'SUBQUERY') return queryCarries(readQuery(source['subquery']), names);
  const key = source['type'] === 'BASE_TABLE' ? readName(source, 'table_name') : '';
  const cte = names.ctes.get(key);
  if (cte === undefined) return true;
  const others = new Map([...names.ctes].filter(([name]) => name !== key));
  return isObject(cte) && queryCarries(readQuery(cte['query']), { ...names, ctes: others });
}

function readQuery(statement: unknown): unknown {
  return isObject(statement) ? statement['node'] : null;
}

/** Whether an expression may hold a value of one of the names. */
function carries(node: unknown, names: Names): boolean {
  if (Array.isArray(node)) return node.some((child) => carries(child, names));
  if (!isObject(node)) return false;
  switch (node['class']) {
    case 'COLUMN_REF':
      return isCarrier(node, names);
    case 'POSITIONAL_REFERENCE':
    case 'STAR':
      return true;
    // Two tokens that are equal say nothing of one; a literal beside a token tells what the token is.
    case 'COMPARISON':
      return carries(node['left'], names) !== carries(node['right'], names);
    case 'BETWEEN':
      return carries(node['input'], names) !== carries([node['lower'], node['upper']], names);
    case 'OPERATOR':
      return operatorCarries(node, names);
    case 'SUBQUERY':
      return node['subquery_type'] === 'SCALAR' && queryCarries(readQuery(node['subquery']), names);
    case 'LAMBDA':
      return carries(node['expr'], enterLambda(node, names));
    case 'FUNCTION':
      return callCarries(node, firstKey(node['order_bys']), names);
    // A number of rows up to one is the place of one.
    case 'WINDOW':
      return carries(firstKey(node), names) || callCarries(node, null, names);
    default:
      return Object.values(node).some((child) => carries(child, names));
  }
}

function callCarries(node: JsonObject, key: unknown, names: Names): boolean {
  return !COUNTS.has(readName(node, 'function_name')) && carries([node['children'], key], names);
}

/** A column, a whole row, a field of a column, or a name that DuckDB makes. */
function isCarrier(node: JsonObject, names: Names): boolean {
  const parts = readList(node, 'column_names');
  // `orders.orders` is a column of a relation, `silver.orders` the row of one.
  const isRow =
    parts.every((part) => names.relations.has(part)) &&
    names.rows.has(parts.at(-1) ?? '') &&
    (parts.length === 1 || SCHEMAS.includes(parts[0] ?? ''));
  return isRow || !isResolved(node, names) || parts.some((part) => names.carried.has(part));
}

function operatorCarries(node: JsonObject, names: Names): boolean {
  const children = listObjects(node['children']);
  const type = readKind(node['type']);
  if (/^(OPERATOR_IS_(NOT_)?NULL|GROUPING_FUNCTION)$/.test(type)) return false;
  if (/^COMPARE_(NOT_)?IN$/.test(type))
    return carries(children[0], names) !== carries(children.slice(1), names);
  return carries(children, names);
}

/** The first key that is not a constant. Later keys only break ties. */
function firstKey(modifier: unknown): unknown {
  return isObject(modifier) ? listKeys(modifier).find(isVariable) : null;
}

function listKeys(modifier: JsonObject): JsonObject[] {
  return listObjects(modifier['orders']).flatMap(({ expression }) =>
    isObject(expression) ? [expression] : [],
  );
}

function isVariable(key: JsonObject): boolean {
  return [...walk(key)].some(({ class: kind }) => kind === 'COLUMN_REF' || kind === 'POSITIONAL_REFERENCE');
}

function isOrderedBy(statement: unknown, nodes: readonly JsonObject[], names: Names): boolean {
  const modifiers = (query: unknown) => (isObject(query) ? listObjects(query['modifiers']) : []);
  const keys = modifiers(readQuery(statement)).flatMap(listKeys);
  // `order by 2` names a column.
  const first = keys.find((key) => isVariable(key) || key['class'] === 'CONSTANT');
  if (carries(first, names)) return true;
  const isOrderInside = first === undefined || findUnstableOrder(statement) !== null;
  return isOrderInside && nodes.flatMap(modifiers).some((one) => carries(firstKey(one), names));
}
