import type { Terminal } from '../../base/config/config.js';
import type { LakeveilError } from '../../base/errors.js';
import { formatTable } from '../../base/terminal/table.js';
import { countOf } from '../../base/text/numbers.js';
import type { CheckResult } from '../../base/types/run-record.js';
import { withRun } from '../../ledger/run-context.js';
import { findDefinition, type Project, todayOf } from '../../project.js';
import { checkPublished } from '../../warehouse/checks/check-published.js';
import { emitFailedChecks, evaluateChecks } from '../../warehouse/checks/run-checks.js';
import { findLandedDate } from '../report/report-on.js';
import { warnOfWords } from '../transform/check-sql.js';
import { listPipelines } from '../transform/transform-dates.js';

/** What `pipeline check --json` prints. */
interface CheckReport {
  readonly run_id: string;
  readonly pipeline: string;
  readonly checks: readonly CheckResult[];
}

/**
 * Runs the checks of one pipeline on the published tables, under the lake's lock, and records the results in the ledger. A
 * null date means the newest landed date of each dataset.
 * @throws E_UNKNOWN, E_NOT_LANDED, E_NOT_BUILT, E_LOCKED, E_NO_WAREHOUSE, E_MODEL, E_SQL_RUN; check results are in the report
 */
export async function checkPipeline(
  project: Project,
  name: string,
  date: string | null,
): Promise<CheckReport> {
  const { config, effects, lake } = project;
  const { pipeline } = findDefinition(project, name);
  warnOfWords(project, pipeline);
  if (date !== null) await findLandedDate(project, pipeline, date);
  return withRun(project, { command: 'check', pipeline, date, slot: null }, (context) =>
    lake.exclusively(`check ${context.runId}`, async (recovery) => {
      context.recordRecovery(recovery);
      const checks = await checkPublished({
        databasePath: config.databasePath,
        lakeDir: config.lakeDir,
        pipelines: listPipelines(project),
        pipeline,
        date,
        today: todayOf(project, pipeline),
      });
      context.checks = checks;
      emitFailedChecks(checks, effects.log);
      return { run_id: context.runId, pipeline, checks };
    }),
  );
}

/** The error of a report; null if no check of severity `error` failed. */
export function evaluateCheckReport({ checks }: CheckReport): LakeveilError | null {
  return evaluateChecks(checks);
}

const COLUMNS = ['check', 'date', 'severity', 'result', 'found', 'tokens'];

/** Every check with its result: the count of bad rows, and the tokens of a few of them. */
export function formatChecks({ pipeline, checks }: CheckReport, terminal: Terminal): string {
  if (checks.length === 0) return `${pipeline} has no checks, or no rows to check.`;
  const failed = checks.filter(({ passed }) => !passed).length;
  const rows = checks.map(({ check, date, severity, passed, found, tokens }) => [
    check,
    date,
    severity,
    passed ? 'passed' : 'failed',
    found,
    tokens.length === 0 ? null : tokens.join(' '),
  ]);
  return `${formatTable(COLUMNS, rows, terminal)}\n\n${countOf(checks.length, 'check')}, ${failed} failed.`;
}
