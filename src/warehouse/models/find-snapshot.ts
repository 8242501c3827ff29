import type { BronzeDataset } from '../landed-partition.js';
import type { Model } from './model.js';

/** What a model reads whose rows are all rows of a snapshot, on each date: the column is their date. */
export interface Snapshot {
  readonly name: string;
  readonly dataset: string;
  readonly date: string;
}

/** A snapshot, or an incremental model with the rows of one for each date. */
export function findSnapshot(
  name: string,
  models: readonly Model[],
  datasets: readonly BronzeDataset[],
): Snapshot[] {
  const dataset = datasets.find((one) => `bronze.${one.name}` === name && one.time === 'snapshot');
  if (dataset !== undefined) return [{ name, dataset: dataset.name, date: `${name}._ingest_date` }];
  const model = models.find((one) => one.name === name && one.materialization.isDated);
  const [date] = model?.planner.needs ?? [];
  if (model === undefined || date === undefined) return [];
  const [first] = model.reads.flatMap((read) => findSnapshot(read, models, datasets));
  return first === undefined ? [] : [{ name, dataset: first.dataset, date: `${name}.${date}` }];
}
