import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type PlannedCheckpoint, planRaw } from '../../src/actions/prune/plan-prune.js';
import type { Checkpoint } from '../../src/base/types/checkpoint.js';
import type { LandedPartition, WarehousePipeline } from '../../src/warehouse/landed-partition.js';
import { exportCheckpoint } from '../../src/warehouse/models/export-checkpoint.js';
import type { LandedCheckpoint } from '../../src/warehouse/models/landed-checkpoint.js';
import {
  loadWarehouseProject,
  type WarehouseProject as WarehouseProject,
} from '../../src/warehouse/project.js';
import type { Project } from './lake-fixture.js';

/** What is landed, and what was pruned of it. */
export interface PrunedLake {
  readonly partitions: readonly LandedPartition[];
  readonly checkpoints: readonly LandedCheckpoint[];
}

export interface Prune {
  readonly lake: PrunedLake;
  /** Why models cannot be pruned; the lake is as it was then. */
  readonly refused: readonly string[];
}

/** Does what a prune does to what a transform reads, without a commit. */
export async function pruneHere(
  project: Project,
  pipelines: readonly WarehousePipeline[],
  { partitions, checkpoints }: PrunedLake,
  before: string,
): Promise<Prune> {
  const warehouse = await loadWarehouseProject(pipelines);
  const manifests = partitions.map(({ manifest }) => manifest);
  const known = checkpoints.map(({ checkpoint }) => checkpoint);
  const plan = planRaw({ manifests, checkpoints: known, models: warehouse.models }, before, null);
  const refused = plan.refused.map(({ model, reason }) => `${model}: ${reason}`);
  const made: LandedCheckpoint[] = [];
  for (const planned of plan.checkpoints) {
    const landed = await landHere(project, warehouse, { partitions, checkpoints }, planned, before);
    if (typeof landed === 'string') refused.push(`${planned.model.name}: ${landed}`);
    else made.push(landed);
  }
  if (refused.length > 0) return { lake: { partitions, checkpoints }, refused };
  const names = new Set(made.map(({ checkpoint }) => checkpoint.model));
  const stay = checkpoints.filter(({ checkpoint }) => !names.has(checkpoint.model));
  const left = partitions.filter(({ manifest }) => !plan.partitions.includes(manifest));
  return { lake: { partitions: left, checkpoints: [...stay, ...made] }, refused };
}

async function landHere(
  project: Project,
  warehouse: WarehouseProject,
  { partitions, checkpoints }: PrunedLake,
  planned: PlannedCheckpoint,
  before: string,
): Promise<LandedCheckpoint | string> {
  const { model, dataset: name, lastDate } = planned;
  const dataset = warehouse.datasets.find((one) => one.name === name);
  if (dataset === undefined) throw new Error('no such dataset');
  const stagingDir = await mkdtemp(join(tmpdir(), 'lakeveil-prune-'));
  const isOf = (list: readonly unknown[]) => partitions.filter(({ manifest }) => list.includes(manifest));
  const exported = await exportCheckpoint(
    { ...project, stagingDir, project: warehouse, runId: 'prune', signal: new AbortController().signal },
    {
      ...{ model, dataset, before, lastDate, fileName: 'made.parquet' },
      ...{ going: isOf(planned.going), staying: isOf(planned.staying) },
      current: checkpoints.find(({ checkpoint }) => checkpoint.model === model.name) ?? null,
    },
  );
  const path = join(project.lakeDir, '_checkpoints', model.name, `${before}.parquet`);
  await mkdir(dirname(path), { recursive: true });
  await copyFile(join(stagingDir, 'made.parquet'), path);
  await rm(stagingDir, { recursive: true });
  if (exported.refusal !== null) return exported.refusal;
  return { path, checkpoint: await describe(planned, before, path, exported) };
}

async function describe(
  { model, dataset, lastDate, sqlSha256 }: PlannedCheckpoint,
  before: string,
  path: string,
  { rows, columns }: Pick<Checkpoint, 'columns'> & { readonly rows: number },
): Promise<Checkpoint> {
  const bytes = await readFile(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    ...{ format: 1, model: model.name, pipeline: model.pipeline, dataset, before, last_date: lastDate },
    ...{ sql_sha256: sqlSha256, columns, keys: [], run_id: 'prune', made_at: '2026-11-20T00:00:00.000Z' },
    file: { name: `${before}.parquet`, rows, bytes: bytes.length, sha256 },
    ...{ tool_version: '1', duckdb_version: '1' },
  };
}
