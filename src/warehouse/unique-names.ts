import { failure } from '../errors.js';
import { listSqlFiles } from '../sql-file.js';
import type { WarehousePipeline } from './landed-partition.js';
import type { Model } from './model.js';

interface Owner {
  readonly name: string;
  readonly file: string;
}

/**
 * Files and tables carry no pipeline in their name, so datasets, models and reports of a project have names of their
 * own, as do the views in `main`.
 * @throws E_MODEL naming both files
 */
export async function assertUniqueNames(
  pipelines: readonly WarehousePipeline[],
  models: readonly Model[],
): Promise<void> {
  const datasets = pipelines.flatMap(({ pipeline, datasets: own }) =>
    own.map(({ name }) => ({ name, file: `pipelines/${pipeline}.yaml` })),
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
      const problem = `${what} ${name} is taken by ${other}`;
      const fix = `give one of the two another name: ${other}, ${file}`;
      throw failure('E_MODEL', { problem, fix }, { file, stage: 'transform' });
    }
    files.set(name, file);
  }
}
