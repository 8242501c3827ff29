import { isObject, type JsonObject } from '../../base/types/json-values.js';
import { readKind, readList, readName } from '../sql/syntax-tree.js';
import { listStrangers } from './closed-node.js';
import { addToAll, findColumn, openRelation, type Relation, renameColumns } from './relation.js';
import { type Scope, type Table, within } from './scope.js';
import { markUnknown, NOTHING, uniteSources } from './sources.js';
import { walkPivot } from './walk-pivot.js';
import type { From, Walker } from './walker.js';

const NO_FROM: From = { tables: [], merged: new Set(), rows: NOTHING };
const COMMON_KEYS = ['type', 'alias', 'sample', 'query_location', 'column_name_alias'];
/** What each kind holds besides. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  BASE_TABLE: ['schema_name', 'table_name', 'catalog_name'],
  SUBQUERY: ['subquery'],
  EXPRESSION_LIST: ['values', 'expected_names', 'expected_types'],
  TABLE_FUNCTION: ['function', 'with_ordinality'],
  PIVOT: ['source', 'aggregates', 'unpivot_names', 'pivots', 'groups', 'include_nulls'],
  JOIN: ['left', 'right', 'condition', 'join_type', 'ref_type', 'using_columns', 'delim_flipped'],
};
/** Functions that make rows of what they are given, and of nothing else. */
const ROWS_OF_ARGUMENTS = ['unnest', 'range', 'generate_series'];

/** The tables of a FROM clause; `scope` is what its queries see besides those to their left. */
export function walkFrom(walker: Walker, node: unknown, scope: Scope): From {
  if (!isObject(node) || node['type'] === 'EMPTY') return NO_FROM;
  if (node['type'] === 'JOIN') return walkJoin(walker, node, scope);
  const names = readList(node, 'column_name_alias');
  const relation = renameColumns(withStrangers(walker, node, walkTable(walker, node, scope)), names);
  return { ...NO_FROM, tables: [{ names: listNames(node), relation }], rows: relation.rows };
}

function walkTable(walker: Walker, node: JsonObject, scope: Scope): Relation {
  switch (node['type']) {
    case 'BASE_TABLE':
      return findTable(walker, node, scope);
    case 'SUBQUERY':
      return walker.walkQuery(walker, isObject(node['subquery']) ? node['subquery']['node'] : null, scope);
    case 'EXPRESSION_LIST':
      return walkValues(walker, node, scope);
    case 'TABLE_FUNCTION':
      return walkTableFunction(walker, node, scope);
    case 'PIVOT':
      return walkPivot(walker, node, scope);
    default:
      return openRelation(markUnknown(readKind(node['type']), walker.everything));
  }
}

function findTable({ tables, everything }: Walker, node: JsonObject, { ctes }: Scope): Relation {
  const [name, schema, catalog] = ['table_name', 'schema_name', 'catalog_name'].map((key) =>
    readName(node, key),
  );
  const cte = schema === '' && catalog === '' ? ctes.get(name ?? '') : undefined;
  const known = catalog === '' ? tables.get(`${schema ?? ''}.${name ?? ''}`) : undefined;
  return cte ?? known ?? openRelation(markUnknown('table', everything));
}

/** An alias hides the name of a table. */
function listNames(node: JsonObject): string[][] {
  const alias = readName(node, 'alias');
  if (alias !== '') return [[alias]];
  if (node['type'] !== 'BASE_TABLE') return [];
  const parts = ['catalog_name', 'schema_name', 'table_name']
    .map((key) => readName(node, key))
    .filter((part) => part !== '');
  return parts.map((_, index) => parts.slice(index));
}

/** A column of `values` is made of what stands at its place in each row. */
function walkValues(walker: Walker, node: JsonObject, scope: Scope): Relation {
  const rows: unknown[][] = Array.isArray(node['values']) ? node['values'].filter(Array.isArray) : [];
  const width = Math.max(0, ...rows.map((row) => row.length));
  const columns = Array.from({ length: width }, (_, place) => ({
    name: `col${String(place)}`,
    sources: uniteSources(rows.map((row) => walker.walkExpression(walker, row[place], scope))),
  }));
  return { columns, rest: null, rows: NOTHING };
}

function walkTableFunction(walker: Walker, node: JsonObject, scope: Scope): Relation {
  const name = isObject(node['function']) ? readName(node['function'], 'function_name') : '';
  const given = walker.walkExpression(walker, node['function'], scope);
  const isKnown = ROWS_OF_ARGUMENTS.includes(name);
  return openRelation(isKnown ? given : markUnknown(`table function ${name}`, walker.everything), given);
}

/** The right side sees the left one: a query there may be lateral without saying so. */
function walkJoin(walker: Walker, node: JsonObject, scope: Scope): From {
  const left = walkFrom(walker, node['left'], scope);
  const right = walkFrom(walker, node['right'], within(scope, { tables: left.tables }));
  const both = within(scope, { tables: [...left.tables, ...right.tables] });
  const shared =
    node['ref_type'] === 'NATURAL' ? listCommon(left.tables, right.tables) : readList(node, 'using_columns');
  const strangers = listStrangers(node, [...COMMON_KEYS, ...(KEYS['JOIN'] ?? [])]);
  const rows = uniteSources([
    ...[left.rows, right.rows, walker.walkExpression(walker, node['condition'], both)],
    ...both.tables.flatMap(({ relation }) => shared.map((name) => findColumn(relation, name) ?? NOTHING)),
  ]);
  // Of `semi` and `anti` only the left side is in sight.
  const isFilter = node['join_type'] === 'SEMI' || node['join_type'] === 'ANTI';
  const tables = (isFilter ? left.tables : both.tables).map((table) => ({
    ...table,
    relation: addToAll(
      table.relation,
      uniteSources(strangers.map((name) => markUnknown(name, walker.everything))),
    ),
  }));
  return { tables, merged: new Set([...left.merged, ...right.merged, ...shared]), rows };
}

function listCommon(left: readonly Table[], right: readonly Table[]): string[] {
  const [here, there] = [left, right].map(
    (tables) => new Set(tables.flatMap(({ relation }) => relation.columns.map(({ name }) => name))),
  );
  return [...(here ?? [])].filter((name) => there?.has(name));
}

/** A kind that is not known is told as such already. */
function withStrangers(walker: Walker, node: JsonObject, relation: Relation): Relation {
  const known = KEYS[readKind(node['type'])];
  const strangers = known === undefined ? [] : listStrangers(node, [...COMMON_KEYS, ...known]);
  return addToAll(relation, uniteSources(strangers.map((name) => markUnknown(name, walker.everything))));
}
