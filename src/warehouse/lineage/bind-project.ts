import type { DuckDBConnection } from '@duckdb/node-api';
import { failure, LakeveilError, tryEach } from '../../base/errors.js';
import { isObject, type JsonObject } from '../../base/json-values.js';
import { ROW_COLUMNS } from '../file/bronze-view.js';
import { OPS_TABLES } from '../file/ops-tables.js';
import type { BronzeDataset } from '../landed-partition.js';
import { assertColumns, readColumnNames } from '../models/bind-model.js';
import { type Model, namesOf } from '../models/model.js';
import { nameSqlFailure } from '../sql/run-sql.js';
import { foldName } from '../sql/syntax-tree.js';
import { assertDated } from './assert-dated.js';
import { assertSnapshots } from './assert-snapshots.js';
import { assertNoReasons, assertUnexposed } from './assert-unexposed.js';
import { listKept } from './kept-columns.js';
import { LINES_ABOVE, LineageInstance } from './lineage-room.js';
import type { BoundSelect, TypedColumn } from './model-lineage.js';
import type { Relation } from '../relation.js';
import {
  describeDataset,
  describeModel,
  describeOps,
  restrictDatasets,
  type Restrictions,
} from './restrictions.js';
import { findTokenColumns, nameQuasi } from './token-columns.js';
import type { BoundModel } from './trace-lineage.js';

/** The models of a project, bound by DuckDB, while their instance is open. */
export interface OpenLineage {
  readonly connection: DuckDBConnection;
  readonly instance: LineageInstance;
  /** Sorted so that each model follows the models it reads. */
  readonly bound: readonly BoundModel[];
  /** Restrictions that reports must observe. */
  readonly restrictions: Restrictions;
  /** Datasets and models by each of their names. */
  readonly relations: ReadonlyMap<string, Relation>;
}

/**
 * Binds all models. Models that read nothing restricted, directly or indirectly, are bound before restricted tables
 * exist. That they bind proves it, so their plans are not needed.
 * @param connection of an instance with `DISABLED_OPTIMIZERS`
 * @throws E_MODEL for what does not bind, E_LINEAGE
 */
export async function bindProject(
  connection: DuckDBConnection,
  models: readonly Model[],
  datasets: readonly BronzeDataset[],
): Promise<OpenLineage> {
  const instance = await LineageInstance.open(connection);
  const restrictions = restrictDatasets(datasets);
  const isOpen = ({ columns }: BronzeDataset) => !columns.some(({ rawOnly }) => rawOnly);
  const open = listOpen(models, datasets.filter(isOpen));
  const failed = new Set<string>();
  const groups = await tryEach([true, false], async (isFree) => {
    await instance.addTables(describeBronze(datasets.filter((dataset) => isOpen(dataset) === isFree)));
    return bindModels(
      instance,
      models.filter((model) => open.has(model) === isFree),
      failed,
    );
  });
  const byModel = new Map(groups.flat().map((one) => [one.model, one]));
  const bound = models.flatMap((model) => byModel.get(model) ?? []);
  await assertDated(instance, bound);
  await assertSnapshots(instance, bound, datasets);
  const relations = new Map<string, Relation>(
    datasets.map((one) => [`bronze.${one.name}`, describeDataset(one, Object.keys(ROW_COLUMNS))]),
  );
  relations.set('ops.checks', describeOps('checks', Object.keys(OPS_TABLES['checks'] ?? {}), 'tokens'));
  for (const { model, select, kept } of bound) {
    const own = open.has(model)
      ? assertNoReasons(model, kept)
      : await assertUnexposed(instance, model, select, kept, restrictions);
    for (const [name, restriction] of own) restrictions.set(name, restriction);
    const reads = model.reads.flatMap((name) => relations.get(name) ?? []);
    const columns = kept.columns.map(({ name }) => name);
    const quasi = nameQuasi(model.statement, reads);
    const facts = {
      own,
      quasi: new Set(
        kept.columns.flatMap(({ name, isAdded }) =>
          !isAdded && quasi.carries(name) !== false ? [foldName(name)] : [],
        ),
      ),
      tokens: await findTokenColumns(instance, { select, kept, statement: model.statement }, reads),
      isPersonal: reads.some(({ isPersonal }) => isPersonal),
    };
    const relation = describeModel(model, columns, facts);
    for (const name of namesOf(model)) relations.set(name, relation);
  }
  return { connection, instance, bound, restrictions, relations };
}

function describeBronze(datasets: readonly BronzeDataset[]): ReadonlyMap<string, readonly TypedColumn[]> {
  const own = Object.entries(ROW_COLUMNS).map(([name, type]) => ({ name, type }));
  return new Map(datasets.map(({ name, columns }) => [`bronze.${name}`, [...columns, ...own]]));
}

/** Models that read no raw-only column, directly or indirectly. */
function listOpen(models: readonly Model[], datasets: readonly BronzeDataset[]): ReadonlySet<Model> {
  const names = new Set(datasets.map(({ name }) => `bronze.${name}`));
  const open = models.filter((model) => {
    const isOpen = model.reads.every((name) => names.has(name));
    if (isOpen) for (const name of namesOf(model)) names.add(name);
    return isOpen;
  });
  return new Set(open);
}

/** @param failed names of models that do not bind, which this extends */
async function bindModels(
  instance: LineageInstance,
  models: readonly Model[],
  failed: Set<string>,
): Promise<BoundModel[]> {
  const bound: BoundModel[] = [];
  await tryEach(models, async (model) => {
    // What reads a model that fails cannot be bound, which would be a second error for one problem.
    for (const name of namesOf(model)) failed.add(name);
    if (model.reads.some((name) => failed.has(name))) return;
    const select = await bindModel(instance, model);
    bound.push({ model, select, kept: listKept(model, select.columns) });
    for (const name of namesOf(model)) failed.delete(name);
  });
  return bound;
}

async function bindModel(instance: LineageInstance, model: Model): Promise<BoundSelect> {
  const { name, file } = model;
  try {
    const select = await instance.bind(model.sql);
    if (model.hasStar) throw starError(model, select, await instance.listColumns(model.reads));
    await assertColumns(model, await readColumnNames(instance.connection, model));
    await instance.addModel(model, select);
    return select;
  } catch (error) {
    if (error instanceof LakeveilError) throw error;
    throw nameSqlFailure(error, name, file, { model: name, file, stage: 'transform' }, LINES_ABOVE);
  }
}

/** A `*` of the outermost query stands for the columns of the result; another one, for columns of what it reads. */
function starError(
  { name, file, statement }: Model,
  select: BoundSelect,
  columns: ReadonlyMap<string, readonly string[]>,
) {
  const isOutermost = isObject(statement) && isObject(statement['node']) && hasStar(statement['node']);
  const fix = isOutermost
    ? `write \`select ${select.columns.map((column) => column.name).join(', ')}\``
    : `name the columns: ${[...columns].map(([table, names]) => `${table} has ${names.join(', ')}`).join('; ')}`;
  const where = { file, model: name, stage: 'transform' };
  return failure('E_MODEL', { problem: `${name}: a model cannot use \`*\``, fix }, where);
}

function hasStar({ select_list: items }: JsonObject): boolean {
  return Array.isArray(items) && items.some((item) => isObject(item) && item['type'] === 'STAR');
}
