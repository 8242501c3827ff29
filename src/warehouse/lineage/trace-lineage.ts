import { ROW_COLUMNS } from '../file/bronze-view.js';
import { type BronzeDataset, landedName } from '../landed-partition.js';
import type { Model } from '../models/model.js';
import { foldName } from '../sql/syntax-tree.js';
import type { KeptTable } from './kept-columns.js';
import type { LineageInstance, Scan } from './lineage-room.js';
import {
  type BoundSelect,
  type ColumnLineage,
  type LandedSource,
  type ModelLineage,
  strictestOf,
} from './model-lineage.js';

/** A model bound in the lineage instance. */
export interface BoundModel {
  readonly model: Model;
  readonly select: BoundSelect;
  readonly kept: KeptTable;
}

/** Landed sources by column, and by table for its rows. */
type Origins = Map<string, readonly LandedSource[]>;

/**
 * Traces each column of each model back to landed columns: one plan for each column, and one for the rows.
 * @param models sorted so that each model follows the models it reads
 */
export async function traceLineage(
  instance: LineageInstance,
  models: readonly BoundModel[],
  datasets: readonly BronzeDataset[],
): Promise<ModelLineage[]> {
  const origins: Origins = new Map(datasets.flatMap(listLanded));
  const unknown = new Map<string, readonly string[]>();
  const lineages: ModelLineage[] = [];
  for (const { model, select, kept } of models) {
    const follow = (scan: Scan) => followScan(scan, origins, unknown);
    const columns: ColumnLineage[] = [];
    for (const { name, from } of kept.columns) {
      const scan = await instance.scan(select, from);
      const { landed, unknown: parts } = follow(scan);
      const exposes = model.exposes.get(foldName(name)) ?? null;
      columns.push({
        name,
        class: strictestOf(landed),
        reads: scan.columns,
        landed,
        unknown: parts,
        exposes,
      });
    }
    const rows = follow(await instance.scan(select, kept.needs));
    for (const { name, landed, unknown: parts } of columns) {
      origins.set(`${model.name}.${name}`, landed);
      unknown.set(`${model.name}.${name}`, parts);
    }
    origins.set(model.name, rows.landed);
    unknown.set(model.name, rows.unknown);
    lineages.push({ model: model.name, pipeline: model.pipeline, columns, indirect: rows.landed });
  }
  return lineages;
}

function listLanded(landed: BronzeDataset): [string, LandedSource[]][] {
  const { name, columns } = landed;
  const dataset = landedName(landed);
  // Whoever has the answer of the source knows who is at a position.
  const isPersonal = columns.some(({ treatment }) => treatment === 'token');
  const own = Object.keys(ROW_COLUMNS).map(
    (column) =>
      ({
        name: column,
        class: isPersonal && column === '_position' ? 'quasi' : 'none',
        treatment: null,
        rawOnly: false,
      }) as const,
  );
  return [...columns, ...own].map(({ name: column, class: pii, treatment, rawOnly }) => [
    `bronze.${name}.${column}`,
    [{ dataset, column, class: pii, treatment, rawOnly }],
  ]);
}

/** Removes duplicate sources and sorts by dataset and column. */
function followScan(scan: Scan, origins: Origins, unknown: ReadonlyMap<string, readonly string[]>) {
  const read = [...scan.columns, ...scan.tables];
  const landed = read.flatMap((name) => origins.get(name) ?? []);
  const byName = new Map(landed.map((source) => [`${source.dataset}.${source.column}`, source]));
  const parts = [...scan.unknown, ...read.flatMap((name) => unknown.get(name) ?? [])];
  return {
    landed: [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, source]) => source),
    unknown: [...new Set(parts)].sort(),
  };
}
