import type { LakeveilError } from '../errors.js';
import type { Project } from '../project.js';
import { findDefinition } from '../project.js';
import type { CheckResult } from '../result.js';
import { checkPublished } from '../warehouse/check-published.js';
import { judgeChecks, tellChecks } from '../warehouse/run-checks.js';
import { journaled } from './journal.js';
import { findLandedDate } from './report-on.js';
import { listPipelines } from './transform-dates.js';

/** What `pipeline check --json` prints. */
export interface CheckReport {
  readonly run_id: string;
  readonly pipeline: string;
  readonly checks: readonly CheckResult[];
}

/**
 * Runs the checks of a pipeline alone, on what is published, under the lake's lock, and keeps what they find in the
 * ledger; null stands for the newest landed date of each dataset.
 * @throws E_UNKNOWN, E_NOT_LANDED, E_NOT_BUILT, E_LOCKED, E_NO_WAREHOUSE, E_MODEL, E_SQL_RUN; what checks find is in the report
 */
export async function checkPipeline(
  project: Project,
  name: string,
  date: string | null,
): Promise<CheckReport> {
  const { config, effects, lake } = project;
  const { pipeline } = findDefinition(project, name);
  if (date !== null) await findLandedDate(project, pipeline, date);
  return journaled(project, { command: 'check', pipeline, date, slot: null }, (journal) =>
    lake.exclusively(`check ${journal.runId}`, async (found) => {
      journal.noteFound(found);
      const checks = await checkPublished({
        databasePath: config.databasePath,
        lakeDir: config.lakeDir,
        pipelines: listPipelines(project),
        pipeline,
        date,
        today: effects.now().toISOString().slice(0, 10),
      });
      journal.checks = checks;
      tellChecks(checks, effects.log);
      return { run_id: journal.runId, pipeline, checks };
    }),
  );
}

/** The error that a report amounts to; null if no check of severity error has failed. */
export function judgeCheckReport({ checks }: CheckReport): LakeveilError | null {
  return judgeChecks(checks);
}
