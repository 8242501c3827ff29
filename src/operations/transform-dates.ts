import { join } from 'node:path';
import { readRuns } from '../ledger/read-runs.js';
import { timed } from '../ledger/receipts.js';
import type { RowCounts } from '../ledger/receipts.js';
import type { Project } from '../project.js';
import type { ModelResult } from '../result.js';
import type { LandedCheckpoint } from '../warehouse/landed-checkpoint.js';
import type { LandedPartition, WarehousePipeline } from '../warehouse/landed-partition.js';
import { hasDatabase } from '../warehouse/next-file.js';
import type { BuildScope, TransformInput } from '../warehouse/transform-input.js';
import { transformWarehouse } from '../warehouse/transform-warehouse.js';
import type { Journal } from './journal.js';

/** What goes into the tables is all that has landed, and what comes out are all of them, also those left as they were. */
const ROWS: RowCounts<TransformInput, readonly ModelResult[]> = {
  in: ({ partitions }) => partitions.reduce((rows, { manifest }) => rows + manifest.counts.landed, 0),
  out: (models) => models.reduce((rows, model) => rows + model.rows, 0),
};

/**
 * Lake to warehouse, under the lake's lock: what changed since the last time, `dates` anew besides, or all of it.
 * Needs no network.
 */
export async function transformDates(
  project: Project,
  journal: Journal,
  dates: BuildScope,
): Promise<readonly ModelResult[]> {
  const { config, effects, lake, toolVersion } = project;
  return lake.exclusively(`transform ${journal.runId}`, async (found) => {
    journal.noteFound(found);
    const { runs } = await readRuns(config.lakeDir, Number.POSITIVE_INFINITY);
    const current = journal.preview(effects.now());
    const build = timed(transformWarehouse, journal.receipt('transform', null), ROWS);
    journal.models = await build({
      databasePath: config.databasePath,
      lakeDir: config.lakeDir,
      runId: journal.runId,
      toolVersion,
      partitions: await listPartitions(project),
      checkpoints: await listCheckpoints(project),
      runs: [current, ...runs.filter(({ run_id }) => run_id !== journal.runId)],
      pipelines: listPipelines(project),
      dates,
      noteChecks: (checks) => {
        journal.checks = checks;
      },
      effects,
    });
    return journal.models;
  });
}

/**
 * Finds before a source is asked for anything that no table could be published in the end.
 * @throws E_NOT_A_DATABASE, E_DISK_READ
 */
export async function checkWarehouseFile({ config }: Project): Promise<void> {
  await hasDatabase(config.databasePath);
}

/** Every landed partition with the absolute paths of its files. */
export async function listPartitions({ lake }: Project): Promise<LandedPartition[]> {
  return (await lake.list()).map((manifest) => ({ manifest, files: lake.filesOf(manifest) }));
}

/** Every checkpoint with the absolute path of its file. */
export async function listCheckpoints({ lake }: Project): Promise<LandedCheckpoint[]> {
  const { checkpoints } = await lake.listKept();
  return checkpoints.map((checkpoint) => ({ checkpoint, path: lake.fileOf(checkpoint) }));
}

/** All pipelines of the project as the warehouse sees them. */
export function listPipelines({ definitions, config }: Project): WarehousePipeline[] {
  return [...definitions.values()].map(({ pipeline, datasets }) => ({
    pipeline,
    sqlDir: join(config.sqlDir, pipeline),
    datasets: [...datasets.values()].map(({ name, time, landing, primaryKey, checks }) => ({
      name,
      time,
      columns: landing.map(({ name: column, type, class: pii, treatment, rawOnly }) => ({
        ...{ name: column, type, class: pii, treatment, rawOnly },
      })),
      tokens: landing
        .filter((column) => column.treatment === 'token' && primaryKey.includes(column.name))
        .map((column) => column.name),
      checks,
    })),
  }));
}
