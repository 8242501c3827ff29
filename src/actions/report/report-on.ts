import { failure } from '../../base/errors.js';
import { commandsFor } from '../../base/next-commands.js';
import type { ReportResult } from '../../base/types/result.js';
import type { WarehouseReader } from '../../base/types/warehouse-reader.js';
import type { Project } from '../../project.js';
import { chooseReports, runReports } from '../../report/run-reports.js';
import { openReader } from '../../warehouse/published/open-reader.js';
import { assertReports, findReports, listOpenZones } from '../transform/check-sql.js';
import { readTablesState, type TablesState } from './tables-state.js';

/** Runs the named reports of a pipeline, or all of them, for a date; null means the newest landed date. */
export async function reportOn(
  project: Project,
  pipeline: string,
  names: readonly string[],
  date: string | null,
): Promise<{ readonly date: string; readonly reports: readonly ReportResult[] }> {
  const { definition, reports } = await findReports(project, pipeline);
  const chosen = chooseReports(reports, names);
  const landed = await findLandedDate(project, definition.pipeline, date);
  const shown = await assertReports(project, chosen);
  const reader = await openWarehouse(project, null);
  try {
    return { date: landed, reports: await runReports(reader, shown, landed) };
  } finally {
    reader.close();
  }
}

/** Reports with what the published tables are of. */
export interface ReportDocument extends TablesState {
  readonly pipeline: string;
  readonly date: string;
  readonly reports: readonly ReportResult[];
}

/** The same as `reportOn`, with the time of the tables and with a later run that is not in them. */
export async function reportTables(
  project: Project,
  pipeline: string,
  names: readonly string[],
  date: string | null,
): Promise<ReportDocument> {
  const state = await readTablesState(project.config.lakeDir, pipeline);
  return { pipeline, ...state, ...(await reportOn(project, pipeline, names, date)) };
}

/**
 * The requested date if the pipeline has landed data on it, or its newest landed date; a null pipeline means any.
 * @throws E_NOT_LANDED
 */
export async function findLandedDate(
  { lake, definitions, effects }: Project,
  pipeline: string | null,
  requested: string | null,
): Promise<string> {
  const dates = (await lake.list())
    .filter((manifest) => pipeline === null || manifest.pipeline === pipeline)
    .map(({ date }) => date);
  const found = requested === null ? dates.sort().at(-1) : dates.find((date) => date === requested);
  if (found !== undefined) return found;
  const [first = ''] = definitions.keys();
  const name = pipeline ?? first;
  const definition = definitions.get(name);
  const command =
    definition === undefined ? 'pipeline run' : commandsFor(definition, effects.now()).run(requested);
  throw failure('E_NOT_LANDED', {
    pipeline: name,
    date: requested === null ? '' : ` on ${requested}`,
    command,
  });
}

/** Opens the published warehouse read-only; `writeDir` is the only folder that it may write to. */
export async function openWarehouse(project: Project, writeDir: string | null): Promise<WarehouseReader> {
  const { config, lake } = project;
  return openReader({
    databasePath: config.databasePath,
    lakeDir: lake.root,
    openZones: listOpenZones(project),
    writeDir,
  });
}
