import type { DuckDBConnection } from '@duckdb/node-api';
import { readRows, toNumber } from '../../base/duckdb.js';
import type { Log } from '../../base/effects.js';
import { failure, type LakeveilError } from '../../base/errors.js';
import type { DatasetCheck } from '../../base/types/dataset-check.js';
import { describeFinding } from '../../base/types/result.js';
import type { CheckResult } from '../../base/types/run-record.js';
import type { BronzeDataset, WarehousePipeline } from '../landed-partition.js';
import { nameSqlFailure } from '../sql/run-sql.js';
import type { SqlCheck } from './check.js';
import type { DatedCheck } from './dated-check.js';
import { type CheckedDay, type CheckSubject, compileCheck } from './compile-check.js';

/** The scope of the checks: datasets on given landed dates, and whole tables. */
export interface CheckOrder {
  readonly datasets: readonly { readonly dataset: BronzeDataset; readonly dates: readonly string[] }[];
  readonly sqlChecks: readonly (SqlCheck & Pick<DatedCheck, 'part'>)[];
  /** All pipelines of the project. */
  readonly pipelines: readonly WarehousePipeline[];
  /** `YYYY-MM-DD`, UTC. */
  readonly today: string;
}

/**
 * Runs checks on bronze and on the tables, read-only.
 * @throws E_MODEL, E_SQL_RUN for a check that fails to run; findings are in the results
 */
export async function runChecks(connection: DuckDBConnection, order: CheckOrder): Promise<CheckResult[]> {
  const rows = await readLandedRows(connection);
  const results: CheckResult[] = [];
  for (const { dataset, dates } of order.datasets) {
    const days = dates.map((date) => placeDay(dataset, date, rows, order.today));
    const pipeline = findOwner(dataset, order.pipelines);
    results.push(...(await runDatasetChecks(connection, { dataset, days, pipeline })));
  }
  for (const check of order.sqlChecks) results.push(await runSqlCheck(connection, check));
  return results;
}

/** Dataset names are unique in a project. */
function findOwner({ name }: BronzeDataset, pipelines: readonly WarehousePipeline[]): string | null {
  return pipelines.find(({ datasets }) => datasets.some((own) => own.name === name))?.pipeline ?? null;
}

/** Logs each failed check, `warn` and `error`, with its counts and tokens: results of commands list them as well. */
export function emitFailedChecks(results: readonly CheckResult[], log: Log): void {
  for (const { check, date, severity, found, tokens } of results.filter(({ passed }) => !passed)) {
    const on = date === null ? {} : { date };
    const of = tokens.length === 0 ? {} : { tokens: tokens.join(' ') };
    log.reported('warn', 'check_failed', { check, ...on, severity, found, ...of });
  }
}

/** The error of failed checks; null if no check of severity error has failed. */
export function evaluateChecks(results: readonly CheckResult[]): LakeveilError | null {
  const [first, ...others] = results.filter(({ passed, severity }) => !passed && severity === 'error');
  if (first === undefined) return null;
  const more = others.length === 0 ? '' : `; ${others.length} more failed`;
  const where = { stage: 'transform', ...(first.dataset === null ? {} : { dataset: first.dataset }) };
  return failure('E_CHECK_FAILED', { check: first.check, what: describeFinding(first), more }, where);
}

/** Row counts by dataset and landed date, newest date first. */
type LandedRows = ReadonlyMap<string, ReadonlyMap<string, number>>;

async function readLandedRows(connection: DuckDBConnection): Promise<LandedRows> {
  const found = await readRows(
    connection,
    `select dataset, date::varchar as day, sum("rows") as "rows" from ops.partitions
     group by dataset, date order by dataset, date desc`,
  );
  const landed = new Map<string, Map<string, number>>();
  for (const row of found) {
    const own = landed.get(String(row['dataset'])) ?? new Map<string, number>();
    landed.set(String(row['dataset']), own.set(String(row['day']), toNumber(row['rows'])));
  }
  return landed;
}

function placeDay({ name }: BronzeDataset, date: string, rows: LandedRows, today: string): CheckedDay {
  const own = [...(rows.get(name) ?? [])];
  return {
    date,
    rowsBefore: own.filter(([day]) => day < date).map(([, count]) => count),
    dateOf: (other) => [...(rows.get(other)?.keys() ?? [])].find((day) => day <= date) ?? null,
    today: own[0]?.[0] === date ? today : null,
  };
}

interface OwnedSubject extends CheckSubject {
  readonly pipeline: string | null;
}

/** Sorts by date, then in the order of the definition. */
async function runDatasetChecks(connection: DuckDBConnection, subject: OwnedSubject): Promise<CheckResult[]> {
  const byDate = new Map<string | null, CheckResult[]>(subject.days.map(({ date }) => [date, []]));
  if (byDate.size === 0) return [];
  for (const check of subject.dataset.checks) {
    for (const result of await runDatasetCheck(connection, check, subject)) {
      byDate.get(result.date)?.push(result);
    }
  }
  return [...byDate.values()].flat();
}

async function runDatasetCheck(
  connection: DuckDBConnection,
  check: DatasetCheck,
  subject: OwnedSubject,
): Promise<CheckResult[]> {
  const sql = compileCheck(check, subject);
  if (sql === null) return [];
  try {
    const rows = await readRows(
      connection,
      `select day::varchar as day, found, passed, to_json(tokens)::varchar as tokens from (${sql})`,
    );
    return rows.map((row) => ({
      check: check.name,
      pipeline: subject.pipeline,
      dataset: subject.dataset.name,
      date: String(row['day']),
      severity: check.severity,
      passed: row['passed'] === true,
      found: toNumber(row['found']),
      tokens: readTokens(row['tokens']),
    }));
  } catch (error) {
    const where = { dataset: subject.dataset.name, stage: 'transform' };
    throw nameSqlFailure(error, `check ${check.name}`, 'the definition', where);
  }
}

function readTokens(text: unknown): string[] {
  const tokens: unknown = JSON.parse(typeof text === 'string' ? text : '[]');
  return Array.isArray(tokens) ? tokens.map(String) : [];
}

async function runSqlCheck(
  connection: DuckDBConnection,
  { name, pipeline, file, sql, severity, part }: SqlCheck & Pick<DatedCheck, 'part'>,
): Promise<CheckResult> {
  try {
    const [row] =
      part === '' ? [] : await readRows(connection, `select count(*) as found from (\n${part ?? sql}\n)`);
    const found = toNumber(row?.['found']);
    const whole = { check: name, pipeline, dataset: null, date: null };
    return { ...whole, severity, passed: found === 0, found, tokens: [] };
  } catch (error) {
    throw nameSqlFailure(error, `check ${name}`, file, { file, stage: 'transform' });
  }
}
