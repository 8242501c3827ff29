import { join } from 'node:path';
import { TREATMENTS } from '../../anonymize/treatments/registry.js';
import type { ModelResult } from '../../base/types/run-record.js';
import { readRuns } from '../../ledger/read-runs.js';
import type { RunContext } from '../../ledger/run-context.js';
import type { Project } from '../../project.js';
import { hasDatabase } from '../../warehouse/file/next-file.js';
import type { LandedPartition, WarehousePipeline } from '../../warehouse/landed-partition.js';
import type { LandedCheckpoint } from '../../warehouse/models/landed-checkpoint.js';
import type { BuildScope, TransformInput } from '../../warehouse/transform-input.js';
import { transformWarehouse } from '../../warehouse/transform-warehouse.js';

/**
 * Builds the warehouse from the lake, under the lake's lock: changed inputs, the given dates, or everything. Needs no
 * network.
 */
export async function transformDates(
  project: Project,
  context: RunContext,
  dates: BuildScope,
): Promise<readonly ModelResult[]> {
  const { config, effects, lake, toolVersion } = project;
  return lake.exclusively(`transform ${context.runId}`, async (recovery) => {
    context.recordRecovery(recovery);
    const { runs } = await readRuns(config.lakeDir, Number.POSITIVE_INFINITY);
    const current = context.preview(effects.now());
    const partitions = await listPartitions(project);
    const input: TransformInput = {
      databasePath: config.databasePath,
      lakeDir: config.lakeDir,
      runId: context.runId,
      toolVersion,
      partitions,
      checkpoints: await listCheckpoints(project),
      runs: [current, ...runs.filter(({ run_id }) => run_id !== context.runId)],
      pipelines: listPipelines(project),
      dates,
      onChecks: (checks) => {
        context.checks = checks;
      },
      effects,
    };
    const rows = { in: countLanded(partitions), out: countRows };
    context.models = await context.stage('transform', null, rows, () => transformWarehouse(input));
    return context.models;
  });
}

function countLanded(partitions: readonly LandedPartition[]): number {
  return partitions.reduce((rows, { manifest }) => rows + manifest.counts.landed, 0);
}

function countRows(models: readonly ModelResult[]): number {
  return models.reduce((rows, model) => rows + model.rows, 0);
}

/**
 * Checks that the warehouse file is usable before any request to a source.
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
        name: column,
        type,
        class: pii,
        treatment,
        rawOnly,
      })),
      tokens: landing
        .filter(
          (column) => TREATMENTS.get(column.treatment)?.isToken === true && primaryKey.includes(column.name),
        )
        .map((column) => column.name),
      checks,
    })),
  }));
}
