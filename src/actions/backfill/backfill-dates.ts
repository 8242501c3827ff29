import pLimit from 'p-limit';
import { atStage, LakeveilError } from '../../base/errors.js';
import type { Definition } from '../../base/types/definition.js';
import type { Manifest } from '../../base/types/manifest.js';
import { type ReleaseResult, withoutReleases } from '../../base/types/release-result.js';
import type { CheckResult, DatasetResult, ModelResult } from '../../base/types/run-record.js';
import { ONE_PROCESS, type Workers } from '../../ingest/staging-work.js';
import { ingestDate } from '../../ingest/ingest-date.js';
import { type IngestRequest, planIngest } from '../../ingest/plan-ingest.js';
import { assertAllowed, prepareIngest } from '../../ingest/prepare-ingest.js';
import { withRun } from '../../ledger/run-context.js';
import { findDefinition, type Project } from '../../project.js';
import { isInTables, readBuilt } from '../status/read-built.js';
import { enforceRetention } from '../prune/enforce-retention.js';
import { checkSql } from '../transform/check-sql.js';
import { checkWarehouseFile, transformDates } from '../transform/transform-dates.js';
import { type BackfillChoice, type BackfillDate, isDue, planBackfill } from './plan-backfill.js';

export interface BackfillRequest extends BackfillChoice {
  readonly pipeline: string;
  /** In order; each `YYYY-MM-DD`. */
  readonly dates: readonly string[];
  readonly datesInParallel: number;
  /** Return the plan without running it. */
  readonly dryRun: boolean;
  /** Replaces the definition's `base_url`. */
  readonly source: string | null;
  readonly asOfNow: boolean;
  /** Shared by the dates that are fetched in parallel; by default this process alone. */
  readonly workers?: Workers;
}

/** One run of a backfill: a date or an hour. */
export interface BackfillLanding {
  readonly date: string;
  readonly slot: string | null;
  readonly datasets: readonly DatasetResult[];
}

export interface BackfillResult {
  readonly pipeline: string;
  /** True if only the plan was made. */
  readonly dry_run: boolean;
  readonly plan: readonly BackfillDate[];
  readonly landed: readonly BackfillLanding[];
  readonly models: readonly ModelResult[];
  readonly releases: readonly ReleaseResult[];
  readonly checks: readonly CheckResult[];
}

/**
 * Fetches the due dates in parallel and the hours of a date in order, each with its own run and commit, then builds the
 * tables once. Data that landed before a failure is kept, so the same command continues where it stopped.
 */
export async function backfillDates(project: Project, request: BackfillRequest): Promise<BackfillResult> {
  const { pipeline, dates, dryRun } = request;
  const definition = findDefinition(project, pipeline);
  if (!dryRun) await enforceRetention(project, definition);
  const { horizons } = await project.lake.listKept();
  const state = { manifests: await project.lake.list(), horizons };
  const plan = planBackfill(definition, state, dates, request, project.effects.now());
  const due = plan.filter(isDue);
  const ingests = due.flatMap(({ date, slots }) =>
    (slots ?? [null]).map((slot) => planIngest(project, requestFor(request, date, slot))),
  );
  // A dry run is refused where the backfill would be, and a backfill before it lands a part of its dates.
  await assertAllowed(project, ingests);
  if (dryRun || (due.length === 0 && (await isBuilt(project, definition, state.manifests, dates)))) {
    return { pipeline, dry_run: dryRun, plan, landed: [], models: [], releases: [], checks: [] };
  }
  await checkWarehouseFile(project);
  await checkSql(project, pipeline);
  const landed = await landAll(project, request, due);
  const entry = { command: 'backfill', pipeline, date: null, slot: null };
  return withRun(project, entry, async (context) => {
    const built = await atStage('transform', () => transformDates(project, context, []));
    const tables = withoutReleases(built, context.releases);
    const models = tables.filter((model) => model.pipeline === pipeline);
    const releases = context.releases.filter((release) => release.pipeline === pipeline);
    const checks = context.checks.filter((check) => check.pipeline === pipeline);
    return { pipeline, dry_run: false, plan, landed, models, releases, checks };
  });
}

/** Whether the tables contain the dates as landed; a backfill may have stopped before it built the tables. */
async function isBuilt(
  project: Project,
  { datasets }: Definition,
  manifests: readonly Manifest[],
  dates: readonly string[],
): Promise<boolean> {
  const wanted = new Set(dates);
  const own = manifests.filter(({ dataset, date }) => datasets.has(dataset) && wanted.has(date));
  if (own.length === 0) return true;
  const built = await readBuilt(project);
  return own.every((manifest) => isInTables(manifest, built));
}

/** After the first failure no further date or hour starts; those in progress finish first. */
async function landAll(
  project: Project,
  request: BackfillRequest,
  due: readonly BackfillDate[],
): Promise<readonly BackfillLanding[]> {
  const limit = pLimit(request.datesInParallel);
  let hasFailed = false;
  const landings = due.map(({ date, slots }) =>
    limit(async () => {
      const landed: BackfillLanding[] = [];
      try {
        for (const slot of slots ?? [null]) {
          if (hasFailed) break;
          landed.push({ date, slot, datasets: await landOne(project, request, date, slot) });
        }
      } catch (error) {
        hasFailed = true;
        throw error;
      }
      return landed;
    }),
  );
  await Promise.allSettled(landings);
  return (await Promise.all(landings)).flat();
}

async function landOne(
  project: Project,
  request: BackfillRequest,
  date: string,
  slot: string | null,
): Promise<readonly DatasetResult[]> {
  const { pipeline } = request;
  try {
    const prepared = await prepareIngest(project, planIngest(project, requestFor(request, date, slot)));
    return await withRun(project, { command: 'backfill', pipeline, date, slot }, (context) =>
      ingestDate(project, prepared, context),
    );
  } catch (error) {
    // Other dates land in parallel, so the error names the date that failed.
    throw error instanceof LakeveilError
      ? error.at({ date: slot === null ? date : `${date}T${slot}` })
      : error;
  }
}

function requestFor(
  { pipeline, source, force, asOfNow, datesInParallel, workers: all = ONE_PROCESS }: BackfillRequest,
  date: string,
  slot: string | null,
): IngestRequest {
  const workers = { ...all, most: Math.max(1, Math.floor(all.most / datesInParallel)) };
  const whole = { dataset: null, seed: null, limitPages: null };
  return { pipeline, date, slot, source, force, asOfNow, workers, ...whole };
}
