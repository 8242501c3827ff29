import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { readRows, withInstance } from '../../base/duckdb.js';
import { failure } from '../../base/errors.js';
import type { CheckResult } from '../../base/types/run-record.js';
import { assertDatabase } from '../file/next-file.js';
import type { BronzeDataset, WarehousePipeline } from '../landed-partition.js';
import { loadWarehouseProject } from '../project.js';
import { runChecks } from './run-checks.js';

const MEMORY_LIMIT_MB = 1024;

export interface PublishedChecks {
  readonly databasePath: string;
  /** Absolute root of the lake, without symbolic links. */
  readonly lakeDir: string;
  /** All pipelines of the project. */
  readonly pipelines: readonly WarehousePipeline[];
  /** The pipeline to check. */
  readonly pipeline: string;
  /** `YYYY-MM-DD`; null for the newest landed date of each dataset. */
  readonly date: string | null;
  readonly today: string;
}

/**
 * Runs the checks of one pipeline on the published warehouse, opened read-only. The caller holds the lake's lock, because
 * checks read landed files.
 * @throws E_NOT_BUILT for a date that is in no table, E_NO_WAREHOUSE, E_NOT_A_DATABASE, E_DISK_READ, E_MODEL, E_SQL_RUN
 */
export async function checkPublished(input: PublishedChecks): Promise<CheckResult[]> {
  const { checks } = await loadWarehouseProject(input.pipelines);
  await assertDatabase(input.databasePath);
  const settings = {
    database: input.databasePath,
    readOnly: true,
    allowedDirectories: [join(input.lakeDir, 'raw')],
    memoryLimitMb: MEMORY_LIMIT_MB,
    threads: availableParallelism(),
  };
  return withInstance(settings, async (connection) => {
    const own = input.pipelines.filter(({ pipeline }) => pipeline === input.pipeline);
    const datasets = own.flatMap((pipeline) => pipeline.datasets);
    return runChecks(connection, {
      datasets: await chooseDates(connection, datasets, input),
      sqlChecks: checks.flatMap((check) =>
        check.pipeline === input.pipeline ? [{ ...check, part: null }] : [],
      ),
      pipelines: input.pipelines,
      today: input.today,
    });
  });
}

/** The date to check of each dataset; none if nothing has landed. */
async function chooseDates(
  connection: DuckDBConnection,
  datasets: readonly BronzeDataset[],
  { date, pipeline }: PublishedChecks,
): Promise<{ dataset: BronzeDataset; dates: string[] }[]> {
  const rows = await readRows(
    connection,
    `select dataset, max(date)::varchar as day from ops.partitions
     where $date::varchar is null or date = $date::varchar::date group by dataset`,
    { date },
  );
  const days = new Map(rows.map((row) => [String(row['dataset']), String(row['day'])]));
  if (date !== null && !datasets.some(({ name }) => days.has(name))) {
    throw failure('E_NOT_BUILT', { date, pipeline });
  }
  return datasets.map((dataset) => {
    const day = days.get(dataset.name);
    return { dataset, dates: day === undefined ? [] : [day] };
  });
}
