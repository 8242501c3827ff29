import type { DuckDBConnection } from '@duckdb/node-api';
import { ROW_COLUMNS } from '../file/bronze-view.js';
import type { BronzeDataset } from '../landed-partition.js';
import { type Model, namesOf } from '../models/model.js';
import { nameSqlFailure } from '../sql/run-sql.js';
import { assertDated } from './assert-dated.js';
import { assertNoReasons, assertUnexposed } from './assert-unexposed.js';
import { listKept } from './kept-columns.js';
import { LineageRoom } from './lineage-room.js';
import type { TypedColumn } from './model-lineage.js';
import { restrictDatasets, type Restrictions } from './restrictions.js';
import type { BoundModel } from './trace-lineage.js';

/** The models of a project bound by DuckDB, while their room is open. */
export interface OpenLineage {
  readonly connection: DuckDBConnection;
  readonly room: LineageRoom;
  /** Each after what it reads. */
  readonly bound: readonly BoundModel[];
  /** What reports may not show without a reason. */
  readonly restrictions: Restrictions;
}

/**
 * Binds all models. Those that read nothing restricted, in whatever way, are bound before there is any table that is:
 * that they bind proves it, so that no plan of theirs has to be asked for.
 * @param connection of a room without `DISABLED_OPTIMIZERS`
 * @throws E_MODEL for what does not bind, E_LINEAGE
 */
export async function bindProject(
  connection: DuckDBConnection,
  models: readonly Model[],
  datasets: readonly BronzeDataset[],
): Promise<OpenLineage> {
  const room = await LineageRoom.open(connection);
  const restrictions = restrictDatasets(datasets);
  const isOpen = ({ columns }: BronzeDataset) => !columns.some(({ rawOnly }) => rawOnly);
  const open = listOpen(models, datasets.filter(isOpen));
  await room.addTables(describeBronze(datasets.filter(isOpen)));
  const free = await bindModels(
    room,
    models.filter((model) => open.has(model)),
  );
  await room.addTables(describeBronze(datasets.filter((dataset) => !isOpen(dataset))));
  const others = await bindModels(
    room,
    models.filter((model) => !open.has(model)),
  );
  const byModel = new Map([...free, ...others].map((one) => [one.model, one]));
  const bound = models.flatMap((model) => byModel.get(model) ?? []);
  await assertDated(room, bound);
  for (const { model, select, kept } of bound) {
    if (open.has(model)) assertNoReasons(model, kept);
    else
      for (const [name, restriction] of await assertUnexposed(room, model, select, kept, restrictions))
        restrictions.set(name, restriction);
  }
  return { connection, room, bound, restrictions };
}

function describeBronze(datasets: readonly BronzeDataset[]): ReadonlyMap<string, readonly TypedColumn[]> {
  const own = Object.entries(ROW_COLUMNS).map(([name, type]) => ({ name, type }));
  return new Map(datasets.map(({ name, columns }) => [`bronze.${name}`, [...columns, ...own]]));
}

/** Models that read nothing of which a column is raw only, in whatever way. */
function listOpen(models: readonly Model[], datasets: readonly BronzeDataset[]): ReadonlySet<Model> {
  const names = new Set(datasets.map(({ name }) => `bronze.${name}`));
  const open = models.filter((model) => {
    const isOpen = model.reads.every((name) => names.has(name));
    if (isOpen) for (const name of namesOf(model)) names.add(name);
    return isOpen;
  });
  return new Set(open);
}

async function bindModels(room: LineageRoom, models: readonly Model[]): Promise<BoundModel[]> {
  const bound: BoundModel[] = [];
  for (const model of models) {
    const { name, file } = model;
    try {
      const select = await room.bind(model.sql);
      await room.addModel(model, select);
      bound.push({ model, select, kept: listKept(model, select.columns) });
    } catch (error) {
      throw nameSqlFailure(error, name, file, { model: name, file, stage: 'transform' });
    }
  }
  return bound;
}
