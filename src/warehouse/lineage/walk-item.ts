import { isObject, type JsonObject } from '../../base/types/json-values.js';
import { readList, readName } from '../sql/syntax-tree.js';
import { type Column, findColumn } from './relation.js';
import { type Scope, sourcesOfTables } from './scope.js';
import { NOTHING, type Sources, uniteSources } from './sources.js';
import type { Walker } from './walker.js';

/** What an entry of a select list gives: columns, and what those are made of that cannot be listed. */
export interface Item {
  readonly columns: readonly Column[];
  readonly rest: Sources | null;
}

/** One entry of a select list; `merged` are columns that a join shows once. */
export function walkItem(walker: Walker, node: unknown, scope: Scope, merged: ReadonlySet<string>): Item {
  if (isObject(node) && isPlainStar(node)) return expandStar(walker, node, scope, merged);
  const sources = walker.walkExpression(walker, node, scope);
  if (hasStar(node)) return { columns: [], rest: sources };
  const columns = [{ name: nameOf(node), sources }];
  return { columns, rest: isOfOtherNames(node) ? sources : null };
}

/** Of a struct, these functions give a column for each field; `#1` bears the name of the column that stands there. */
function isOfOtherNames(node: unknown): boolean {
  if (!isObject(node)) return false;
  const isUnnest = ['unnest', 'unlist'].includes(readName(node, 'function_name'));
  return isUnnest || (node['class'] === 'POSITIONAL_REFERENCE' && readName(node, 'alias') === '');
}

function isPlainStar(node: JsonObject): boolean {
  return node['class'] === 'STAR' && node['columns'] !== true && !isObject(node['expr']);
}

/** `COLUMNS(…)`, or a star within an expression: as many columns as it stands for. Of a query within, they are its own. */
function hasStar(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(hasStar);
  if (!isObject(node) || node['class'] === 'SUBQUERY') return false;
  return node['class'] === 'STAR' || Object.values(node).some(hasStar);
}

/** The name that DuckDB gives, as far as that is simple; '' for one that is made of an expression's text. */
function nameOf(node: unknown): string {
  if (!isObject(node)) return '';
  const alias = readName(node, 'alias');
  return alias === '' && node['class'] === 'COLUMN_REF'
    ? (readList(node, 'column_names').at(-1) ?? '')
    : alias;
}

/** `*` and `t.*`, with `exclude`, `replace` and `rename`; where these name a table too, nothing is listed. */
function expandStar(walker: Walker, star: JsonObject, scope: Scope, merged: ReadonlySet<string>): Item {
  const of = readName(star, 'relation_name');
  const tables = scope.tables.filter(({ names }) => of === '' || names.some((name) => name.at(-1) === of));
  const listed = { ...scope, tables };
  const excluded = readNames(star['exclude_list']);
  const [replaced, renamed] = [readPairs(star['replace_list']), readPairs(star['rename_list'])];
  const isSimple =
    excluded !== null && replaced !== null && renamed !== null && isEmpty(star['qualified_exclude_list']);
  const replacing = (replaced ?? []).map(
    ([name, value]) => [name, walker.walkExpression(walker, value, scope)] as const,
  );
  if (tables.length === 0 || !isSimple) {
    const others = tables.length === 0 ? [walker.everything] : [];
    return {
      columns: [],
      rest: uniteSources([...others, sourcesOfTables(listed), ...replacing.map(([, made]) => made)]),
    };
  }
  const values = new Map(replacing);
  const names = new Map(renamed.map(([name, other]) => [name, String(other).toLowerCase()]));
  const columns = listColumns(listed, of === '' ? merged : new Set())
    .filter(({ name }) => !excluded.includes(name))
    .map(({ name, sources }) => ({ name: names.get(name) ?? name, sources: values.get(name) ?? sources }));
  const rests = tables.flatMap(({ relation }) => (relation.rest === null ? [] : [relation.rest]));
  return { columns, rest: rests.length === 0 ? null : uniteSources([...rests, ...values.values()]) };
}

/** The columns of a scope's own tables in their order, each that a join merges once, made of all of its name. */
function listColumns({ tables }: Scope, merged: ReadonlySet<string>): Column[] {
  const met = new Set<string>();
  return tables.flatMap(({ relation }) =>
    relation.columns.flatMap((column) => {
      if (!merged.has(column.name)) return [column];
      if (met.has(column.name)) return [];
      met.add(column.name);
      const all = tables.map((table) => findColumn(table.relation, column.name) ?? NOTHING);
      return [{ name: column.name, sources: uniteSources(all) }];
    }),
  );
}

function isEmpty(list: unknown): boolean {
  return !Array.isArray(list) || list.length === 0;
}

function readNames(list: unknown): string[] | null {
  if (isEmpty(list) || !Array.isArray(list)) return [];
  return list.every((name) => typeof name === 'string') ? list.map((name) => name.toLowerCase()) : null;
}

/** Keys and values; null where a key is more than the name of a column. */
function readPairs(list: unknown): (readonly [string, unknown])[] | null {
  if (isEmpty(list) || !Array.isArray(list)) return [];
  const pairs = list.map((entry: unknown) =>
    isObject(entry) ? ([readKey(entry['key']), entry['value']] as const) : null,
  );
  const known = pairs.flatMap((pair) =>
    pair === null || pair[0] === null ? [] : [[pair[0], pair[1]] as const],
  );
  return known.length === pairs.length ? known : null;
}

function readKey(key: unknown): string | null {
  if (typeof key === 'string') return key.toLowerCase();
  if (!isObject(key) || readName(key, 'table') !== '') return null;
  return readName(key, 'column') === '' ? null : readName(key, 'column');
}
