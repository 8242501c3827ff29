import { isObject, type JsonObject } from '../../base/types/json-values.js';
import { readList } from '../sql/syntax-tree.js';
import { findColumn, type Relation, sourcesOfMadeNames } from './relation.js';
import { type Scope, sourcesOfTables, within } from './scope.js';
import { NOTHING, uniteSources } from './sources.js';
import type { Walker } from './walker.js';

/**
 * PIVOT and UNPIVOT. Columns that are made are not listed: each may hold whatever is added up, by whatever it is told
 * apart. Columns that stay are made of themselves; where their list is not given, of what is made too, since a made
 * column could bear the name of one.
 */
export function walkPivot(walker: Walker, node: JsonObject, scope: Scope): Relation {
  const from = walker.walkFrom(walker, node['source'], scope);
  const inner = within(scope, { tables: from.tables });
  const isUnpivot = Array.isArray(node['unpivot_names']) && node['unpivot_names'].length > 0;
  const named = walker.walkExpression(walker, [node['aggregates'], ...listPivots(node)], inner);
  // What an UNPIVOT turns into rows it names by texts.
  const made = isUnpivot ? uniteSources([sourcesOfTables(inner), named]) : named;
  const all = from.tables.flatMap(({ relation }) => relation.columns.map(({ name }) => name));
  const groups = readList(node, 'groups');
  const stays = (name: string) =>
    uniteSources(from.tables.flatMap(({ relation }) => findColumn(relation, name) ?? []));
  const columns = [...new Set(groups.length > 0 ? groups : all)].map((name) => ({
    name,
    sources: groups.length > 0 && all.includes(name) ? stays(name) : uniteSources([stays(name), made]),
  }));
  const rests = from.tables.flatMap(({ relation }) => [
    relation.rest ?? NOTHING,
    sourcesOfMadeNames(relation) ?? NOTHING,
  ]);
  const rows = uniteSources([from.rows, made, ...columns.map(({ sources }) => sources)]);
  return { columns, rest: uniteSources([made, ...rests]), rows };
}

/** What tells the made columns apart: expressions, and values that may be queries. */
function listPivots(node: JsonObject): unknown[] {
  const pivots = Array.isArray(node['pivots']) ? node['pivots'] : [];
  return pivots.flatMap((pivot: unknown) => (isObject(pivot) ? Object.values(pivot) : []));
}
