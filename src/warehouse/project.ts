import { withInstance } from '../base/duckdb.js';
import { failure, tryEach } from '../base/errors.js';
import { listSqlFiles } from '../base/text/sql-file.js';
import { loadChecks, type SqlCheck } from './checks/check.js';
import { type BronzeDataset, listBronze, type WarehousePipeline } from './landed-partition.js';
import { assertChecks } from './lineage/assert-checks.js';
import { bindProject, type OpenLineage } from './lineage/bind-project.js';
import { DISABLED_OPTIMIZERS } from './lineage/lineage-room.js';
import { type KnownInput, type KnownProject, locateKnown, readKnown, writeKnown } from './known-project.js';
import type { Relation } from './relation.js';
import { assertReleases } from './releases/describe-release.js';
import { loadReleases } from './releases/load-releases.js';
import { type Inspect, type Inspection, inspectSelect } from './sql/inspect-sql.js';
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

/**
 * Reads and validates the SQL files of some pipelines and sorts the models, without running them.
 * @param input where an earlier command keeps what it found out; null to ask DuckDB in any case
 * @throws as `withProject`
 */
export async function loadWarehouseProject(
  pipelines: readonly WarehousePipeline[],
  input: KnownInput | null = null,
): Promise<WarehouseProject> {
  if (input === null) return withProject(pipelines, (project) => Promise.resolve(project));
  const place = await locateKnown(input, pipelines);
  const known = await readKnown(place);
  const project = known === null ? null : await restoreProject(pipelines, known);
  if (project !== null) return project;
  return withProject(pipelines, async (loaded, _, inspections) => {
    await writeKnown(place, { inspections, relations: loaded.relations, reports: new Map() });
    return loaded;
  });
}

/** The project from what is known of it; null if something is not. */
async function restoreProject(
  pipelines: readonly WarehousePipeline[],
  { inspections, relations }: KnownProject,
): Promise<WarehouseProject | null> {
  const inspect: Inspect = (sql) => {
    const found = inspections.get(sql);
    return found === undefined ? Promise.reject(new Unknown()) : Promise.resolve(found);
  };
  try {
    return { ...(await loadSql(pipelines, inspect)), relations };
  } catch (error) {
    if (error instanceof Unknown) return null;
    throw error;
  }
}

class Unknown extends Error {}

/** The SQL that was inspected, each text once. */
type Inspections = ReadonlyMap<string, Inspection>;

/**
 * Loads a project and works on it while the DuckDB instance that binds its models is open.
 * @throws E_MODEL, E_LINEAGE, E_NAME, E_DISK_READ
 */
export async function withProject<T>(
  pipelines: readonly WarehousePipeline[],
  work: (project: WarehouseProject, lineage: OpenLineage, inspections: Inspections) => Promise<T>,
): Promise<T> {
  return withInstance({ disabledOptimizers: DISABLED_OPTIMIZERS }, async (connection) => {
    const inspections = new Map<string, Inspection>();
    const { models, checks, datasets } = await loadSql(pipelines, async (sql) => {
      const found = await inspectSelect(connection, sql);
      if (!('problem' in found)) inspections.set(sql, found);
      return found;
    });
    const lineage = await bindProject(connection, models, datasets);
    await assertChecks(lineage, checks);
    const { relations } = lineage;
    await assertReleases(models, relations);
    return work({ datasets, models, checks, relations }, lineage, inspections);
  });
}

/** Models in order, and checks, of which nothing is bound yet. */
async function loadSql(
  pipelines: readonly WarehousePipeline[],
  inspect: Inspect,
): Promise<Omit<WarehouseProject, 'relations'>> {
  const models: Model[] = [];
  const checks: SqlCheck[] = [];
  await tryEach(
    pipelines.flatMap((pipeline) => [
      async () => models.push(...(await loadModels(inspect, pipeline))),
      async () => checks.push(...(await loadChecks(inspect, pipeline))),
    ]),
    (load) => load(),
  );
  const releases = await tryEach(pipelines, (pipeline) => loadReleases(inspect, pipeline, models));
  models.push(...releases.flat());
  await assertUniqueNames(pipelines, models);
  const datasets = listBronze(pipelines.flatMap((pipeline) => pipeline.datasets));
  return { datasets, models: await orderModels(models, datasets), checks };
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
