import type { DuckDBConnection } from '@duckdb/node-api';
import { readRows, toNumber } from '../../base/duckdb.js';
import { failure } from '../../base/errors.js';
import type { Assertion, Build, BuildPlan } from '../materializations/materialization.js';
import { runSource, type SqlSource } from '../sql/run-sql.js';

/** The recorded contents of each model's table. */
export async function readBuilds(
  connection: DuckDBConnection,
): Promise<ReadonlyMap<string, readonly Build[]>> {
  const rows = await readRows(
    connection,
    'select model, date::varchar as date, sql_sha256, inputs_sha256, run_id from ops.builds order by model, date',
  );
  const builds = new Map<string, Build[]>();
  for (const row of rows) {
    const model = String(row['model']);
    const own = builds.get(model) ?? [];
    own.push({
      date: row['date'] === null ? null : String(row['date']),
      sqlSha256: String(row['sql_sha256']),
      inputsSha256: String(row['inputs_sha256']),
      runId: String(row['run_id']),
    });
    builds.set(model, own);
  }
  return builds;
}

/**
 * Runs a plan and records it, in one transaction.
 * @throws E_MODEL for SQL that does not bind or a failed assertion, E_SQL_RUN, E_DISK
 */
export async function applyPlan(
  connection: DuckDBConnection,
  model: SqlSource,
  plan: BuildPlan,
): Promise<void> {
  await connection.run('begin transaction');
  await runSteps(connection, model, plan);
  await connection.run('delete from ops.builds where model = $name', { name: model.name });
  await connection.run(
    `insert into ops.builds
     select $name, (b->>'date')::date, b->>'sqlSha256', b->>'inputsSha256', b->>'runId'
     from (select unnest(from_json($builds::varchar, '["json"]')) as b)`,
    { name: model.name, builds: JSON.stringify(plan.builds) },
  );
  await connection.run('commit');
}

/** Runs the steps without recording them. @throws as `applyPlan` */
export async function runSteps(
  connection: DuckDBConnection,
  model: SqlSource,
  { steps }: Pick<BuildPlan, 'steps'>,
): Promise<void> {
  for (const step of steps) {
    if (typeof step === 'string') await runSource(connection, model, [step]);
    else await assertNone(connection, model, step);
  }
}

async function assertNone(
  connection: DuckDBConnection,
  { name, file }: SqlSource,
  { countOf, problem, fix }: Assertion,
): Promise<void> {
  const [row] = await readRows(connection, `select (${countOf}) as found`);
  if (toNumber(row?.['found']) === 0) return;
  throw failure(
    'E_MODEL',
    { problem: `${name}: ${problem}`, fix },
    { file, model: name, stage: 'transform' },
  );
}
