import type { CellRules } from '../../base/types/warehouse-reader.js';
import { isObject } from '../../base/json-values.js';
import type { LandingColumnType } from '../landed-partition.js';
import { foldName, listObjects, readName, walk } from '../sql/syntax-tree.js';
import { containsCount, countsPeople, hasPersonRows, type ReportProblem } from './assert-people.js';
import { type Item, nameOf } from './assert-dated.js';
import {
  findModels,
  listMeanings,
  listOutermost,
  listPersonTokens,
  placeOf,
  type Query,
  readRef,
  startWay,
  type Tables,
  type Way,
} from './follow-names.js';

/** What decides how the cells of a report are hidden. */
export interface CellInput {
  readonly query: Query;
  /** Its columns as DuckDB names them. */
  readonly columns: readonly string[];
  readonly minCell: number;
  readonly people: string;
  readonly totals: readonly string[];
  /** Names of all aggregates. */
  readonly aggregates: ReadonlySet<string>;
}

/** The rules for the cells of a report, or why hiding its small cells would not be enough. Runs nothing. */
export function findCellRules(input: CellInput, tables: Tables): CellRules | ReportProblem {
  const way = startWay(input.query, tables);
  const problem = findTotalProblem(input, way) ?? findShapeProblem(input.query, way, input.totals.length > 0);
  if (problem !== null) return problem;
  const names = input.columns.map(foldName);
  return {
    minCell: input.minCell,
    people: foldName(input.people),
    counts: names.filter((name) => countsPeople(input.query, name, tables)),
    totals: input.totals.map(foldName),
    labels: names.filter((name) => !isMeasureName(way, name, input.aggregates)),
  };
}

function findTotalProblem({ query, columns, totals }: CellInput, way: Way): ReportProblem | null {
  const items = listOutermost(query.statement)[0] ?? [];
  for (const total of totals) {
    if (!columns.map(foldName).includes(foldName(total)))
      return {
        problem: `the head names an unknown column ${total}`,
        fix: `name one of: ${columns.join(', ')}`,
      };
    const item = items[placeOf(items, foldName(total))] ?? { class: 'COLUMN_REF', column_names: [total] };
    if (!containsCount(item, way))
      return {
        problem: `the total ${total} is not made of counts of distinct tokens of people`,
        fix: 'count the people of the total with `count(distinct TOKEN)`',
      };
  }
  return null;
}

/** Functions whose result is a value of one row, or a list of such values. */
const PICKS = new Set(
  `min max first last any_value arbitrary arg_min arg_max argmin argmax min_by max_by arg_min_null arg_max_null
  arg_min_nulls_last arg_max_nulls_last first_value last_value nth_value lag lead mode quantile_disc list array_agg
  string_agg group_concat listagg histogram json_group_array json_group_object json_group_structure approx_top_k`.split(
    /\s+/,
  ),
);
/** Aggregates whose result says nothing about a single row, if there are enough of them. */
const SUMS = new Set(
  `count count_star count_if countif approx_count_distinct sum sum_no_overflow fsum kahan_sum sumkahan avg mean favg
  stddev stddev_pop stddev_samp var_pop var_samp variance bool_and bool_or`.split(/\s+/),
);
const RANKS = new Set('rank rank_dense dense_rank row_number percent_rank cume_dist ntile'.split(' '));

/**
 * What would show or allow to compute a hidden number. In the report everything counts; in a model that it reads, what its
 * columns are made of. Rows of single people, in a CTE or in a model with their token, are not rows of the report.
 */
function findShapeProblem(query: Query, way: Way, hasTotal: boolean): ReportProblem | null {
  const own = findProblemIn(query, null, way, hasTotal);
  if (own !== null) return own;
  const seen = new Set<Query>();
  const follow = (of: Query, names: ReadonlySet<string>): ReportProblem | null => {
    for (const model of of.reads.flatMap((read) => findModels(read, way.tables))) {
      const inner = startWay(model, way.tables);
      if (seen.has(model) || listOutermost(model.statement).some((items) => hasPersonRows(items, inner)))
        continue;
      seen.add(model);
      const used = closeNames(model, names);
      const found = findProblemIn(model, used, inner, hasTotal) ?? follow(model, used);
      if (found !== null) return { ...found, problem: `${found.problem} (in ${model.name})` };
    }
    return null;
  };
  return follow(query, listRefs(query.statement));
}

