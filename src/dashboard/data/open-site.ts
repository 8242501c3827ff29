import type { RunRecord } from '../../base/types/run-record.js';
import { readRun, readRuns } from '../../ledger/read-runs.js';
import { isRunId } from '../../ledger/run-id.js';
import { findDefinition } from '../../project.js';
import type { Site } from '../site.js';
import { describeRun, describeRunLine, isListed } from './describe-run.js';
import { gatherLake } from './gather-lake.js';
import { gatherOverview } from './gather-overview.js';
import { gatherPrivacy } from './gather-privacy.js';
import { gatherPipeline, writeReportCsv } from './gather-reports.js';
import type { LakeSnapshot } from './lake-snapshot.js';
import { readVersion } from './lake-version.js';
import { findOwnChecks } from './own-checks.js';

/** Runs per page of the list. */
const LISTED_RUNS = 50;

/** Returns the entry of a run in this process, which the ledger holds in full only after it ends. */
export type Here = (runId: string) => RunRecord | null;

/** Opens the data source of the views; `snapshot` returns the current state of the lake. */
export function openSite(
  snapshot: () => Promise<LakeSnapshot>,
  config: Parameters<typeof readVersion>[0],
  here: Here,
  now: () => Date,
): Site {
  return {
    // Missing dates and ages change with the hour.
    version: async () => `${await readVersion(config)} ${now().toISOString().slice(0, 13)}`,
    surroundings: async () => {
      const { project, builtAt } = await snapshot();
      return { pipelines: [...project.definitions.keys()].sort(), asOf: await builtAt() };
    },
    overview: async () => gatherOverview(await snapshot()),
    pipeline: async (pipeline, date) => gatherPipeline(await snapshot(), pipeline, date),
    runs: async (pipeline, before, filter) => {
      const { project, runs, isShown } = await snapshot();
      if (pipeline !== null) findDefinition(project, pipeline);
      const isWanted = (run: RunRecord): boolean =>
        isShown(run) && isListed(run, filter) && (pipeline === null || run.pipeline === pipeline);
      const known = (await runs())
        .filter(isWanted)
        .filter(({ run_id }) => before === null || run_id < before);
      const listed =
        known.length > LISTED_RUNS
          ? known
          : (await readRuns(config.lakeDir, LISTED_RUNS + 1, isWanted, before)).runs;
      return { runs: listed.slice(0, LISTED_RUNS).map(describeRunLine), more: listed.length > LISTED_RUNS };
    },
    run: async (runId) => {
      if (!isRunId(runId)) return null;
      const current = here(runId);
      const run = current ?? (await readRun(config.lakeDir, runId));
      if (run === null) return null;
      const { project } = await snapshot();
      const definition = project.definitions.get(run.pipeline);
      const isOwn = definition === undefined ? undefined : await findOwnChecks(project, definition);
      return describeRun(run, current !== null, isOwn);
    },
    privacy: async (pipeline) => gatherPrivacy(await snapshot(), pipeline),
    lake: async (pipeline, year) => gatherLake(await snapshot(), pipeline, year),
    csv: async (pipeline, report, date) => writeReportCsv(await snapshot(), { pipeline, report, date }),
  };
}
