import type { LakeveilError } from '../../../src/base/errors.js';
import type { ModelLineage } from '../../../src/warehouse/lineage/model-lineage.js';
import { traceLineage } from '../../../src/warehouse/lineage/trace-lineage.js';
import { loadWarehouseProject, withProject } from '../../../src/warehouse/project.js';
import { describePipeline, type Project, writeSql } from '../lake-fixture.js';

/** Models by file, such as `gold/ages`: the SELECT, or the whole text where it begins with a head. */
export type Models = Readonly<Record<string, string>>;

export const head = (materialize = 'table', more = '') =>
  `-- description: x\n-- materialize: ${materialize}\n${more}`;

export const PEOPLE = 'select person_token, birthday as born, country, _ingest_date from bronze.persons';

/** Over `bronze.persons`, of which birthday is raw only. */
export async function loadModels(project: Project, models: Models) {
  await writeModels(project, models);
  return loadWarehouseProject([describePipeline(project)]);
}

/** Their lineage, over the same. */
export async function traceModels(project: Project, models: Models): Promise<ModelLineage[]> {
  await writeModels(project, models);
  return withProject([describePipeline(project)], ({ datasets }, { instance, bound }) =>
    traceLineage(instance, bound, datasets),
  );
}

async function writeModels(project: Project, models: Models): Promise<void> {
  for (const [name, sql] of Object.entries(models))
    await writeSql(project, `persons/${name}.sql`, sql.startsWith('--') ? sql : head() + sql);
}

/** What loading them ends in. */
export async function refusalOf(project: Project, models: Models): Promise<LakeveilError> {
  const error: unknown = await loadModels(project, models).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error === null) throw new Error('nothing was refused');
  return error as LakeveilError;
}
