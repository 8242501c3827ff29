import { isObject, type JsonObject } from '../../base/json-values.js';
import { foldName, readKind, readList, readName } from '../sql/syntax-tree.js';

/**
 * Names under which a SELECT may pass on values of some columns, such as tokens, in any form: as they are, in upper case,
 * cut, hashed or in a list. A plan cannot separate a column that shows a token from one whose rows are joined or grouped
 * by it; names can. They are compared regardless of scope, so that a name counts as soon as it carries a value anywhere in
 * the statement.
 */
export interface CarriedNames {
  /** Null for a column that the statement does not name, so that only its plan can tell. */
  readonly carries: (name: string) => boolean | null;
  /** The first key of the outermost `order by` carries a value, so that two results align by rank. */
  readonly isFirstSortKey: boolean;
}

/** Aggregates whose result says how many, never which. */
const COUNTS = new Set(['count', 'count_star', 'count_if', 'countif', 'approx_count_distinct', 'regr_count']);

/**
 * Pure.
 * @param statement an entry of `statements` of `json_serialize_sql`
 * @param columns columns of the tables that it reads, in lower case; true for those whose values are followed
 */
export function findCarriedNames(statement: unknown, columns: ReadonlyMap<string, boolean>): CarriedNames {
  const names = new Set([...columns].flatMap(([name, isFollowed]) => (isFollowed ? [name] : [])));
  const nodes = [...walk(statement)];
  const known = new Set([...columns.keys(), ...nodes.flatMap(listItems).map(nameItem)]);
  // Columns that are named by values, by fields or by a list: names say nothing.
  const isNameless =
    nodes.some(({ type }) => type === 'PIVOT') ||
    nodes.flatMap(listItems).some((item) => [...walk(item)].some(isNaming));
  if (names.size > 0) for (const node of nodes) for (const name of listRenamed(node)) names.add(name);
  for (let before = -1; before < names.size;) {
    before = names.size;
    for (const node of nodes) addCarried(node, names);
  }
  return {
    carries: (name) => (isNameless || !known.has(foldName(name)) ? null : names.has(foldName(name))),
    isFirstSortKey: isNameless ? false : isOrderedBy(statement, names),
  };
}

function* walk(node: unknown): Generator<JsonObject> {
  if (Array.isArray(node)) for (const child of node) yield* walk(child);
  if (!isObject(node)) return;
  yield node;
  for (const child of Object.values(node)) yield* walk(child);
}

function listItems(node: JsonObject): JsonObject[] {
  const items: unknown = node['select_list'];
  return Array.isArray(items) ? items.filter((item) => isObject(item)) : [];
}

/** '' for an expression without an alias. */
function nameItem(item: JsonObject): string {
  return readName(item, 'alias') || (readList(item, 'column_names').at(-1) ?? '');
}

/** `* rename (a as b)`, `* replace (…)`, `columns(…)`, and the fields of a struct: `s.*` and `unnest(s)`. */
function isNaming(node: JsonObject): boolean {
  if (readName(node, 'function_name') === 'unnest') return true;
  if (node['type'] !== 'STAR') return false;
  const isFilled = (list: unknown) =>
    typeof list === 'object' && list !== null && Object.keys(list).length > 0;
  const isField = readName(node, 'relation_name') !== '';
  return (
    node['columns'] === true || isField || isFilled(node['rename_list']) || isFilled(node['replace_list'])
  );
}

/** `as t(a, b)` and `with t(a, b)`, and the name of each relation, which as a value is its whole row. */
function listRenamed(node: JsonObject): string[] {
  const isRelation = typeof node['table_name'] === 'string' || node['type'] === 'SUBQUERY';
  const rows = isRelation ? [readName(node, 'alias') || readName(node, 'table_name')] : [];
  return [...readList(node, 'column_name_alias'), ...readList(node, 'aliases'), ...rows.map(nameRow)];
}

/** Names of rows are apart from names of columns: `t` is a row, `t.a` a column. */
function nameRow(name: string): string {
  return `row ${name}`;
}