function listRefs(node: unknown): Set<string> {
  return new Set([...walk(node)].flatMap((part) => (part['class'] === 'COLUMN_REF' ? [readRef(part)] : [])));
}

/** The names, and those that the columns of these names are made of. */
function closeNames({ statement }: Query, names: ReadonlySet<string>): Set<string> {
  const items = [...walk(statement)].flatMap((node) => listObjects(node['select_list']));
  const closed = new Set(names);
  for (const name of closed)
    for (const item of items.filter((one) => nameOf(one) === name))
      for (const ref of listRefs(item)) closed.add(ref);
  return closed;
}

/** @param used names of the columns that count; null for everything */
function findProblemIn(
  { statement }: Query,
  used: ReadonlySet<string> | null,
  way: Way,
  hasTotal: boolean,
): ReportProblem | null {
  for (const node of walk(statement)) {
    const items = listObjects(node['select_list']);
    if (Array.isArray(node['group_sets']) && node['group_sets'].length > 1) return SUBTOTALS;
    const isOutermost = used === null && isObject(statement) && statement['node'] === node;
    if (isUnionOfGroups(node, isOutermost, way)) return UNION;
    if (node['type'] === 'PIVOT') return PIVOT;
    if (items.length === 0 || hasPersonRows(items, way)) continue;
    const shown = used === null ? [items, node['modifiers']] : items.filter((item) => used.has(nameOf(item)));
    for (const part of walk(shown)) {
      const problem = findPartProblem(part, way, hasTotal);
      if (problem !== null) return problem;
    }
  }
  return null;
}

/** Several SELECTs of which one groups rows or shows counts of people; in a report, also those whose rows are its own. */
function isUnionOfGroups(node: Item, isOutermost: boolean, way: Way): boolean {
  if (node['type'] !== 'SET_OPERATION_NODE') return false;
  if (isOutermost) return true;
  return [...walk(node)].some((side) => {
    const items = listObjects(side['select_list']);
    const calls = [...walk(items)].map((part) => readName(part, 'function_name'));
    const isGrouped =
      listObjects(side['group_expressions']).length > 0 ||
      calls.some((name) => SUMS.has(name) || PICKS.has(name)) ||
      items.some((item) => containsCount(item, way));
    return isGrouped && !hasPersonRows(items, way);
  });
}

const SUBTOTALS: ReportProblem = {
  problem:
    'it has rows of groups beside rows of their total (rollup, cube, grouping sets), which give away hidden rows',
  fix: 'write one report with one `group by` for each level',
};
const UNION: ReportProblem = {
  problem: 'it puts several SELECTs together, and rows of one may be the total of rows of another',
  fix: 'write one SELECT with one `group by`, or one report for each',
};
const PIVOT: ReportProblem = {
  problem: 'it has the numbers of several groups in one row (pivot)',
  fix: 'write one row for each group, with `group by`',
};

function findPartProblem(part: Item, way: Way, hasTotal: boolean): ReportProblem | null {
  const name = readName(part, 'function_name');
  const isWindow = part['class'] === 'WINDOW';
  if ((isWindow || part['class'] === 'FUNCTION') && PICKS.has(name)) {
    const shown = findShown(part['children'], way);
    if (shown !== null)
      return {
        problem: `\`${name}\` shows a value of one person: ${shown}`,
        fix: 'count or sum instead, or group by a coarser column',
      };
  }
  if (part['class'] === 'SUBQUERY' && part['subquery_type'] === 'SCALAR') {
    const shown = findShown(listOutermost(part['subquery']).flat(), way);
    if (shown !== null)
      return {
        problem: `a subquery shows a value of one person: ${shown}`,
        fix: 'count or sum in the subquery',
      };
  }
  if (isWindow && listObjects(part['orders']).length > 0 && !RANKS.has(name))
    return {
      problem: `\`${name}\` over an order shows the numbers of other rows, from which a hidden one can be computed`,
      fix: 'leave the column out of the report',
    };
  const [left, right] = listObjects(part['children']);
  const isShare = (name === '/' || name === '//') && containsCount(left, way) && containsCount(right, way);
  return isShare && !hasTotal
    ? {
        problem: 'it has a share of people without its denominator',
        fix: 'show the denominator in a column and name it: `-- total: COLUMN`',
      }
    : null;
}

