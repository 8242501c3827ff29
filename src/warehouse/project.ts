import { openRoom } from '../duckdb.js';
import { loadChecks } from './check.js';
import type { SqlCheck } from './check.js';
import type { BronzeDataset, WarehousePipeline } from './landed-partition.js';
import { bindProject } from './lineage/bind-project.js';
import type { OpenLineage } from './lineage/bind-project.js';
import { DISABLED_OPTIMIZERS } from './lineage/lineage-room.js';
import { loadModels } from './model.js';
import type { Model } from './model.js';
import { orderModels } from './model-graph.js';
import { assertUniqueNames } from './unique-names.js';

/** What the warehouse is to hold, over all pipelines. */
export interface Project {
  readonly datasets: readonly BronzeDataset[];
  /** Each after what it reads. */
  readonly models: readonly Model[];
  readonly checks: readonly SqlCheck[];
}

/**
 * Reads and checks the SQL files of all pipelines, and puts the models in order; runs none of them.
 * @throws E_MODEL, E_LINEAGE, E_NAME, E_DISK_READ
 */
export function loadProject(pipelines: readonly WarehousePipeline[]): Promise<Project> {
  return withProject(pipelines, (project) => Promise.resolve(project));
}

/** Loads a project, and works on it while the room is open that its models are bound in. Errors as of `loadProject`. */
export async function withProject<T>(
  pipelines: readonly WarehousePipeline[],
  work: (project: Project, lineage: OpenLineage) => Promise<T>,
): Promise<T> {
  const instance = await openRoom({
    allowedDirectories: [],
    tempDirectory: '',
    memoryLimitMb: 128,
    threads: 1,
    disabledOptimizers: DISABLED_OPTIMIZERS,
  });
  try {
    const connection = await instance.connect();
    const models: Model[] = [];
    const checks: SqlCheck[] = [];
    for (const pipeline of pipelines) {
      models.push(...(await loadModels(connection, pipeline)));
      checks.push(...(await loadChecks(connection, pipeline)));
    }
    await assertUniqueNames(pipelines, models);
    const datasets = pipelines.flatMap((pipeline) => pipeline.datasets);
    const ordered = orderModels(models, datasets);
    const lineage = await bindProject(connection, ordered, datasets);
    return await work({ datasets, models: ordered, checks }, lineage);
  } finally {
    instance.closeSync();
  }
}
