import { z } from 'zod';
import { readRows } from '../../base/duckdb.js';
import { isObject, type JsonObject } from '../../base/json-values.js';
import type { Stored } from '../../base/types/stored.js';
import { type BronzeDataset, landedName } from '../landed-partition.js';
import type { Relation } from '../relation.js';
import { hideConstants } from '../sql/hide-constants.js';
import { foldName, listObjects, readList, readName, walk } from '../sql/syntax-tree.js';
import { isPlain, listItems, nameOf } from './assert-dated.js';
import type { OpenLineage } from './bind-project.js';
import { findCarriedNames } from './carried-names.js';
import type { LineageInstance } from './lineage-room.js';
import type { BoundModel } from './trace-lineage.js';

/** How a column uses the value of another, in the words of OpenLineage. */
const VALUE_USES = ['IDENTITY', 'TRANSFORMATION', 'AGGREGATION'] as const;
/** How the rows of a table depend on a column. */
const ROW_USES = ['FILTER', 'JOIN', 'GROUP_BY', 'SORT', 'WINDOW'] as const;

const landed = z.array(z.strictObject({ dataset: z.string(), column: z.string() }));

/** One table, and what each of its columns, and its rows, are made of. */
export const tableLineageSchema = z.strictObject({
  model: z.string(),
  pipeline: z.string(),
  description: z.string(),
  /** Without constants. */
  sql: z.string(),
  /** Qualified names of the bronze views and models that it reads. */
  reads: z.array(z.string()),
  columns: z.array(
    z.strictObject({
      name: z.string(),
      type: z.string(),
      use: z.enum(VALUE_USES),
      /** The columns that its values are made of, such as `silver.users.city`; of a dataset `bronze.users.city`. */
      reads: z.array(z.string()),
      /** The same all the way back: columns of datasets in the lake. */
      landed,
    }),
  ),
  /** The columns that decide the rows, and how: null where the statement does not show it. */
  rows: z.array(z.strictObject({ name: z.string(), use: z.enum(ROW_USES).nullable(), landed })),
});

export type TableLineage = Stored<typeof tableLineageSchema>;
export type ValueUse = (typeof VALUE_USES)[number];
export type RowUse = (typeof ROW_USES)[number];
type LandedColumn = TableLineage['rows'][number]['landed'][number];
type Columns = TableLineage['columns'];

/**
 * Traces values and rows of models apart: of each column, what its values are made of; of each table, what decides its
 * rows. DuckDB's plans say what is read, and the names in the statement which of it is passed on.
 */
export async function traceColumns(
  { instance, bound, relations }: Pick<OpenLineage, 'instance' | 'bound' | 'relations'>,
  datasets: readonly BronzeDataset[],
): Promise<TableLineage[]> {
  const aggregates = await listAggregates(instance);
  const origins = new Map<string, readonly LandedColumn[]>(datasets.flatMap(listLanded));
  const follow = (names: readonly string[]) => unite(names.flatMap((name) => origins.get(name) ?? []));
  const tables: TableLineage[] = [];
  for (const one of bound) {
    const { model, select, kept } = one;
    const { name, pipeline, description, sql, reads, statement } = model;
    const rows = (await instance.scan(select, kept.needs)).columns;
    const known = reads.flatMap((read) => relations.get(read) ?? []);
    const columns: Columns[number][] = [];
    for (const column of kept.columns) {
      const read = (await instance.scan(select, column.from)).columns;
      const from = column.isAdded
        ? read
        : read.filter((source) => isPassedOn(one, column.name, source, rows, known));
      const type = column.isAdded ? 'DATE' : (select.columns[column.from[0] ?? 0]?.type ?? 'VARCHAR');
      const use = describeUse(statement, column.name, from, aggregates);
      columns.push({ name: column.name, type, use, reads: from, landed: follow(from) });
    }
    for (const column of columns) origins.set(`${name}.${column.name}`, column.landed);
    const uses = findRowUses(statement, aggregates);
    const byKey = kept.needs.length > 0 ? 'FILTER' : null;
    tables.push({
      model: name,
      pipeline,
      description,
      sql: hideConstants(sql),
      columns,
      reads: reads.map((read) => relations.get(read)?.name ?? read),
      rows: rows.map((row) => ({
        name: row,
        use: uses.get(foldName(lastOf(row))) ?? byKey,
        landed: follow([row]),
      })),
    });
  }
  return tables;
}

