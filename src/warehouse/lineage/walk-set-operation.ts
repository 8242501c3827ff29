import type { JsonObject } from '../../base/types/json-values.js';
import { readKind, readList, readName } from '../sql/syntax-tree.js';
import { listStrangers } from './closed-node.js';
import {
  addToAll,
  findColumn,
  NO_TABLE,
  openRelation,
  type Relation,
  renameColumns,
  sourcesOfAll,
  sourcesOfMadeNames,
} from './relation.js';
import type { Scope } from './scope.js';
import { markUnknown, NOTHING, sizeOf, uniteSources } from './sources.js';
import type { Walker } from './walker.js';

const SET_KEYS = ['type', 'modifiers', 'cte_map', 'setop_type', 'left', 'right', 'setop_all'];
const RECURSION_KEYS = [
  ...['type', 'modifiers', 'cte_map', 'cte_name', 'union_all', 'left', 'right', 'aliases', 'key_targets'],
];
const BY_PLACE = ['UNION', 'EXCEPT', 'INTERSECT'];

/** `union`, `except`, `intersect`, by place or by name: a column is made of what both sides have there. */
export function walkSetOperation(walker: Walker, node: JsonObject, scope: Scope): Relation {
  const [left, right] = [node['left'], node['right']].map((side) => walker.walkQuery(walker, side, scope));
  const kind = readKind(node['setop_type']);
  const isKnown = BY_PLACE.includes(kind) || kind === 'UNION_BY_NAME';
  const strangers = isKnown ? listStrangers(node, SET_KEYS) : [`SET_OPERATION_NODE.${kind}`];
  const sides =
    kind === 'UNION_BY_NAME'
      ? joinByName(left ?? NO_TABLE, right ?? NO_TABLE)
      : joinByPlace(left ?? NO_TABLE, right ?? NO_TABLE);
  // But for `union all`, rows are told apart by all of their columns.
  const compared = kind.startsWith('UNION') && node['setop_all'] === true ? NOTHING : sourcesOfAll(sides);
  const joined = { ...sides, rows: uniteSources([sides.rows, compared]) };
  return addToAll(joined, uniteSources(strangers.map((name) => markUnknown(name, walker.everything))));
}

/** The query of a recursive CTE: its name stands for what it has given so far, until nothing is added. */
export function walkRecursion(walker: Walker, node: JsonObject, scope: Scope): Relation {
  const names = readList(node, 'aliases');
  const name = readName(node, 'cte_name');
  let given = renameColumns(walker.walkQuery(walker, node['left'], scope), names);
  for (let size = -1; size < measure(given);) {
    size = measure(given);
    const inner = { ...scope, ctes: new Map([...scope.ctes, [name, given]]) };
    given = joinByPlace(given, walker.walkQuery(walker, node['right'], inner));
  }
  const rows = uniteSources([
    given.rows,
    sourcesOfAll(given),
    walker.walkExpression(walker, node['key_targets'], scope),
  ]);
  const strangers = listStrangers(node, RECURSION_KEYS).map((key) => markUnknown(key, walker.everything));
  return addToAll({ ...given, rows }, uniteSources(strangers));
}

function measure(relation: Relation): number {
  const { columns, rows, rest } = relation;
  return [...columns.map(({ sources }) => sources), rows, rest ?? NOTHING].reduce(
    (sum, part) => sum + sizeOf(part),
    0,
  );
}

/** The names are those of the left side. Places that cannot be told make each column of everything. */
function joinByPlace(left: Relation, right: Relation): Relation {
  const rows = uniteSources([left.rows, right.rows]);
  const isListed = left.rest === null && right.rest === null && left.columns.length === right.columns.length;
  if (isListed) {
    const columns = left.columns.map(({ name, sources }, place) => ({
      name,
      sources: uniteSources([sources, right.columns[place]?.sources ?? NOTHING]),
    }));
    return { columns, rest: null, rows };
  }
  return openRelation(uniteSources([sourcesOfAll(left), sourcesOfAll(right)]), rows);
}

/** A column whose name DuckDB makes may be any of the other side. */
function joinByName(left: Relation, right: Relation): Relation {
  if (sourcesOfMadeNames(left) !== null || sourcesOfMadeNames(right) !== null)
    return openRelation(
      uniteSources([sourcesOfAll(left), sourcesOfAll(right)]),
      uniteSources([left.rows, right.rows]),
    );
  const names = new Set([...left.columns, ...right.columns].map(({ name }) => name));
  const rests = [left.rest, right.rest].flatMap((rest) => (rest === null ? [] : [rest]));
  const columns = [...names].map((name) => ({
    name,
    sources: uniteSources([findColumn(left, name) ?? NOTHING, findColumn(right, name) ?? NOTHING, ...rests]),
  }));
  const rows = uniteSources([left.rows, right.rows]);
  return { columns, rest: rests.length === 0 ? null : uniteSources(rests), rows };
}
