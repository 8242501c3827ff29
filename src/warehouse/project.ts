import { withInstance } from '../base/duckdb.js';
import { failure, tryEach } from '../base/errors.js';
import { listSqlFiles } from '../base/text/sql-file.js';
import { loadChecks, type SqlCheck } from './checks/check.js';
import { type BronzeDataset, listBronze, type WarehousePipeline } from './landed-partition.js';
import { assertChecks } from './lineage/assert-checks.js';
import { bindProject, type OpenLineage } from './lineage/bind-project.js';
import { DISABLED_OPTIMIZERS } from './lineage/lineage-room.js';
import type { Relation } from './relation.js';
import { orderModels } from './models/model-graph.js';
import { loadModels, type Model } from './models/model.js';

/** The contents of the warehouse, over all pipelines. */
export interface WarehouseProject {
  /** Also what landed last of each snapshot. */
  readonly datasets: readonly BronzeDataset[];
  /** Sorted so that each model follows the models it reads. */
  readonly models: readonly Model[];
  readonly checks: readonly SqlCheck[];
  /** What readers of datasets and models must observe, by each name. */
  readonly relations: ReadonlyMap<string, Relation>;
}

/** Reads and validates the SQL files of all pipelines and sorts the models, without running them. Throws the errors of `withProject`. */
export function loadWarehouseProject(pipelines: readonly WarehousePipeline[]): Promise<WarehouseProject> {
  return withProject(pipelines, (project) => Promise.resolve(project));
}

/**
 * Loads a project and works on it while the DuckDB instance that binds its models is open.
 * @throws E_MODEL, E_LINEAGE, E_NAME, E_DISK_READ
 */
export async function withProject<T>(
  pipelines: readonly WarehousePipeline[],
  work: (project: WarehouseProject, lineage: OpenLineage) => Promise<T>,
): Promise<T> {
  return withInstance({ disabledOptimizers: DISABLED_OPTIMIZERS }, async (connection) => {
    const models: Model[] = [];
    const checks: SqlCheck[] = [];
    await tryEach(
      pipelines.flatMap((pipeline) => [
        async () => models.push(...(await loadModels(connection, pipeline))),
        async () => checks.push(...(await loadChecks(connection, pipeline))),
      ]),
      (load) => load(),
    );
    await assertUniqueNames(pipelines, models);
    const datasets = listBronze(pipelines.flatMap((pipeline) => pipeline.datasets));
    const ordered = await orderModels(models, datasets);
    const lineage = await bindProject(connection, ordered, datasets);
    await assertChecks(lineage, checks);
    return work({ datasets, models: ordered, checks, relations: lineage.relations }, lineage);
  });
}

interface Owner {
  readonly name: string;
  readonly file: string;
}

/**
 * Names of files and tables do not include the pipeline, so names of datasets, models, reports and views in `main` must
 * be unique in a project.
 * @throws E_MODEL naming both files
 */
async function assertUniqueNames(
  pipelines: readonly WarehousePipeline[],
  models: readonly Model[],
): Promise<void> {
  const nameAll = (list: (of: WarehousePipeline) => readonly BronzeDataset[]) =>
    pipelines.flatMap((of) => list(of).map(({ name }) => ({ name, file: `pipelines/${of.pipeline}.yaml` })));
  const datasets = nameAll((of) => of.datasets);
  claimNames(
    nameAll((of) => listBronze(of.datasets)),
    'the name',
  );
  const reports = await Promise.all(pipelines.map(listReports));
  const tables = models.map(({ table, file }) => ({ name: table, file }));
  claimNames([...datasets, ...tables, ...reports.flat()], 'the name');
  const views = models.flatMap(({ publishedAs, file }) =>
    publishedAs === null ? [] : [{ name: publishedAs, file }],
  );
  claimNames(views, 'the view in main');
}

function listReports({ pipeline, sqlDir }: WarehousePipeline): Promise<Owner[]> {
  return listSqlFiles({ dir: `${sqlDir}/reports`, label: `sql/${pipeline}/reports` });
}

function claimNames(owners: readonly Owner[], what: string): void {
  const files = new Map<string, string>();
  for (const { name, file } of owners) {
    const other = files.get(name);
    if (other !== undefined) {
      const problem = `${what} ${name} is already defined by ${other}`;
      const fix = `rename one of the two: ${other}, ${file}`;
      throw failure('E_MODEL', { problem, fix }, { file, stage: 'transform' });
    }
    files.set(name, file);
  }
}
