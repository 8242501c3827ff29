import { isObject } from '../../base/json-values.js';
import type { BronzeDataset } from '../landed-partition.js';
import { type Model, namesOf } from '../models/model.js';
import { foldName, readList, readName } from '../sql/syntax-tree.js';
import { type Item, listItems, nameOf } from './assert-dated.js';

/** What the warehouse holds, for the way of a column back to where it lands. */
export interface Tables {
  readonly models: readonly Model[];
  readonly datasets: readonly BronzeDataset[];
}

/** The head of a report: the column that counts people, or why there is none. */
export type People =
  { readonly kind: 'column'; readonly column: string } | { readonly kind: 'none'; readonly because: string };

/** A SELECT and the tables that it reads. */
interface Query {
  readonly statement: unknown;
  readonly reads: readonly string[];
}

/** What is wrong with `-- people:`, and what to write; null if nothing is. */
export function findPeopleProblem(people: People, query: Query, tables: Tables): PeopleProblem | null {
  const tokens = listTokens(query, tables);
  if (people.kind === 'none') {
    const [token] = tokens;
    if (token === undefined) return null;
    const problem = `\`people: none\` is for reports without people, and this one reads ${token}`;
    return { problem, fix: `write \`-- people: COLUMN\`, a \`count(distinct …)\` of ${token}` };
  }
  if (countsTokens(query, people.column, tables)) return null;
  const problem = `the column ${people.column} is not a count of distinct tokens of people`;
  const fix =
    tokens.length === 0
      ? 'it reads no tokens: write `-- people: none because WHY`'
      : `count them with \`count(distinct TOKEN)\`, in the report or in a model that it reads; tokens: ${tokens.join(', ')}`;
  return { problem, fix };
}

export interface PeopleProblem {
  readonly problem: string;
  readonly fix: string;
}

/** Landed columns with tokens in the datasets that a query reads, directly or through models; sorted. */
function listTokens(query: Query, tables: Tables): string[] {
  const tokens = new Set<string>();
  const seen = new Set<string>();
  const follow = ({ reads }: Pick<Query, 'reads'>): void => {
    for (const name of reads) {
      if (seen.has(name)) continue;
      seen.add(name);
      for (const { columns } of tables.datasets.filter((dataset) => `bronze.${dataset.name}` === name))
        for (const column of columns.filter(isToken)) tokens.add(`${name}.${column.name}`);
      for (const model of findModels(name, tables)) follow(model);
    }
  };
  follow(query);
  return [...tokens].sort();
}

/** Whether each SELECT of the outermost query gives the column as a count of tokens. */
function countsTokens(query: Query, column: string, tables: Tables): boolean {
  const name = foldName(column);
  const outermost = listOutermost(isObject(query.statement) ? query.statement['node'] : null);
  const place = outermost[0]?.findIndex((item) => nameOf(item) === name) ?? -1;
  const way = { query, tables, seen: new Set<string>() };
  if (place < 0) return reachesCount(way, name);
  return outermost.every((items) => isCount(items[place], { ...way, seen: new Set() }));
}

/** The lists of the SELECTs whose rows are those of the query: several in a union. */
function listOutermost(node: unknown): Item[][] {
  if (!isObject(node)) return [];
  const { select_list: items } = node;
  if (Array.isArray(items)) return [items.filter(isObject)];
  const sides = [node['left'], node['right'], node['child'], node['children']].flat();
  return sides.flatMap(listOutermost);
}

interface Way {
  readonly query: Query;
  readonly tables: Tables;
  /** Names that were followed in this query. */
  readonly seen: Set<string>;
}

/** Whether an expression contains a count of distinct tokens, in any of the columns that it is made of. */
function isCount(node: unknown, way: Way): boolean {
  if (Array.isArray(node)) return node.some((child) => isCount(child, way));
  if (!isObject(node)) return false;
  if (node['class'] === 'COLUMN_REF') return reachesCount(way, readList(node, 'column_names').at(-1) ?? '');
  const isDistinct = readName(node, 'function_name') === 'count' && node['distinct'] === true;
  if (isDistinct && isTokenRef(node['children'], way)) return true;
  return Object.values(node).some((child) => isCount(child, way));
}

function reachesCount(way: Way, name: string): boolean {
  return follow(way, name, {
    item: (item, on) => isCount(item, on),
    model: (model, on) => countsTokens(model, name, on.tables),
    landed: () => false,
  });
}

function isTokenRef(node: unknown, way: Way): boolean {
  const argument: unknown = Array.isArray(node) ? node[0] : node;
  if (!isObject(argument) || argument['class'] !== 'COLUMN_REF') return false;
  return reachesToken({ ...way, seen: new Set() }, readList(argument, 'column_names').at(-1) ?? '');
}

function reachesToken(way: Way, name: string): boolean {
  return follow(way, name, {
    item: (item, on) =>
      item['class'] === 'COLUMN_REF' && reachesToken(on, readList(item, 'column_names').at(-1) ?? ''),
    model: (model, on) => reachesToken({ query: model, tables: on.tables, seen: new Set() }, name),
    landed: isToken,
  });
}

/** What a name in a query can stand for: a column of one of its SELECTs, of a model, or of a dataset. */
interface Ends {
  readonly item: (item: Item, way: Way) => boolean;
  readonly model: (model: Model, way: Way) => boolean;
  readonly landed: (column: BronzeDataset['columns'][number]) => boolean;
}

function follow(way: Way, name: string, { item, model, landed }: Ends): boolean {
  const { query, tables, seen } = way;
  if (name === '' || seen.has(name)) return findInTables(way, name, { item, model, landed });
  seen.add(name);
  const items = listItems(query.statement).filter((one) => nameOf(one) === name);
  return (
    items.some((one) => item(one, { query, tables, seen })) ||
    findInTables(way, name, { item, model, landed })
  );
}

function findInTables(way: Way, name: string, { model, landed }: Ends): boolean {
  const { query, tables } = way;
  return query.reads.some(
    (read) =>
      findModels(read, tables).some((one) => model(one, way)) ||
      tables.datasets.some(
        (dataset) =>
          `bronze.${dataset.name}` === read &&
          dataset.columns.some((column) => column.name === name && landed(column)),
      ),
  );
}

function findModels(name: string, { models }: Tables): readonly Model[] {
  return models.filter((model) => namesOf(model).includes(name));
}

function isToken({ treatment }: BronzeDataset['columns'][number]): boolean {
  return treatment === 'token';
}
