import { failure, tryEach } from '../../base/errors.js';
import type { BronzeDataset } from '../landed-partition.js';
import { findSnapshot, type Snapshot } from '../models/find-snapshot.js';
import type { Model } from '../models/model.js';
import { foldName } from '../sql/syntax-tree.js';
import { isPlain } from './assert-dated.js';
import type { LineageInstance } from './lineage-room.js';
import type { BoundModel } from './trace-lineage.js';

/**
 * A table of all dates of a snapshot holds each record as often as dates have landed. So such a table must tell its dates
 * apart: by a column with the date, or by a filter, group or join that uses it.
 * @throws E_MODEL for each model that does not, with the two ways to read the newest date alone
 */
export async function assertSnapshots(
  instance: LineageInstance,
  bound: readonly BoundModel[],
  datasets: readonly BronzeDataset[],
): Promise<void> {
  const models = bound.map(({ model }) => model);
  await tryEach(bound, async (one) => {
    const { model, select } = one;
    if (model.materialization.followsDates) return;
    const snapshots = model.reads.flatMap((name) => findSnapshot(name, models, datasets));
    if (snapshots.length === 0) return;
    const rows = await instance.scan(select, []);
    for (const snapshot of snapshots) {
      if (rows.columns.includes(snapshot.date) || (await showsDate(instance, one, snapshot))) continue;
      throw everyDate(model, snapshot);
    }
  });
}

/** Whether a column is the unchanged date. */
async function showsDate(
  instance: LineageInstance,
  { model, select }: BoundModel,
  { date }: Snapshot,
): Promise<boolean> {
  for (const [place, { name }] of select.columns.entries()) {
    const { columns } = await instance.scan(select, [place]);
    if (columns.includes(date) && isPlain(model.statement, foldName(name))) return true;
  }
  return false;
}

function everyDate({ name, file, line }: Model, { name: read, dataset, date }: Snapshot) {
  const problem = `${name} reads ${read} over all landed dates, so that each record of the snapshot ${dataset} counts once for each date`;
  const fix = `read \`bronze.${dataset}_latest\`, or write \`-- materialize: latest\` and select _ingest_date and _slot; to keep all dates, use \`${date.slice(read.length + 1)}\` of ${read}`;
  return failure('E_MODEL', { problem, fix }, { file, line, model: name, stage: 'transform' });
}
