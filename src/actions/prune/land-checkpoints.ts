import { join } from 'node:path';
import { failure } from '../../base/errors.js';
import { hashFile } from '../../base/files/durable.js';
import type { Checkpoint } from '../../base/types/checkpoint.js';
import type { Manifest } from '../../base/types/manifest.js';
import type { Staging } from '../../base/types/staging.js';
import { stagedCheckpoint } from '../../lake/removal.js';
import type { Project } from '../../project.js';
import type { LandedPartition } from '../../warehouse/landed-partition.js';
import { exportCheckpoint, type ExportOptions } from '../../warehouse/models/export-checkpoint.js';
import type { GatheredPrune } from './gather-prune.js';
import { listKeys, type PlannedCheckpoint } from './plan-prune.js';

/**
 * Writes the checkpoints of a plan into staging and proves each one.
 * @throws E_PRUNE_REFUSED for a model whose checkpoint does not reproduce its table; E_MODEL, E_SQL_RUN, E_DISK
 */
export async function landCheckpoints(
  project: Project,
  runId: string,
  staging: Staging,
  { raw, warehouse, before }: GatheredPrune,
): Promise<Checkpoint[]> {
  const { config, effects } = project;
  const room = {
    lakeDir: config.lakeDir,
    stagingDir: staging.dir,
    project: warehouse,
    runId,
    signal: effects.signal,
  };
  const landed: Checkpoint[] = [];
  for (const planned of raw.checkpoints) landed.push(await landOne(project, room, planned, before));
  return landed;
}

async function landOne(
  project: Project,
  room: ExportOptions,
  planned: PlannedCheckpoint,
  before: string,
): Promise<Checkpoint> {
  const { lake, effects, toolVersion } = project;
  const { model, dataset, current, lastDate } = planned;
  const fileName = stagedCheckpoint(model.name);
  const bronze = room.project.datasets.find(({ name }) => name === dataset);
  if (bronze === undefined) throw new RangeError('a model reads a dataset that does not exist');
  const withFiles = (manifest: Manifest): LandedPartition => ({ manifest, files: lake.filesOf(manifest) });
  const { rows, columns, refusal } = await exportCheckpoint(room, {
    model,
    dataset: bronze,
    before,
    lastDate,
    fileName,
    going: planned.going.map(withFiles),
    staying: planned.staying.map(withFiles),
    current: current === null ? null : { checkpoint: current, path: lake.fileOf(current) },
  });
  const where = { model: model.name, stage: 'prune' };
  if (refusal !== null) throw failure('E_PRUNE_REFUSED', { model: model.name, reason: refusal }, where);
  const { version } = await import('@duckdb/node-api');
  return {
    format: 1,
    model: model.name,
    pipeline: model.pipeline,
    dataset,
    before,
    last_date: lastDate,
    sql_sha256: planned.sqlSha256,
    columns,
    file: { name: `${before}.parquet`, rows, ...(await hashFile(join(room.stagingDir, fileName))) },
    keys: listKeys(planned),
    run_id: room.runId,
    made_at: effects.now().toISOString(),
    tool_version: toolVersion,
    duckdb_version: version(),
  };
}