/** A landed column whose values an expression shows, and that tells people apart or is text about them; null if none. */
function findShown(node: unknown, way: Way): string | null {
  const visited = new Set<string>();
  const tells = (column: LandingColumnType, isPersonal: boolean): boolean =>
    column.class !== 'none' || (column.type === 'VARCHAR' && isPersonal);
  const search = (at: unknown, on: Way): string | null => {
    for (const ref of listShownRefs(at)) {
      const key = `${on.query.reads.join()} ${ref}`;
      if (visited.has(key)) continue;
      visited.add(key);
      for (const meaning of listMeanings(on, ref)) {
        if (meaning.kind === 'landed') {
          const { dataset, column } = meaning;
          if (tells(column, listPersonTokens(dataset).length > 0))
            return `bronze.${dataset.name}.${column.name}`;
        }
        const found =
          meaning.kind === 'item'
            ? search(meaning.item, meaning.way)
            : meaning.kind === 'model'
              ? search({ class: 'COLUMN_REF', column_names: [ref] }, startWay(meaning.model, way.tables))
              : null;
        if (found !== null) return found;
      }
    }
    return null;
  };
  return search(node, way);
}

/** Parts of a call or of a `case` that choose rows or values, and are not among them. */
const CONDITIONS = new Set(['filter', 'filter_expr', 'when_expr']);

/** References in an expression, but not those that it counts or sums, nor those in a condition. */
function listShownRefs(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(listShownRefs);
  if (!isObject(node)) return [];
  if (node['class'] === 'COLUMN_REF') return [readRef(node)];
  if (node['class'] === 'FUNCTION' && SUMS.has(readName(node, 'function_name'))) return [];
  return Object.entries(node).flatMap(([key, child]) => (CONDITIONS.has(key) ? [] : listShownRefs(child)));
}

/** Whether a column is made of an aggregate or a window, and not one of those by which the rows are grouped. */
function isMeasureName(way: Way, name: string, aggregates: ReadonlySet<string>): boolean {
  const items = listOutermost(way.query.statement).flatMap((list) =>
    list.slice(placeOf(list, name)).slice(0, placeOf(list, name) < 0 ? 0 : 1),
  );
  return items.length > 0
    ? items.some((item) => isMeasure(item, way, aggregates))
    : leadsToMeasure(way, name, aggregates);
}

function isMeasure(item: Item, way: Way, aggregates: ReadonlySet<string>): boolean {
  return [...walk(item)].some((part) => {
    if (part['class'] === 'COLUMN_REF') return leadsToMeasure(way, readRef(part), aggregates);
    const isCall = part['class'] === 'FUNCTION' && aggregates.has(readName(part, 'function_name'));
    return isCall || part['class'] === 'WINDOW' || part['class'] === 'SUBQUERY';
  });
}

function leadsToMeasure(way: Way, name: string, aggregates: ReadonlySet<string>): boolean {
  return listMeanings(way, name).some((meaning) => {
    if (meaning.kind === 'item') return isMeasure(meaning.item, meaning.way, aggregates);
    if (meaning.kind !== 'model') return false;
    const inner = startWay(meaning.model, way.tables);
    const isOfPeople = listOutermost(meaning.model.statement).some((items) => hasPersonRows(items, inner));
    return !isOfPeople && isMeasureName(inner, name, aggregates);
  });
}
