import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, readRows, toNumber } from '../base/duckdb.js';
import { LakeveilError } from '../base/errors.js';
import { DELETED } from '../base/names.js';
import { measureUniqueShare } from '../base/unique-share.js';
import { isIn } from './materializations/dated-builds.js';
import type { ReleaseResult } from '../base/types/release-result.js';
import type { ModelResult } from '../base/types/run-record.js';
import type { BronzeDataset } from './landed-partition.js';
import { digestModel, type InputState, startAt, withoutDates } from './materializations/input-state.js';
import {
  type Build,
  type BuildPlan,
  type BuildTarget,
  type CheckpointStart,
  planNothing,
} from './materializations/materialization.js';
import type { Relation } from './relation.js';
import { buildRelease, type BuiltRelease } from './releases/build-release.js';
import { describeRowOrder } from './materializations/row-order.js';
import { applyPlan, readBuilds } from './models/apply-plan.js';
import { bindModel } from './models/bind-model.js';
import { findStart, type LandedCheckpoint, listLandedDates } from './models/landed-checkpoint.js';
import { listDependents } from './models/model-graph.js';
import type { Model } from './models/model.js';
import { traceModel } from './models/trace-model.js';

interface BuildOrder {
  /** Sorted so that each model follows the models it reads. */
  readonly models: readonly Model[];
  /** States of the bronze views by qualified name. */
  readonly bronze: ReadonlyMap<string, InputState>;
  /** Dates that date-based models rebuild even if nothing changed. */
  readonly forced: ReadonlySet<string>;
  /** Whether every model is rebuilt from all dates. */
  readonly isFull: boolean;
  /** Checkpoints of models whose raw files were pruned. */
  readonly checkpoints: readonly LandedCheckpoint[];
  /** What is known of each model. */
  readonly relations: ReadonlyMap<string, Relation>;
  /** The bronze datasets, of which some are snapshots. */
  readonly datasets: readonly BronzeDataset[];
  /** The file that is being replaced is attached, for releases to compare with. */
  readonly hasBefore: boolean;
  /** People were erased: no release keeps its last version. */
  readonly isErasure: boolean;
  /** Called with what was measured of each release, also if it stops the build. */
  readonly onRelease: (release: ReleaseResult) => void;
  readonly runId: string;
  readonly signal: AbortSignal;
}

/**
 * Brings every model up to date with its inputs, each in one transaction, and counts its rows.
 * @throws E_MODEL, E_SQL_RUN, E_DISK with the models that depend on the failed one
 */
export async function buildModels(connection: DuckDBConnection, order: BuildOrder): Promise<ModelResult[]> {
  const states = new Map(order.bronze);
  const results: ModelResult[] = [];
  const builds = order.isFull ? new Map<string, readonly Build[]>() : await readBuilds(connection);
  for (const model of order.models) {
    order.signal.throwIfAborted();
    const { followsDates, isDated } = model.materialization;
    const source = model.release === null ? model.sql : `${model.sql} ${model.release.digest}`;
    const landed = digestModel(source, readInputs(model, states), followsDates);
    const start = findStart(model, order.models, order.checkpoints);
    const state = start === null ? landed : startAt(landed, start);
    states.set(model.name, isDated ? state : withoutDates(state));
    results.push(
      await buildModel(connection, model, { state, start, built: builds.get(model.name) ?? [] }, order).catch(
        nameDependents(model, order),
      ),
    );
  }
  return results;
}

function readInputs(model: Model, states: ReadonlyMap<string, InputState>): InputState[] {
  return model.reads.flatMap((name) => states.get(name) ?? []);
}

interface ModelInput {
  readonly state: InputState;
  readonly start: CheckpointStart | null;
  /** What its table holds. */
  readonly built: readonly Build[];
}

