import { isObject } from '../../base/json-values.js';
import type { BronzeDataset, LandingColumnType } from '../landed-partition.js';
import { type Model, namesOf } from '../models/model.js';
import { foldName, readList, walk } from '../sql/syntax-tree.js';
import { type Item, listItems, nameOf } from './assert-dated.js';

/** What the warehouse holds, for the way of a column back to where it lands. */
export interface Tables {
  readonly models: readonly Model[];
  readonly datasets: readonly BronzeDataset[];
}

/** A SELECT and the tables that it reads. */
export interface Query {
  readonly statement: unknown;
  readonly reads: readonly string[];
}

/** A query, and the names that were followed in it. */
export interface Way {
  readonly query: Query;
  readonly tables: Tables;
  readonly seen: ReadonlySet<string>;
  /** Whether a sum of counts of people counts as one, though it may count a person more than once. */
  readonly allowsSums: boolean;
}

/** What a name in a query can stand for: a column of one of its SELECTs, of a model, or of a dataset. */
export type Meaning =
  | { readonly kind: 'item'; readonly item: Item; readonly way: Way }
  | { readonly kind: 'model'; readonly model: Model }
  | { readonly kind: 'landed'; readonly dataset: BronzeDataset; readonly column: LandingColumnType }
  /** A list such as `t(a, b)` gives it to a column by its place. */
  | { readonly kind: 'unknown' };

export function startWay(query: Query, tables: Tables, allowsSums = false): Way {
  return { query, tables, seen: new Set(), allowsSums };
}

/**
 * Everything that a name can stand for, regardless of scope: who needs all of it to be of a kind rejects a query in which
 * one name means two things. A name that was followed already stands for what the tables have of that name.
 */
export function listMeanings({ query, tables, seen, allowsSums }: Way, name: string): Meaning[] {
  const found: Meaning[] = query.reads.flatMap((read) => [
    ...findModels(read, tables)
      .filter((model) => listOutermost(model.statement).some((items) => placeOf(items, name) >= 0))
      .map((model) => ({ kind: 'model' as const, model })),
    ...findDatasets(read, tables).flatMap((dataset) =>
      dataset.columns
        .filter((column) => foldName(column.name) === name)
        .map((column) => ({ kind: 'landed' as const, dataset, column })),
    ),
  ]);
  if (seen.has(name)) return found;
  const way = { query, tables, seen: new Set([...seen, name]), allowsSums };
  for (const item of listItems(query.statement))
    if (nameOf(item) === name) found.push({ kind: 'item', item, way });
  const isPlaced = [...walk(query.statement)].some((node) =>
    [...readList(node, 'column_name_alias'), ...readList(node, 'aliases')].includes(name),
  );
  if (isPlaced) found.push({ kind: 'unknown' });
  return found;
}

/** The column of a reference, in lower case. */
export function readRef(node: Item): string {
  return readList(node, 'column_names').at(-1) ?? '';
}

export function findModels(name: string, { models }: Tables): readonly Model[] {
  return models.filter((model) => namesOf(model).includes(name));
}

export function findDatasets(name: string, { datasets }: Tables): readonly BronzeDataset[] {
  return datasets.filter((dataset) => `bronze.${dataset.name}` === name);
}

/** The lists of the SELECTs whose rows are those of a statement: several in a union. */
export function listOutermost(statement: unknown): Item[][] {
  return listSelects(isObject(statement) ? statement['node'] : null);
}

function listSelects(node: unknown): Item[][] {
  if (!isObject(node)) return [];
  const { select_list: items } = node;
  if (Array.isArray(items)) return [items.filter(isObject)];
  const sides = [node['left'], node['right'], node['child'], node['children']].flat();
  return sides.flatMap(listSelects);
}

export function placeOf(items: readonly Item[], name: string): number {
  return items.findIndex((item) => nameOf(item) === name);
}

/**
 * The tokens by which people are counted. A dataset may have tokens of other things, such as of an order: beside one of
 * a direct identifier they do not count, and one that is not about a person never does.
 */
export function listPersonTokens({ columns }: BronzeDataset): readonly LandingColumnType[] {
  const tokens = columns.filter(({ treatment, class: pii }) => treatment === 'token' && pii !== 'none');
  const direct = tokens.filter(({ class: pii }) => pii === 'direct');
  return direct.length > 0 ? direct : tokens;
}
