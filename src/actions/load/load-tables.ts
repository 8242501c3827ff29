import { mkdir, realpath, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { orDiskError } from '../../base/files/durable.js';
import { readPath } from '../../base/json-values.js';
import { type LoadPart, type LoadTable, nameTable } from '../../base/types/load.js';
import { readTarget } from '../../definition/read-targets.js';
import { createRunId } from '../../ledger/run-id.js';
import { recordLoad } from '../../load/loaded-file.js';
import { type PartPlan, planParts } from '../../load/plan-load.js';
import { findLongName, planSchema, type SchemaRules, type TableChange } from '../../load/plan-schema.js';
import { bindTarget, TARGET_FORM, type TargetSettings } from '../../load/registry.js';
import type { LoadRun, LoggedPart, OpenTarget } from '../../load/target.js';
import { failure } from '../../base/errors.js';
import type { Project } from '../../project.js';
import { LoadRoom, selectPart } from '../../warehouse/published/load-room.js';
import { assertDatabase } from '../../warehouse/file/next-file.js';
import { loadWarehouseProject } from '../../warehouse/project.js';
import { listOpenZones } from '../transform/check-sql.js';
import { knownIn, listPipelines } from '../transform/transform-dates.js';
import { type ChosenTables, chooseTables, type LeftOut } from './choose-tables.js';
import { describeContext, lockTarget } from './describe-context.js';

/** The options of `load`. */
export interface LoadRequest {
  /** The name of a target in `targets.yaml`. */
  readonly target: string;
  /** Null for the tables of all pipelines. */
  readonly pipeline: string | null;
  /** As `silver.users` or `users`; empty for all. */
  readonly tables: readonly string[];
  /** The only date of tables that have dates, `YYYY-MM-DD`; null for every date that differs. */
  readonly date: string | null;
  /** Loads what has not changed, too. */
  readonly force: boolean;
}

export interface LoadedTable {
  readonly table: string;
  readonly rows: number;
  /** Dates that were loaded; null for a table that is replaced as a whole. */
  readonly dates: readonly string[] | null;
  /** Parts that the target had already. */
  readonly unchanged: number;
  /** Parts that the warehouse no longer has. */
  readonly removed: number;
  /** Cells whose U+0000 became U+FFFD. */
  readonly replaced_cells: number;
}

/** What `pipeline load --json` prints. */
export interface LoadDocument {
  readonly run_id: string;
  readonly target: string;
  readonly type: TargetSettings['type'];
  readonly place: string;
  readonly way: string;
  readonly rows: number;
  readonly tables: readonly LoadedTable[];
  readonly left_out: readonly LeftOut[];
}

/**
 * Copies tables of the published warehouse into a target: one transaction for each table and date that differs.
 * @throws E_USAGE, E_UNKNOWN, E_DEFINITION and its like for the request and targets.yaml; E_NO_WAREHOUSE, E_EXPORT_RAW;
 * E_TARGET_LOGIN, E_TARGET_DOWN, E_TARGET_BUSY, E_TARGET_FULL, E_TARGET_FILE, E_TARGET_TABLE, E_TARGET_ROWS, E_TARGET;
 * E_LOCKED, E_DISK
 */
export async function loadTables(project: Project, request: LoadRequest): Promise<LoadDocument> {
  const { config, effects } = project;
  const { variables, places, projectDir } = config;
  const found = await readTarget({ projectDir, variables, places }, TARGET_FORM, request.target);
  const written = (setting: string): string => String(readPath(found.written, [setting]));
  const context = await describeContext(project, { name: request.target, written });
  const { place, rules, open } = bindTarget(found.settings, context);
  await assertDatabase(config.databasePath);
  const lock = await lockTarget(project, request.target);
  try {
    const target = await open();
    try {
      const load = { project, request, target, rules, settings: found.settings, place };
      const run = { runId: createRunId(effects.now()), toolVersion: project.toolVersion, now: effects.now };
      return await loadInto(load, run);
    } finally {
      await target.close();
    }
  } catch (error) {
    throw effects.signal.aborted ? effects.signal.reason : error;
  } finally {
    await lock.release();
  }
}

interface Load {
  readonly project: Project;
  readonly request: LoadRequest;
  readonly target: OpenTarget;
  readonly rules: SchemaRules;
  readonly settings: TargetSettings;
  readonly place: string;
}

async function loadInto(load: Load, run: LoadRun): Promise<LoadDocument> {
  const { project, request, target, settings, place } = load;
  // DuckDB gives the real paths of the folders that it may write.
  const folder = await realpath(dirname(project.config.databasePath));
  const spillDir = join(folder, `.load-${request.target}`);
  await orDiskError(spillDir, async () => {
    await rm(spillDir, { recursive: true, force: true });
    await mkdir(spillDir, { mode: 0o700 });
  });
  try {
    const room = await openRoom(load, spillDir);
    const { signal } = project.effects;
    const interrupt = (): void => {
      room.connection.interrupt();
    };
    signal.addEventListener('abort', interrupt);
    try {
      const { tables: loaded, leftOut } = await planAndLoad(load, room, run);
      await target.finish();
      const rows = loaded.reduce((sum, one) => sum + one.rows, 0);
      const facts = { run_id: run.runId, target: request.target, type: settings.type, place };
      return { ...facts, way: target.way, rows, tables: loaded, left_out: leftOut };
    } finally {
      signal.removeEventListener('abort', interrupt);
      room.close();
    }
  } finally {
    await rm(spillDir, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Without DuckDB's extension if it cannot reach the target, for whatever reason: rows are then copied as text. */
async function openRoom({ project, target }: Load, spillDir: string): Promise<LoadRoom> {
  const { config, lake, effects } = project;
  const places = { databasePath: config.databasePath, lakeDir: lake.root, spillDir };
  const options = { ...places, openZones: listOpenZones(project) };
  if (target.prepare.length === 0) return LoadRoom.open({ ...options, prepare: [] });
  return LoadRoom.open({ ...options, prepare: target.prepare }).catch(() => {
    effects.log.warn('load_without_extension');
    target.useCopy();
    return LoadRoom.open({ ...options, prepare: [] });
  });
}

/** One table with what has to be done about it. */
interface TablePlan {
  readonly table: LoadTable;
  readonly pipeline: string | null;
  readonly change: TableChange;
  readonly parts: readonly PartPlan[];
}

async function planAndLoad(load: Load, room: LoadRoom, run: LoadRun) {
  const { project, request, settings, target, place } = load;
  const { tables, leftOut } = await chooseFrom(load, room);
  const log = await target.readLog();
  const plans: TablePlan[] = [];
  for (const { table, pipeline } of tables) {
    await room.assertMayLeave(table, settings.tokens);
    plans.push({ table, pipeline, ...(await planTable(load, room, table, log)) });
  }
  assertDate(plans, request.date);
  if (plans.some(({ parts }) => parts.some(({ kind }) => kind === 'load')))
    await recordLoad(project.config.lakeDir, {
      format: 1,
      target: request.target,
      type: settings.type,
      place,
      schema_prefix: settings.schema_prefix,
      tokens: settings.tokens,
      tables: plans.map(({ table, parts }) => ({ table: nameTable(table), dates: listDates(table, parts) })),
      last_run_id: run.runId,
      last_load_at: run.now().toISOString(),
    });
  const rejected = await room.countRejected();
  const { progress, signal } = project.effects;
  progress.start('Loading', countRows(plans.flatMap(({ parts }) => parts)));
  const loaded: LoadedTable[] = [];
  for (const plan of plans) {
    signal.throwIfAborted();
    await target.change(plan.table, plan.change);
    for (const { kind, part } of plan.parts) {
      signal.throwIfAborted();
      if (kind === 'keep') continue;
      await target.loadPart(room.connection, describePart(plan, part, rejected), run);
      progress.advance(part.rows);
    }
    loaded.push(describeLoaded(plan));
  }
  progress.stop();
  return { tables: loaded, leftOut };
}

/** A date that no table has would silently load nothing. */
function assertDate(plans: readonly TablePlan[], date: string | null): void {
  const dated = plans.filter(({ table }) => table.dateColumn !== null);
  if (date === null || dated.length === 0) return;
  if (dated.some(({ parts }) => parts.some(({ part }) => part.date === date))) return;
  const hint = 'list the dates that have landed with `pipeline status`';
  throw failure('E_USAGE', { what: `no table has rows of ${date}`, hint });
}

async function chooseFrom({ project, request, settings }: Load, room: LoadRoom): Promise<ChosenTables> {
  const { models } = await loadWarehouseProject(listPipelines(project), knownIn(project));
  return chooseTables({
    published: await room.listTables(),
    models,
    definitions: project.definitions,
    pipeline: request.pipeline,
    names: request.tables,
    withTokens: settings.tokens,
  });
}

/** @throws E_TARGET_TABLE with the statement to run, if the target's table cannot hold it without losing something */
async function planTable(
  { request, target, rules }: Load,
  room: LoadRoom,
  table: LoadTable,
  log: readonly LoggedPart[],
): Promise<Pick<TablePlan, 'change' | 'parts'>> {
  const where = { table: nameTable(table), target: request.target };
  const problem = findLongName(table, rules);
  if (problem !== null) {
    const fix = 'give it a shorter name in its model or definition, or leave the table out with `--tables`';
    throw failure('E_TARGET_TABLE', { ...where, problem, fix }, { stage: 'load' });
  }
  const measured = await room.measure(table);
  const existing = await target.readTable(table);
  const hasKey = table.key.length > 0 && measured.every(({ keyless }) => keyless === 0);
  const change = planSchema(table, existing?.columns ?? null, rules, hasKey);
  if (change.kind === 'refused') {
    const fix = `run \`${change.statement}\` if its readers do not need it, then run the command again`;
    throw failure('E_TARGET_TABLE', { ...where, problem: change.problem, fix }, { stage: 'load' });
  }
  const { date, force: isForced } = request;
  return { change, parts: planParts({ table, parts: measured, existing, log, date, isForced }) };
}

function describePart(
  { table, pipeline }: TablePlan,
  part: PartPlan['part'],
  rejected: ReadonlyMap<string, number>,
): LoadPart {
  const key = [pipeline, part.date].filter((one) => one !== null).join(' ');
  return { ...part, table, sql: selectPart(table, part.date), rejected: rejected.get(key) ?? 0 };
}

function describeLoaded({ table, parts }: TablePlan): LoadedTable {
  const done = parts.filter(({ kind }) => kind === 'load');
  return {
    table: nameTable(table),
    rows: countRows(done),
    dates: listDates(table, done),
    unchanged: parts.filter(({ kind }) => kind === 'keep').length,
    removed: parts.filter(({ kind }) => kind === 'remove').length,
    replaced_cells: done.reduce((sum, { part }) => sum + part.nuls, 0),
  };
}

function listDates(table: LoadTable, parts: readonly PartPlan[]): string[] | null {
  if (table.dateColumn === null) return null;
  return parts.flatMap(({ kind, part }) => (kind === 'remove' || part.date === null ? [] : [part.date]));
}

function countRows(parts: readonly PartPlan[]): number {
  return parts.reduce((sum, { kind, part }) => sum + (kind === 'load' ? part.rows : 0), 0);
}