async function buildModel(
  connection: DuckDBConnection,
  model: Model,
  { state, start, built }: ModelInput,
  order: BuildOrder,
): Promise<ModelResult> {
  const { bronze, forced, relations, runId } = order;
  const relation = `${model.schema}.${quoteName(model.table)}`;
  const landed = model.reads.flatMap((name) => bronze.get(name)?.dates ?? []);
  const landedDates = listLandedDates(landed, start);
  const [date = null] = model.materialization.isDated ? model.planner.needs : [];
  const rowOrder = describeRowOrder(relations.get(model.name), date);
  const target = { relation, sql: model.sql, state, landedDates, built, forced, rowOrder, runId, start };
  const planWith = (hasDeleted: boolean): BuildPlan => planBuild(model, { ...target, hasDeleted });
  const isUpToDate = planWith(false).extent === 'skipped';
  const columns = isUpToDate ? [] : await bindModel(connection, model);
  const planned = planWith(columns.includes(DELETED));
  const released = await planRelease(connection, model, { ...target, hasDeleted: false }, planned, order);
  const plan = released?.plan ?? planned;
  if (plan.steps.length > 0) await applyPlan(connection, model, plan);
  const [row] = await readRows(connection, `select count(*) as found from ${relation}`);
  const rows = toNumber(row?.['found']);
  if (released !== null) order.onRelease({ ...released.result, rows });
  return {
    model: model.name,
    pipeline: model.pipeline,
    rows,
    built: plan.extent,
    dates: plan.dates,
    singled_out: await measureRisk(connection, relations.get(model.name), { relation, plan, date, runId }),
  };
}

/** Measures a release, and plans its rows; null for another model. @throws E_RELEASE where it must not be published */
async function planRelease(
  connection: DuckDBConnection,
  model: Model,
  target: BuildTarget,
  planned: BuildPlan,
  { models, relations, datasets, hasBefore, isErasure, onRelease }: BuildOrder,
): Promise<Pick<BuiltRelease, 'plan' | 'result'> | null> {
  const { release } = model;
  if (release === null) return null;
  const landed = traceModel(model, models).datasets;
  const own = datasets.filter(({ name }) => landed.includes(name));
  const build = { model, release, target, plan: planned, relations, datasets: own, hasBefore, isErasure };
  const { plan, result, error } = await buildRelease(connection, build);
  if (error === null) return { plan, result };
  onRelease(result);
  throw error;
}

interface BuiltTable {
  readonly relation: string;
  readonly plan: BuildPlan;
  /** The column of the landing date; null if rows do not belong to dates. */
  readonly date: string | null;
  readonly runId: string;
}

/** The share of unique rows among those that were built, each date for itself; null for a table without tokens. */
async function measureRisk(
  connection: DuckDBConnection,
  known: Relation | undefined,
  { relation, plan, date, runId }: BuiltTable,
): Promise<number | null> {
  const columns = [...(known?.columns ?? [])];
  const quasi = columns
    .filter(([name, { isQuasi, isToken }]) => isQuasi && !isToken && name !== date)
    .map(([name]) => name);
  const hasTokens = columns.some(([, { isToken }]) => isToken);
  if (!hasTokens || quasi.length === 0 || plan.extent === 'skipped') return null;
  if (date === null) return measureUniqueShare(connection, relation, quasi);
  const dates = plan.builds.filter((build) => build.runId === runId).flatMap((build) => build.date ?? []);
  const built = `(from ${relation} where ${isIn(quoteName(date), dates)})`;
  return measureUniqueShare(connection, built, [...new Set([date, ...quasi])]);
}

/** Adds the names of dependent models to the error. */
function nameDependents(model: Model, { models }: BuildOrder): (error: unknown) => never {
  return (error) => {
    const waiting = listDependents(model, models).map(({ name }) => name);
    if (!(error instanceof LakeveilError) || waiting.length === 0) throw error;
    const { code, message, remedy, where, facts } = error;
    const next = `${remedy}; models that depend on it: ${waiting.join(', ')}`;
    throw new LakeveilError(code, message, next, where, [], facts);
  };
}

/**
 * The plan of a model. A date-based model without landed dates is recorded without a date, so that its empty table is not
 * rebuilt each time. Pure.
 */
function planBuild(
  { materialization, planner }: Pick<Model, 'materialization' | 'planner'>,
  target: BuildTarget,
): BuildPlan {
  if (!materialization.followsDates) return planner.plan(target);
  const { state, built, runId } = target;
  const isEmpty = (state.byDate?.size ?? 0) === 0;
  const isAsBuilt = built.some(({ date, sqlSha256 }) => date === null && sqlSha256 === state.shape);
  if (isEmpty && isAsBuilt) return planNothing(target);
  const plan = planner.plan({ ...target, built: built.filter(({ date }) => date !== null) });
  if (plan.builds.length > 0) return plan;
  return { ...plan, builds: [{ date: null, sqlSha256: state.shape, inputsSha256: state.whole, runId }] };
}
