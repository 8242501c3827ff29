import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, readRows, toNumber } from '../duckdb.js';
import type { ModelResult } from '../result.js';
import type { InputState } from './input-state.js';
import { digestModel } from './input-state.js';
import type { Build, BuildPlan } from './materializations/materialization.js';
import type { Model } from './model.js';
import { runSource } from './run-sql.js';

export interface BuildOrder {
  /** In an order in which each comes after what it reads. */
  readonly models: readonly Model[];
  /** States of the bronze views by qualified name. */
  readonly bronze: ReadonlyMap<string, InputState>;
  /** Dates that dated models make anew even if nothing changed. */
  readonly forced: ReadonlySet<string>;
  readonly runId: string;
  readonly signal: AbortSignal;
}

/** Brings every model to what its inputs are now, each in one transaction, and counts its rows. */
export async function buildModels(connection: DuckDBConnection, order: BuildOrder): Promise<ModelResult[]> {
  const states = new Map(order.bronze);
  const results: ModelResult[] = [];
  for (const model of order.models) {
    order.signal.throwIfAborted();
    const state = digestModel(model.sql, readInputs(model, states), model.materialization.isDated);
    states.set(model.name, state);
    results.push({ model: model.name, rows: await buildModel(connection, model, state, order) });
  }
  return results;
}

function readInputs(model: Model, states: ReadonlyMap<string, InputState>): InputState[] {
  return model.reads.flatMap((name) => states.get(name) ?? []);
}

async function buildModel(
  connection: DuckDBConnection,
  model: Model,
  state: InputState,
  { forced, runId }: BuildOrder,
): Promise<number> {
  const relation = `${model.schema}.${quoteName(model.table)}`;
  const built = await readBuilds(connection, model);
  const plan = model.planner({ relation, sql: model.sql, state, built, forced, runId });
  if (plan.statements.length > 0) await applyPlan(connection, model, plan);
  const [row] = await readRows(connection, `select count(*) as found from ${relation}`);
  return toNumber(row?.['found']);
}

async function readBuilds(connection: DuckDBConnection, { name }: Model): Promise<Build[]> {
  const rows = await readRows(
    connection,
    'select date::varchar as date, sql_sha256, inputs_sha256, run_id from ops.builds where model = $name order by date',
    { name },
  );
  return rows.map((row) => ({
    date: row['date'] === null ? null : String(row['date']),
    sqlSha256: String(row['sql_sha256']),
    inputsSha256: String(row['inputs_sha256']),
    runId: String(row['run_id']),
  }));
}

async function applyPlan(connection: DuckDBConnection, model: Model, plan: BuildPlan): Promise<void> {
  await connection.run('begin transaction');
  await runSource(connection, model, plan.statements);
  await connection.run('delete from ops.builds where model = $name', { name: model.name });
  await connection.run(
    `insert into ops.builds
     select $name, (b->>'date')::date, b->>'sqlSha256', b->>'inputsSha256', b->>'runId'
     from (select unnest(from_json($builds::varchar, '["json"]')) as b)`,
    { name: model.name, builds: JSON.stringify(plan.builds) },
  );
  await connection.run('commit');
}