function listLanded(dataset: BronzeDataset): [string, LandedColumn[]][] {
  return dataset.columns.map(({ name }) => [
    `bronze.${dataset.name}.${name}`,
    [{ dataset: landedName(dataset), column: name }],
  ]);
}

function unite(columns: readonly LandedColumn[]): LandedColumn[] {
  const byName = new Map(columns.map((one) => [`${one.dataset}.${one.column}`, one]));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** Whether a column shows what another holds, and does not merely depend on which rows there are. */
function isPassedOn(
  { model }: BoundModel,
  column: string,
  source: string,
  rows: readonly string[],
  reads: readonly Relation[],
): boolean {
  if (!rows.includes(source)) return true;
  const name = foldName(lastOf(source));
  const known = reads.flatMap(({ columns }) => [...columns.keys()].map(foldName));
  const followed = new Map([...known, name].map((one) => [one, one === name]));
  return findCarriedNames(model.statement, followed).carries(column) !== false;
}

/** The column of `silver.users.city`; it may contain any character. */
function lastOf(name: string): string {
  return name.split('.').slice(2).join('.');
}

function describeUse(
  statement: unknown,
  column: string,
  reads: readonly string[],
  aggregates: ReadonlySet<string>,
): ValueUse {
  const name = foldName(column);
  const items = listItems(statement).filter((item) => nameOf(item) === name);
  if (items.some((item) => isAggregate(item, aggregates))) return 'AGGREGATION';
  return reads.length === 1 && items.length > 0 && isPlain(statement, name) ? 'IDENTITY' : 'TRANSFORMATION';
}

function isAggregate(item: JsonObject, aggregates: ReadonlySet<string>): boolean {
  return [...walk(item)].some(
    (node) => node['class'] === 'FUNCTION' && aggregates.has(readName(node, 'function_name')),
  );
}

/** Names of all aggregates. */
export async function listAggregates({
  connection,
}: Pick<LineageInstance, 'connection'>): Promise<ReadonlySet<string>> {
  const rows = await readRows(
    connection,
    `select distinct function_name from duckdb_functions() where function_type = 'aggregate'`,
  );
  return new Set(rows.map((row) => String(row['function_name'])));
}

/** By name of a column, in lower case, the clause that uses it: of several the first below. */
function findRowUses(statement: unknown, aggregates: ReadonlySet<string>): ReadonlyMap<string, RowUse> {
  const nodes = [...walk(statement)];
  const clauses: readonly [RowUse, (node: JsonObject) => unknown][] = [
    ['FILTER', (node) => [node['where_clause'], node['having'], node['qualify'], node['filter']]],
    ['JOIN', (node) => ('join_type' in node ? [node['condition'], readUsing(node)] : null)],
    ['GROUP_BY', (node) => [node['group_expressions'], listGrouped(node, aggregates)]],
    ['WINDOW', (node) => (node['class'] === 'WINDOW' ? [node['partitions'], node['orders']] : null)],
    ['SORT', (node) => node['modifiers']],
  ];
  const uses = new Map<string, RowUse>();
  for (const [use, read] of clauses)
    for (const name of expand(
      nodes.flatMap((node) => listColumns(read(node))),
      nodes,
    ))
      if (!uses.has(name)) uses.set(name, use);
  return uses;
}

/** `using (id)` as references. */
function readUsing(node: JsonObject): JsonObject[] {
  return readList(node, 'using_columns').map((name) => ({ class: 'COLUMN_REF', column_names: [name] }));
}

/** What `group by all` groups by. */
function listGrouped(node: JsonObject, aggregates: ReadonlySet<string>): JsonObject[] {
  if (node['aggregate_handling'] !== 'FORCE_AGGREGATES') return [];
  return listObjects(node['select_list']).filter((item) => !isAggregate(item, aggregates));
}

function listColumns(node: unknown): string[] {
  return [...walk(node)].flatMap((part) =>
    part['class'] === 'COLUMN_REF' ? readList(part, 'column_names').slice(-1) : [],
  );
}

/** The names, and those of the columns that the aliases among them stand for. */
function expand(names: readonly string[], nodes: readonly JsonObject[]): ReadonlySet<string> {
  const all = new Set(names);
  const items = nodes.flatMap((node) => listObjects(node['select_list'])).filter((item) => isObject(item));
  for (const name of all)
    for (const item of items.filter((one) => nameOf(one) === name))
      for (const column of listColumns(item)) all.add(column);
  return all;
}
