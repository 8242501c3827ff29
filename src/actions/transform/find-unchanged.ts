import { readRun } from '../../ledger/read-runs.js';
import type { Project } from '../../project.js';
import { type BuiltMark, digestProject, readMark, writeMark } from '../../warehouse/file/built-mark.js';
import type { WarehousePipeline } from '../../warehouse/landed-partition.js';

/** What the tables would be built from: digests of the project and of the lake. */
export type Sources = Pick<BuiltMark, 'project' | 'lake' | 'runs'>;

/** Runs that found nothing new, after which the tables are built again, with those runs in `ops.runs`. */
const MAX_RUNS = 100;

/** @param runs whose entries in the ledger do not count */
export async function digestSources(
  { config, lake, toolVersion }: Project,
  pipelines: readonly WarehousePipeline[],
  runs: readonly string[],
): Promise<Sources> {
  return {
    project: await digestProject(pipelines, config.lakeDir, toolVersion),
    lake: await lake.digest(new Set(runs)),
    runs,
  };
}

/**
 * What the published file was built from; null if anything has changed since the published file was built: a definition, an
 * SQL file, any file of the lake, a run, or the file itself. A run that the file takes for a success must have ended as one.
 */
export async function findUnchanged(
  project: Project,
  pipelines: readonly WarehousePipeline[],
  runId: string,
): Promise<BuiltMark | null> {
  const { databasePath, lakeDir } = project.config;
  const mark = await readMark(databasePath);
  if (mark === null || mark.runs.length >= MAX_RUNS) return null;
  for (const id of mark.runs) {
    const status = (await readRun(lakeDir, id))?.status;
    if (status !== 'succeeded' && status !== 'unchanged') return null;
  }
  const sources = await digestSources(project, pipelines, [...mark.runs, runId]);
  if (sources.project !== mark.project || sources.lake !== mark.lake) return null;
  const models = mark.models.map((model) => ({ ...model, ...SKIPPED }));
  const releases = mark.releases.map((one) => ({ ...one, built: 'skipped' as const }));
  const again = { ...mark, ...sources, models, releases };
  await writeMark(databasePath, again);
  return again;
}

const SKIPPED = { built: 'skipped', dates: 0, singled_out: null } as const;