function addCarried(node: JsonObject, names: Set<string>): void {
  for (const item of listItems(node)) if (carries(item, names)) names.add(nameItem(item));
  if (!('left' in node && 'right' in node) || readKind(node['class']) !== '') return;
  // Arms of a union: the names of the first stand for all.
  const [first = [], ...others]: readonly JsonObject[][] = listArms(node);
  const isAligned = others.every((arm) => arm.length === first.length) && !hasStar([first, ...others]);
  for (const [place, item] of first.entries()) {
    const here = isAligned ? others.map((arm) => arm[place]).filter(isObject) : others.flat();
    if (here.some((other) => carries(other, names) || other['type'] === 'STAR')) names.add(nameItem(item));
  }
}

function hasStar(arms: readonly (readonly JsonObject[])[]): boolean {
  return arms.some((arm) => arm.some(({ type }) => type === 'STAR'));
}

function listArms(node: unknown): JsonObject[][] {
  if (!isObject(node)) return [];
  if ('left' in node && 'right' in node) return [...listArms(node['left']), ...listArms(node['right'])];
  return [listItems(node)];
}

/** Whether the value of an expression may hold a value of one of the names. */
function carries(node: unknown, names: ReadonlySet<string>): boolean {
  if (Array.isArray(node)) return node.some((child) => carries(child, names));
  if (!isObject(node)) return false;
  const list = node['select_list'];
  if (Array.isArray(list)) return carries(list, names);
  switch (node['class']) {
    case 'COLUMN_REF':
      return isCarrier(readList(node, 'column_names'), names);
    case 'STAR':
      return names.size > 0;
    case 'COMPARISON':
    case 'BETWEEN':
    case 'CONJUNCTION':
      return false;
    case 'OPERATOR':
      return !isTest(readKind(node['type'])) && carries(node['children'], names);
    case 'SUBQUERY':
      return node['subquery_type'] === 'SCALAR' && carries(node['subquery'], names);
    case 'CASE':
      return carries(listResults(node), names);
    case 'FUNCTION':
      if (COUNTS.has(readName(node, 'function_name'))) return false;
      return carries([node['children'], firstOrder(node['order_bys'])], names);
    case 'WINDOW':
      if (COUNTS.has(readName(node, 'function_name'))) return false;
      return carries([node['children'], firstOrder({ orders: node['orders'] })], names);
    default:
      return Object.values(node).some((child) => carries(child, names));
  }
}

/** A column, a whole row, or a field of a column. */
function isCarrier(parts: readonly string[], names: ReadonlySet<string>): boolean {
  const isRow = parts.length === 1 && names.has(nameRow(parts[0] ?? ''));
  return isRow || parts.some((part) => names.has(part));
}

function isTest(type: string): boolean {
  return /^(OPERATOR_IS_(NOT_)?NULL|OPERATOR_NOT|COMPARE_(NOT_)?IN)$/.test(type);
}

function listResults(node: JsonObject): unknown[] {
  const checks = Array.isArray(node['case_checks']) ? node['case_checks'] : [];
  return [...checks.map((check) => (isObject(check) ? check['then_expr'] : null)), node['else_expr']];
}

/** Later keys only break ties. */
function firstOrder(modifier: unknown): unknown {
  const orders = isObject(modifier) ? modifier['orders'] : null;
  return Array.isArray(orders) && isObject(orders[0]) ? orders[0]['expression'] : null;
}

function isOrderedBy(statement: unknown, names: ReadonlySet<string>): boolean {
  const query = isObject(statement) ? statement['node'] : null;
  if (!isObject(query)) return false;
  const modifiers = Array.isArray(query['modifiers']) ? query['modifiers'] : [];
  return modifiers.some((modifier) => {
    const key = firstOrder(modifier);
    // `order by all` begins with the first column, which is a token column itself if it carries one.
    return !(isObject(key) && key['type'] === 'STAR') && carries(key, names);
  });
}
