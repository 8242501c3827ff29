import { timed } from './ledger/receipts.js';
import { backfillDates } from './operations/backfill-dates.js';
import { checkSql } from './operations/check-sql.js';
import { ingestDate } from './operations/ingest-date.js';
import type { Journal } from './operations/journal.js';
import { journaled, nameInLedger } from './operations/journal.js';
import type { IngestPlan, IngestRequest } from './operations/plan-ingest.js';
import { planIngest } from './operations/plan-ingest.js';
import { findLandedDate, reportOn } from './operations/report-on.js';
import { checkWarehouseFile, transformDates } from './operations/transform-dates.js';
import type { Project } from './project.js';
import type { CheckResult, DatasetResult, ModelResult, ReportResult, RunResult, Timings } from './result.js';
import type { BuildScope } from './warehouse/transform-input.js';

/**
 * The story of Lakeveil. Records come from an API page by page; each page is fetched, checked against its contract
 * and masked in memory (`stage-datasets.ts`, `lane.ts`); the masked pages are proven and land together (`ingest-date.ts`); the
 * lake becomes tables (`transform-dates.ts`); the tables become reports (`report-on.ts`). The ledger is around it all.
 */

/** Ingest, transform and report: one date of one pipeline, whole or absent. */
export async function run(project: Project, request: IngestRequest): Promise<RunResult> {
  const plan = planIngest(project, request);
  return journaled(project, entryOf('run', plan), async (journal) => {
    await checkWarehouseFile(project);
    await checkSql(project, request.pipeline);
    const watch = startStopwatch(journal);
    const datasets = await watch.time('ingest', () => ingestDate(project, plan, journal));
    const built = await watch.time('transform', () => transformDates(project, journal, []));
    const models = built.filter(({ pipeline }) => pipeline === request.pipeline);
    const tell = timed(
      () => reportOn(project, request.pipeline, [], plan.date),
      journal.receipt('report', null),
      {
        in: () => models.reduce((rows, model) => rows + model.rows, 0),
        out: (told) => told.reports.reduce((rows, report) => rows + report.rows.length, 0),
      },
    );
    const { reports } = await watch.time('report', () => tell(undefined));
    return resultOf(plan, journal, watch.timings(), { datasets, models, reports });
  });
}

/** Fetch, check, mask and land only; with `limitPages` nothing lands. */
export async function ingest(project: Project, request: IngestRequest): Promise<RunResult> {
  const plan = planIngest(project, request);
  return journaled(project, entryOf('ingest', plan), async (journal) => {
    const watch = startStopwatch(journal);
    const datasets = await watch.time('ingest', () => ingestDate(project, plan, journal));
    return resultOf(plan, journal, watch.timings(), { datasets, models: [], reports: [] });
  });
}

export interface TransformRequest {
  /** All pipelines are built; the ledger has it under this one. Null for all. */
  readonly pipeline: string | null;
  /** Dates to build anew besides those that changed; `full` builds all, and `all` starts from an empty warehouse. */
  readonly dates: BuildScope;
}

export interface TransformResult {
  readonly run_id: string;
  readonly models: readonly ModelResult[];
  readonly checks: readonly CheckResult[];
  readonly healed: readonly string[];
  readonly swept: readonly string[];
  readonly timings_ms: { readonly transform: number };
}

/** Lake to warehouse, without a network. */
export async function transform(project: Project, request: TransformRequest): Promise<TransformResult> {
  const { dates } = request;
  const pipeline = nameInLedger(project, request.pipeline);
  const date = typeof dates !== 'string' && dates.length === 1 ? (dates[0] ?? null) : null;
  if (date !== null) await findLandedDate(project, request.pipeline, date);
  return journaled(project, { command: 'transform', pipeline, date, slot: null }, async (journal) => {
    const watch = startStopwatch(journal);
    const models = await watch.time('transform', () => transformDates(project, journal, dates));
    const { transform: ms } = watch.timings();
    return {
      run_id: journal.runId,
      models,
      checks: journal.checks,
      ...journal.found,
      timings_ms: { transform: ms },
    };
  });
}

/** Fetch, check, mask and land each date of a range that is missing, then transform once. */
export const backfill = backfillDates;

/** Runs reports on what is published; not in the ledger, because it changes nothing. */
export const report = reportOn;

function entryOf(command: string, { definition, date, slot }: IngestPlan) {
  return { command, pipeline: definition.pipeline, date, slot };
}

interface Parts {
  readonly datasets: readonly DatasetResult[];
  readonly models: readonly ModelResult[];
  readonly reports: readonly ReportResult[];
}

function resultOf(plan: IngestPlan, journal: Journal, timings: Timings, parts: Parts): RunResult {
  return {
    run_id: journal.runId,
    pipeline: plan.definition.pipeline,
    date: plan.date,
    status: parts.datasets.every(({ unchanged }) => unchanged) ? 'unchanged' : 'succeeded',
    ...parts,
    checks: journal.checks.filter((check) => check.pipeline === plan.definition.pipeline),
    ...journal.found,
    timings_ms: timings,
  };
}

/** Whole milliseconds of each part of a run, from its first request on: what it takes to start is not in it. */
function startStopwatch(journal: Journal) {
  const startedAt = performance.now();
  const spent = { ingest: 0, transform: 0, report: 0 };
  return {
    async time<T>(part: keyof typeof spent, work: () => Promise<T>): Promise<T> {
      const since = performance.now();
      try {
        return await work();
      } finally {
        spent[part] = Math.round(performance.now() - Math.max(since, journal.askedAt ?? since));
      }
    },
    timings: (): Timings => ({
      ...spent,
      total: Math.round(performance.now() - (journal.askedAt ?? startedAt)),
    }),
  };
}
