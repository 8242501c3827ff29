import { backfillDates } from './actions/backfill/backfill-dates.js';
import { enforceRetention } from './actions/prune/enforce-retention.js';
import { findLandedDate, reportOn, reportTables } from './actions/report/report-on.js';
import { checkSql } from './actions/transform/check-sql.js';
import { checkWarehouseFile, transformDates } from './actions/transform/transform-dates.js';
import { atStage } from './base/errors.js';
import { withoutReleases } from './base/types/release-result.js';
import {
  type ReportResult,
  type RunResult,
  type Timings,
  toRecoveryKeys,
  type TransformResult,
} from './base/types/result.js';
import type { DatasetResult, ModelResult } from './base/types/run-record.js';
import { ingestDate } from './ingest/ingest-date.js';
import { type IngestPlan, type IngestRequest, planIngest } from './ingest/plan-ingest.js';
import { prepareIngest } from './ingest/prepare-ingest.js';
import { type RunContext, withRun } from './ledger/run-context.js';
import { nameInLedger, type Project } from './project.js';
import type { BuildScope } from './warehouse/transform-input.js';

/**
 * The story of Lakeveil. An API gives records page by page. Each page is fetched, checked against its contract and
 * masked in memory (`ingest/stage-datasets.ts`, `ingest/dataset-ingest.ts`). The masked pages are proven and land
 * together (`ingest/ingest-date.ts`). The lake becomes tables (`actions/transform/`), and the tables become reports
 * (`actions/report/`). `withRun` records each run in the ledger.
 */

/** Ingest, transform and report: one date of one pipeline, whole or absent. */
export async function run(project: Project, request: IngestRequest): Promise<RunResult> {
  const plan = planIngest(project, request);
  await checkWarehouseFile(project);
  await checkSql(project, request.pipeline);
  await enforceRetention(project, plan.definition);
  const prepared = await prepareIngest(project, plan);
  return withRun(project, entryOf('run', plan), async (context) => {
    const watch = startStopwatch(context);
    const datasets = await watch.time('ingest', () => ingestDate(project, prepared, context));
    const built = await watch.time('transform', () => transformDates(project, context, []));
    const tables = withoutReleases(built, context.releases);
    const models = tables.filter(({ pipeline }) => pipeline === request.pipeline);
    const reportRows = {
      in: models.reduce((rows, model) => rows + model.rows, 0),
      out: (result: { reports: readonly ReportResult[] }) =>
        result.reports.reduce((rows, { rows: { length } }) => rows + length, 0),
    };
    const { reports } = await watch.time('report', () =>
      context.stage('report', null, reportRows, () => reportOn(project, request.pipeline, [], plan.date)),
    );
    return resultOf(plan, context, watch.timings(), { datasets, models, reports });
  });
}

/** Fetch, check, mask and land only; with `limitPages` nothing lands. */
export async function ingest(project: Project, request: IngestRequest): Promise<RunResult> {
  const plan = planIngest(project, request);
  if (request.limitPages === null) await enforceRetention(project, plan.definition);
  const prepared = await prepareIngest(project, plan);
  return withRun(project, entryOf('ingest', plan), async (context) => {
    const watch = startStopwatch(context);
    const datasets = await watch.time('ingest', () => ingestDate(project, prepared, context));
    return resultOf(plan, context, watch.timings(), { datasets, models: [], reports: [] });
  });
}

export interface TransformRequest {
  /** All pipelines are built; the ledger has it under this one. Null for all. */
  readonly pipeline: string | null;
  /** Dates to build anew besides those that changed; `full` builds all, and `all` starts from an empty warehouse. */
  readonly dates: BuildScope;
  /** Build the tables also if landed partitions are gone, and record that. */
  readonly acceptLoss?: boolean;
}

/** Lake to warehouse, without a network. */
export async function transform(
  project: Project,
  request: TransformRequest,
  command: 'transform' | 'init-db' = 'transform',
): Promise<TransformResult> {
  const { dates } = request;
  const pipeline = nameInLedger(project, request.pipeline);
  const date = typeof dates !== 'string' && dates.length === 1 ? (dates[0] ?? null) : null;
  if (date !== null) await findLandedDate(project, request.pipeline, date);
  return withRun(project, { command, pipeline, date, slot: null }, async (context) => {
    const watch = startStopwatch(context);
    const models = await watch.time('transform', () =>
      transformDates(project, context, dates, request.acceptLoss),
    );
    const { transform: ms } = watch.timings();
    return {
      run_id: context.runId,
      models: withoutReleases(models, context.releases),
      releases: context.releases,
      checks: context.checks,
      accepted_losses: context.acceptedLosses,
      ...toRecoveryKeys(context.recovery),
      timings_ms: { transform: ms },
    };
  });
}

/** Fetch, check, mask and land each date of a range that is missing, then transform once. */
export const backfill = backfillDates;

/** Runs reports on what is published; not in the ledger, because it changes nothing. */
export const report = reportTables;

function entryOf(command: string, { definition, date, slot }: IngestPlan) {
  return { command, pipeline: definition.pipeline, date, slot };
}

interface Parts {
  readonly datasets: readonly DatasetResult[];
  readonly models: readonly ModelResult[];
  readonly reports: readonly ReportResult[];
}

function resultOf(plan: IngestPlan, context: RunContext, timings: Timings, parts: Parts): RunResult {
  return {
    run_id: context.runId,
    pipeline: plan.definition.pipeline,
    date: plan.date,
    status: context.isUnchanged ? 'unchanged' : 'succeeded',
    ...parts,
    releases: context.releases.filter((release) => release.pipeline === plan.definition.pipeline),
    checks: context.checks.filter((check) => check.pipeline === plan.definition.pipeline),
    ...toRecoveryKeys(context.recovery),
    timings_ms: timings,
  };
}

/**
 * Whole milliseconds of each part of a run, from its first request on: what it takes to start is not in them. The total is
 * the duration that the ledger has.
 */
function startStopwatch(context: RunContext) {
  const startedAt = performance.now();
  const spent = { ingest: 0, transform: 0, report: 0 };
  return {
    async time<T>(part: keyof typeof spent, work: () => Promise<T>): Promise<T> {
      const since = performance.now();
      try {
        return await (part === 'ingest' ? work() : atStage(part, work));
      } finally {
        spent[part] = Math.round(performance.now() - Math.max(since, context.firstRequestAt ?? since));
      }
    },
    timings: (): Timings => ({
      ...spent,
      total: Math.round(performance.now() - startedAt),
    }),
  };
}
