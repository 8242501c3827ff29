import { isObject, type JsonObject } from '../../base/types/json-values.js';
import { readKind, readList, readName } from '../sql/syntax-tree.js';
import { sourcesOfAll } from './relation.js';
import { resolveName, type Scope, sourcesOfTables } from './scope.js';
import { markUnknown, NOTHING, type Sources, uniteSources } from './sources.js';
import type { Walker } from './walker.js';

/** Made of their parts, whatever these are called: operands, branches, orders, frames, filters. */
const PLAIN = ['BETWEEN', 'CASE', 'CAST', 'COLLATE', 'COMPARISON', 'CONJUNCTION', 'OPERATOR', 'WINDOW'];
const WITHOUT_SOURCES = ['CONSTANT', 'DEFAULT', 'PARAMETER'];
/** Those that take a lambda. */
const LIST_FUNCTIONS = ['transform', 'apply', 'filter', 'reduce'].flatMap((name) =>
  ['', 'list_', 'array_'].map((front) => front + name),
);
/** Where DuckDB's own functions live; nothing else can be known of one that lives elsewhere. */
const OWN_SCHEMAS = ['', 'main', 'system', 'pg_catalog'];

/** What an expression is made of: every column that is named in it, at any depth. */
export function walkExpression(walker: Walker, node: unknown, scope: Scope): Sources {
  if (Array.isArray(node)) return walkParts(walker, node, scope);
  if (!isObject(node)) return NOTHING;
  if (!('class' in node)) return walkClassless(walker, node, scope);
  const kind = readKind(node['class']);
  if (kind === 'FUNCTION' && isForeign(node))
    return walkUnknown(walker, node, scope, `function ${readName(node, 'function_name')}`);
  if (PLAIN.includes(kind)) return walkParts(walker, Object.values(node), scope);
  if (WITHOUT_SOURCES.includes(kind)) return NOTHING;
  switch (kind) {
    case 'FUNCTION':
      return walkFunction(walker, node, scope);
    case 'COLUMN_REF':
      return resolveName(readList(node, 'column_names'), scope, walker.everything);
    case 'SUBQUERY':
      return walkSubquery(walker, node, scope);
    case 'LAMBDA': // the arrow of JSON: both sides are values
      return walkParts(walker, [node['lhs'], node['expr']], scope);
    case 'STAR': // of COLUMNS(…) too, whose names follow from data nobody has here
    case 'POSITIONAL_REFERENCE':
      return uniteSources([sourcesOfTables(scope), walkParts(walker, Object.values(node), scope)]);
    default:
      return walkUnknown(walker, node, scope, kind);
  }
}

function walkParts(walker: Walker, parts: readonly unknown[], scope: Scope): Sources {
  return uniteSources(parts.map((part) => walker.walkExpression(walker, part, scope)));
}

/** A branch, an order, a type; a query that stands where none is known to stand is not passed over. */
function walkClassless(walker: Walker, node: JsonObject, scope: Scope): Sources {
  const isQuery = readKind(node['type']).endsWith('_NODE') || 'cte_map' in node || 'from_table' in node;
  if (isQuery) return walkUnknown(walker, node, scope, readKind(node['type']));
  return walkParts(walker, Object.values(node), scope);
}

/** All that it gives, and all that decides which rows it has: the expression names both. */
function walkSubquery(walker: Walker, node: JsonObject, scope: Scope): Sources {
  const query = isObject(node['subquery']) ? node['subquery']['node'] : null;
  const relation = walker.walkQuery(walker, query, scope);
  return uniteSources([
    sourcesOfAll(relation),
    relation.rows,
    walker.walkExpression(walker, node['child'], scope),
  ]);
}

/** Its parts; the second argument of a function of lists may be a lambda, whose left side names parameters. */
function walkFunction(walker: Walker, node: JsonObject, scope: Scope): Sources {
  const { children, ...others } = node;
  const parts: readonly unknown[] = Array.isArray(children) ? children : [children];
  const second = LIST_FUNCTIONS.includes(readName(node, 'function_name')) ? parts[1] : null;
  if (!isLambda(second)) return walkParts(walker, Object.values(node), scope);
  const inner = { ...scope, parameters: new Set([...scope.parameters, ...listParameters(second['lhs'])]) };
  return uniteSources([
    walkParts(walker, [...parts.filter((part) => part !== second), ...Object.values(others)], scope),
    walkParts(walker, [second['lhs'], second['expr']], inner),
  ]);
}

function isLambda(node: unknown): node is JsonObject {
  return isObject(node) && node['class'] === 'LAMBDA';
}

function listParameters(node: unknown): string[] {
  if (!isObject(node)) return [];
  if (node['class'] === 'COLUMN_REF') {
    const parts = readList(node, 'column_names');
    return parts.length === 1 ? parts : [];
  }
  const isRow = node['class'] === 'FUNCTION' && readName(node, 'function_name') === 'row';
  return isRow && Array.isArray(node['children']) ? node['children'].flatMap(listParameters) : [];
}

/** A macro that somebody made may read any table. */
function isForeign(node: JsonObject): boolean {
  return (
    !OWN_SCHEMAS.includes(readName(node, 'schema')) || !['', 'system'].includes(readName(node, 'catalog'))
  );
}

function walkUnknown(walker: Walker, node: JsonObject, scope: Scope, name: string): Sources {
  const parts = Object.values(node).filter(
    (part) => Array.isArray(part) || (isObject(part) && 'class' in part),
  );
  return uniteSources([markUnknown(name, walker.everything), walkParts(walker, parts, scope)]);
}
