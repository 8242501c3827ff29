import { isObject, type JsonObject } from '../../base/json-values.js';
import { readName } from './syntax-tree.js';

/** A part of a SELECT whose result depends on the physical order of rows, which no table guarantees, and its fix. */
export interface AnyOrder {
  readonly problem: string;
  readonly fix: string;
}

const WINDOWED = new Set('row_number ntile lag lead first_value last_value nth_value'.split(' '));

/** Aggregates whose result depends on the order of rows; the fix is an order inside the call. */
const PICKING = new Set('first last any_value arbitrary'.split(' '));
/** Aggregates that pick the row of an extreme value; of several such rows, the first. */
const EXTREME = new Set(
  `arg_max arg_min argmax argmin max_by min_by arg_max_null arg_min_null arg_max_nulls_last arg_min_nulls_last`.split(
    ' ',
  ),
);
const LISTING = new Set('list array_agg string_agg group_concat listagg mode'.split(' '));
/** Macros over `list`, which accept no `order by`. */
const JSON_LISTING = new Set(['json_group_array', 'json_group_object']);

/** DuckDB represents `list(x order by x)` as `list_sort(list(x))`. */
const LISTS = new Set(['list', 'array_agg']);
const SORTING = new Set('list_sort array_sort list_reverse_sort array_reverse_sort'.split(' '));

/** The first such part; null if there is none. Ties are not detected, because they depend on the rows. */
export function findUnstableOrder(node: unknown): AnyOrder | null {
  if (Array.isArray(node)) return findFirst(node);
  if (!isObject(node)) return null;
  return evaluateNode(node) ?? findFirst(isSorting(node) ? skipList(node) : Object.values(node));
}

function findFirst(children: readonly unknown[]): AnyOrder | null {
  for (const child of children) {
    const found = findUnstableOrder(child);
    if (found !== null) return found;
  }
  return null;
}

function evaluateNode(node: JsonObject): AnyOrder | null {
  if (node['class'] === 'WINDOW') return evaluateWindow(node);
  if (node['class'] === 'FUNCTION') return evaluateCall(node);
  if (node['ref_type'] === 'POSITIONAL') {
    return { problem: '`positional join` pairs rows in an undefined order', fix: 'join on a key' };
  }
  return Array.isArray(node['modifiers']) ? evaluateModifiers(node['modifiers'].filter(isObject)) : null;
}

/** Checks the modifiers of one query. */
function evaluateModifiers(modifiers: readonly JsonObject[]): AnyOrder | null {
  if (modifiers.some(({ type }) => type === 'ORDER_MODIFIER')) return null;
  for (const modifier of modifiers) {
    const isDistinctOn = isFilled(modifier['distinct_on_targets']);
    if (isDistinctOn) {
      const fix = 'add an `order by` that starts with its columns and leaves no ties';
      return { problem: '`distinct on` without `order by` keeps an arbitrary row', fix };
    }
    const part = nameCut(modifier);
    if (part !== null) {
      const fix = `add an \`order by\` that leaves no ties, or remove \`${part}\``;
      return { problem: `\`${part}\` without \`order by\` keeps arbitrary rows`, fix };
    }
  }
  return null;
}

/** `limit all` and `limit 0` keep all rows or none, so the order does not matter. */
function nameCut({ type, limit, offset }: JsonObject): string | null {
  if (type !== 'LIMIT_MODIFIER' && type !== 'LIMIT_PERCENT_MODIFIER') return null;
  if (isObject(offset)) return 'offset';
  const value = isObject(limit) && isObject(limit['value']) ? limit['value'] : null;
  const isHarmless = value !== null && (value['is_null'] === true || value['value'] === 0);
  return isObject(limit) && !isHarmless ? 'limit' : null;
}

function evaluateWindow(node: JsonObject): AnyOrder | null {
  const name = readName(node, 'function_name');
  if (isOrder(node['orders'])) return null;
  const fix = 'add an `order by` that leaves no ties to the window';
  if ([node['start'], node['end']].some((end) => String(end).endsWith('_ROWS'))) {
    return { problem: `\`${name}\` uses a \`rows\` frame in a window without \`order by\``, fix };
  }
  const needsOrder = [WINDOWED, PICKING, EXTREME, LISTING].some((names) => names.has(name));
  if (!needsOrder || isOrder(node['arg_orders'])) return null;
  return { problem: `\`${name}\` is used in a window without \`order by\``, fix };
}

function evaluateCall(node: JsonObject): AnyOrder | null {
  const name = readName(node, 'function_name');
  const orders = isObject(node['order_bys']) ? node['order_bys']['orders'] : null;
  const problem = `\`${name}\` without \`order by\` inside depends on the order of rows`;
  if (JSON_LISTING.has(name)) {
    return {
      problem: `\`${name}\` depends on the order of rows`,
      fix: 'write `to_json(list(x order by x))`',
    };
  }
  if (isOrder(orders)) return null;
  if (EXTREME.has(name)) {
    const isTie = `of rows with an equal value, \`${name}\` without \`order by\` inside picks an arbitrary one`;
    return { problem: isTie, fix: `write \`${name}(x, y order by x)\`` };
  }
  if (PICKING.has(name)) return { problem, fix: `write \`min(x)\`, or \`${name}(x order by y)\`` };
  return LISTING.has(name) ? { problem, fix: `write \`${name}(x order by x)\`` } : null;
}

function isSorting(node: JsonObject): boolean {
  return node['class'] === 'FUNCTION' && SORTING.has(readName(node, 'function_name'));
}

/** The children of a sorting call, with the arguments of its list in place of the list. */
function skipList(node: JsonObject): readonly unknown[] {
  const children: readonly unknown[] = Array.isArray(node['children']) ? node['children'] : [];
  const [list, ...others] = children;
  const isList = isObject(list) && list['class'] === 'FUNCTION' && LISTS.has(readName(list, 'function_name'));
  return isList ? [list['children'], list['filter'], ...others] : children;
}

/** Ordering by a constant is no order. */
function isOrder(orders: unknown): boolean {
  return isFilled(orders) && orders.some((one) => !isConstant(isObject(one) ? one['expression'] : null));
}

function isConstant(expression: unknown): boolean {
  return isObject(expression) && expression['class'] === 'CONSTANT';
}

function isFilled(list: unknown): list is readonly unknown[] {
  return Array.isArray(list) && list.length > 0;
}
