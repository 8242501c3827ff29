import { isObject, type JsonObject } from '../../base/types/json-values.js';
import { readKind, readList, readName } from '../sql/syntax-tree.js';
import { listStrangers } from './closed-node.js';
import { addToAll, openRelation, type Relation, renameColumns, sourcesOfAll } from './relation.js';
import { type Scope, within } from './scope.js';
import { markUnknown, NOTHING, type Sources, uniteSources } from './sources.js';
import { walkItem } from './walk-item.js';
import { walkRecursion, walkSetOperation } from './walk-set-operation.js';
import type { Walker } from './walker.js';

const SELECT_KEYS = [
  ...['type', 'modifiers', 'cte_map', 'select_list', 'from_table', 'where_clause', 'group_expressions'],
  ...['group_sets', 'aggregate_handling', 'having', 'sample', 'qualify'],
];

/** A query with the CTEs in front of it, and what orders and limits it. */
export function walkQuery(walker: Walker, node: unknown, scope: Scope): Relation {
  if (!isObject(node)) return openRelation(markUnknown('query', walker.everything));
  const inner = withCtes(walker, node, scope);
  switch (node['type']) {
    case 'SELECT_NODE':
      return walkSelect(walker, node, inner);
    case 'SET_OPERATION_NODE':
      return limit(walker, node, inner, walkSetOperation(walker, node, inner));
    case 'RECURSIVE_CTE_NODE':
      return limit(walker, node, inner, walkRecursion(walker, node, inner));
    default:
      return openRelation(markUnknown(readKind(node['type']), walker.everything));
  }
}

/** A CTE sees those before it. One that is recursive brings a query of its own kind. */
function withCtes(walker: Walker, node: JsonObject, scope: Scope): Scope {
  const map = isObject(node['cte_map']) ? node['cte_map']['map'] : null;
  const ctes = new Map(scope.ctes);
  for (const entry of Array.isArray(map) ? map : []) {
    if (!isObject(entry) || !isObject(entry['value'])) continue;
    const { query } = entry['value'];
    const relation = walkQuery(walker, isObject(query) ? query['node'] : null, {
      ...scope,
      ctes: new Map(ctes),
    });
    ctes.set(readName(entry, 'key'), renameColumns(relation, readList(entry['value'], 'aliases')));
  }
  return { ...scope, ctes };
}

function walkSelect(walker: Walker, node: JsonObject, outer: Scope): Relation {
  const from = walker.walkFrom(walker, node['from_table'], outer);
  let scope = within(outer, { tables: from.tables });
  const items = [];
  for (const entry of Array.isArray(node['select_list']) ? node['select_list'] : []) {
    const item = walkItem(walker, entry, scope, from.merged);
    items.push(item);
    scope = { ...scope, aliases: nameItem(scope.aliases, item.columns) };
  }
  const rests = items.flatMap(({ rest }) => (rest === null ? [] : [rest]));
  const columns = items.flatMap((item) => item.columns);
  const given = { columns, rest: rests.length === 0 ? null : uniteSources(rests), rows: NOTHING };
  const rows = uniteSources([
    from.rows,
    ...['where_clause', 'having', 'qualify'].map((key) => walker.walkExpression(walker, node[key], scope)),
    walkGroups(walker, node, scope, given),
    walkModifiers(walker, node, scope, given),
  ]);
  const strangers = listStrangers(node, SELECT_KEYS).map((name) => markUnknown(name, walker.everything));
  return addToAll({ ...given, rows }, uniteSources(strangers));
}

function nameItem(known: Scope['aliases'], columns: Relation['columns']): Scope['aliases'] {
  const aliases = new Map(known);
  for (const { name, sources } of columns)
    aliases.set(name, uniteSources([aliases.get(name) ?? NOTHING, sources]));
  return aliases;
}

/** `group by 1` and `group by all` group by what the select list gives. */
function walkGroups(walker: Walker, node: JsonObject, scope: Scope, given: Relation): Sources {
  const groups = Array.isArray(node['group_expressions']) ? node['group_expressions'] : [];
  const isByPlace = groups.some((group) => isObject(group) && group['class'] === 'CONSTANT');
  const isByAll = node['aggregate_handling'] === 'FORCE_AGGREGATES';
  const byGiven = isByPlace || isByAll ? [sourcesOfAll(given)] : [];
  return uniteSources([...byGiven, walker.walkExpression(walker, groups, scope)]);
}

/** Of `distinct`, what it compares; of `order by`, what a limit would cut by: names, or places of the select list. */
function walkModifiers(walker: Walker, node: JsonObject, scope: Scope, given: Relation): Sources {
  const modifiers = Array.isArray(node['modifiers']) ? node['modifiers'] : [];
  if (modifiers.length === 0) return NOTHING;
  return uniteSources([sourcesOfAll(given), walker.walkExpression(walker, modifiers, scope)]);
}

/** Names in an `order by` of several queries are those of what they give. */
function limit(walker: Walker, node: JsonObject, scope: Scope, relation: Relation): Relation {
  const inner = within(scope, { tables: [{ names: [], relation }] });
  const rows = uniteSources([relation.rows, walkModifiers(walker, node, inner, relation)]);
  return { ...relation, rows };
}
