import { openRoom } from '../duckdb.js';
import { assertDated } from './assert-dated.js';
import { loadChecks } from './check.js';
import type { SqlCheck } from './check.js';
import type { BronzeDataset, WarehousePipeline } from './landed-partition.js';
import { assertUnexposed } from './lineage/assert-unexposed.js';
import type { ModelLineage } from './lineage/model-lineage.js';
import { traceLineage } from './lineage/trace-lineage.js';
import { loadModels } from './model.js';
import type { Model } from './model.js';
import { orderModels } from './model-graph.js';
import { assertUniqueNames } from './unique-names.js';

/** What the warehouse is to hold, over all pipelines. */
export interface Project {
  readonly datasets: readonly BronzeDataset[];
  /** Each after what it reads. */
  readonly models: readonly Model[];
  /** Of each model, in their order. */
  readonly lineage: readonly ModelLineage[];
  readonly checks: readonly SqlCheck[];
}

/**
 * Reads and checks the SQL files of all pipelines, and puts the models in order; runs none of them.
 * @throws E_MODEL, E_LINEAGE, E_NAME, E_DISK_READ
 */
export async function loadProject(pipelines: readonly WarehousePipeline[]): Promise<Project> {
  const room = await openRoom({
    allowedDirectories: [],
    tempDirectory: '',
    memoryLimitMb: 128,
    threads: 1,
  });
  try {
    const connection = await room.connect();
    const models: Model[] = [];
    const checks: SqlCheck[] = [];
    for (const pipeline of pipelines) {
      models.push(...(await loadModels(connection, pipeline)));
      checks.push(...(await loadChecks(connection, pipeline)));
    }
    await assertUniqueNames(pipelines, models);
    const datasets = pipelines.flatMap((pipeline) => pipeline.datasets);
    const ordered = orderModels(models, datasets);
    const lineage = traceLineage(ordered, datasets);
    assertDated(ordered, lineage);
    assertUnexposed(ordered, lineage);
    return { datasets, models: ordered, lineage, checks };
  } finally {
    room.closeSync();
  }
}
