import type { DuckDBConnection } from '@duckdb/node-api';
import { ROW_COLUMNS } from '../file/bronze-view.js';
import { OPS_TABLES } from '../file/ops-tables.js';
import type { BronzeDataset } from '../landed-partition.js';
import { type Model, namesOf } from '../models/model.js';
import { nameSqlFailure } from '../sql/run-sql.js';
import { assertDated } from './assert-dated.js';
import { assertNoReasons, assertUnexposed } from './assert-unexposed.js';
import { listKept } from './kept-columns.js';
import { LineageInstance } from './lineage-room.js';
import type { TypedColumn } from './model-lineage.js';
import type { Relation } from '../relation.js';
import {
  describeDataset,
  describeModel,
  describeOps,
  restrictDatasets,
  type Restrictions,
} from './restrictions.js';
import { findTokenColumns } from './token-columns.js';
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
  await instance.addTables(describeBronze(datasets.filter(isOpen)));
  const free = await bindModels(
    instance,
    models.filter((model) => open.has(model)),
  );
  await instance.addTables(describeBronze(datasets.filter((dataset) => !isOpen(dataset))));
  const others = await bindModels(
    instance,
    models.filter((model) => !open.has(model)),
  );
  const byModel = new Map([...free, ...others].map((one) => [one.model, one]));
  const bound = models.flatMap((model) => byModel.get(model) ?? []);
  await assertDated(instance, bound);
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
    const facts = {
      own,
      tokens: await findTokenColumns(instance, { select, kept, statement: model.statement }, reads),
      isPersonal: reads.some(({ isPersonal }) => isPersonal),
    };
    const columns = kept.columns.map(({ name }) => name);
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

async function bindModels(instance: LineageInstance, models: readonly Model[]): Promise<BoundModel[]> {
  const bound: BoundModel[] = [];
  for (const model of models) {
    const { name, file } = model;
    try {
      const select = await instance.bind(model.sql);
      await instance.addModel(model, select);
      bound.push({ model, select, kept: listKept(model, select.columns) });
    } catch (error) {
      throw nameSqlFailure(error, name, file, { model: name, file, stage: 'transform' });
    }
  }
  return bound;
}
