import { createHash } from 'node:crypto';
import { quoteName } from '../../base/duckdb.js';
import { isObject, type JsonObject } from '../../base/json-values.js';
import { INCREMENTAL } from '../materializations/incremental.js';
import { isIn } from '../materializations/dated-builds.js';
import type { Build } from '../materializations/materialization.js';
import type { Model } from '../models/model.js';
import { FUNCTIONS, listNames } from '../sql/functions.js';
import type { Inspection } from '../sql/inspect-sql.js';
import { listObjects, readKind, readList, readName, walk } from '../sql/syntax-tree.js';
import type { BuildScope } from '../transform-input.js';
import type { CheckedDate, IsChecked } from './checked-dates.js';

/**
 * SQL checks that judge each row of one table for itself. Where that table is built date by date, the dates that have
 * passed and were not built again pass again, so that only the others are read.
 */

/** A reference to a table in the text of a check: the text before it, and after it. */
export interface RowFilter {
  /** Qualified name of the table. */
  readonly table: string;
  readonly before: string;
  /** Begins with the alias, if the text has one. */
  readonly after: string;
  /** The name of the rows where the text has no alias. */
  readonly as: string;
}

/** More dates than that are read as the whole table. */
const MAX_DATES = 31;

const SEVERAL_ROWS = new Set([...listNames(FUNCTIONS.aggregates), ...listNames(FUNCTIONS.windows)]);

/** Null for a SELECT whose result for a row may depend on another row, another table or the clock. Pure. */
export function findRowFilter(
  sql: string,
  { statement, functions, nonDeterministic }: Inspection,
): RowFilter | null {
  const node = isObject(statement) ? statement['node'] : null;
  if (!isObject(node) || !isPlain(node) || nonDeterministic.length > 0) return null;
  if (functions.some((name) => SEVERAL_ROWS.has(name))) return null;
  const from = node['from_table'];
  if (!isObject(from) || from['type'] !== 'BASE_TABLE' || from['sample'] !== null) return null;
  if (readName(from, 'catalog_name') !== '' || readList(from, 'column_name_alias').length > 0) return null;
  const nodes = [...walk([node['select_list'], node['where_clause']])];
  if (nodes.some(isOfSeveralRows)) return null;
  return splitAt(sql, from);
}

function isPlain(node: JsonObject): boolean {
  const lists = ['modifiers', 'group_expressions', 'group_sets'];
  const absent = ['having', 'sample', 'qualify'];
  const ctes = isObject(node['cte_map']) ? listObjects(node['cte_map']['map']) : [];
  return (
    node['type'] === 'SELECT_NODE' &&
    node['aggregate_handling'] === 'STANDARD_HANDLING' &&
    ctes.length === 0 &&
    lists.every((key) => Array.isArray(node[key]) && node[key].length === 0) &&
    absent.every((key) => node[key] === null)
  );
}

/** A subquery, a window, or a column by the name of its schema, which a subquery in place of the table does not have. */
function isOfSeveralRows(node: JsonObject): boolean {
  const kind = readKind(node['class']);
  const isQualified = kind === 'COLUMN_REF' && readList(node, 'column_names').length > 2;
  return ['SUBQUERY', 'WINDOW'].includes(kind) || isQualified || readName(node, 'function_name') === 'unnest';
}

function splitAt(sql: string, from: JsonObject): RowFilter | null {
  const [schema, table] = [readName(from, 'schema_name'), readName(from, 'table_name')];
  const at = Number(from['query_location']);
  const bytes = Buffer.from(sql);
  const rest = bytes.subarray(at).toString();
  const [found] = new RegExp(`^"?${schema}"?\\.("?)${table}\\1(?![\\w.])`, 'i').exec(rest) ?? [];
  if (!/^[a-z_]\w*$/.test(schema) || !/^[a-z_]\w*$/.test(table) || found === undefined) return null;
  const as = readName(from, 'alias') === '' ? ` as ${quoteName(table)}` : '';
  const before = bytes.subarray(0, at).toString();
  return { table: `${schema}.${table}`, before, after: rest.slice(found.length), as };
}

interface DatedSource {
  readonly sql: string;
  readonly file: string;
  readonly rowFilter: RowFilter | null;
}

export interface DatedCheck {
  /** The SQL for some dates, '' if there are none to read; null for all. */
  readonly part: string | null;
  /** What is known once it has found nothing. */
  readonly states: readonly CheckedDate[];
}

/** What has to be read of a check, once the tables are built. */
export function planDatedCheck(
  check: DatedSource,
  {
    models,
    builds,
    isChecked,
    scope,
  }: {
    readonly models: readonly Model[];
    /** By model. */
    readonly builds: ReadonlyMap<string, readonly Build[]>;
    readonly isChecked: IsChecked;
    readonly scope: BuildScope;
  },
): DatedCheck {
  const { rowFilter } = check;
  const model = models.find(({ name }) => name === rowFilter?.table);
  const [column] = model?.planner.needs ?? [];
  if (rowFilter === null || model?.materialization !== INCREMENTAL || column === undefined)
    return { part: null, states: [] };
  const states = (builds.get(model.name) ?? []).flatMap(({ date, sqlSha256, inputsSha256 }) => {
    const sha256 = createHash('sha256')
      .update(JSON.stringify([check.sql, sqlSha256, inputsSha256]))
      .digest('hex');
    return date === null ? [] : [{ dataset: check.file, date, sha256 }];
  });
  const isWhole = typeof scope === 'string';
  const open = states.filter((state) => isWhole || scope.includes(state.date) || !isChecked(state));
  if (isWhole || open.length > MAX_DATES) return { part: null, states };
  if (open.length === 0) return { part: '', states };
  const { table, before, after, as } = rowFilter;
  const wanted = isIn(
    quoteName(column),
    open.map(({ date }) => date),
  );
  return { part: `${before}(select * from ${table} where ${wanted})${as}${after}`, states };
}
