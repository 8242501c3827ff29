import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, quoteText, readRows, withInstance } from '../../base/duckdb.js';
import { failure } from '../../base/errors.js';
import { DELETED } from '../../base/names.js';
import { createBronzeTable } from '../file/bronze-view.js';
import type { BronzeDataset } from '../landed-partition.js';
import { applyPlan } from '../models/apply-plan.js';
import { bindModel } from '../models/bind-model.js';
import { clearStale } from '../models/clear-stale.js';
import { listDependents } from '../models/model-graph.js';
import type { Model } from '../models/model.js';
import { nameSqlFailure } from '../sql/run-sql.js';
import type { ModelTest, TestRow } from './model-test.js';

/** The result of a test. Its rows come from the test file, never from a lake. */
export interface ModelTestResult {
  readonly model: string;
  readonly file: string;
  readonly passed: boolean;
  /** Missing and unexpected rows, as JSON. */
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

const MEMORY_LIMIT_MB = 256;

/**
 * Builds one model from the rows of a test, in a separate in-memory database with typed, empty inputs. Compares rows in
 * the columns that the test names, in any order unless the model has an `order by`.
 * @throws E_MODEL for an unknown column or SQL that does not bind; E_SQL_RUN
 */
export async function runModelTest(
  test: ModelTest,
  datasets: readonly BronzeDataset[],
  ordered: readonly Model[],
): Promise<ModelTestResult> {
  return withInstance({ memoryLimitMb: MEMORY_LIMIT_MB }, async (connection) => {
    await clearStale(connection, [], new Set(), '');
    for (const dataset of datasets) await connection.run(createBronzeTable(dataset));
    await prepareInputs(connection, test, ordered);
    await buildAnew(connection, test.model, listDates(test, ordered));
    return compare(connection, test);
  });
}

async function prepareInputs(
  connection: DuckDBConnection,
  test: ModelTest,
  ordered: readonly Model[],
): Promise<void> {
  for (const model of ordered) {
    if (listDependents(model, ordered).includes(test.model)) await buildAnew(connection, model, []);
  }
  for (const [table, rows] of test.given) {
    const counted = table.startsWith('bronze.')
      ? rows.map((row, index) => ({ _position: index, ...row }))
      : rows;
    await insertRows(connection, table, counted, test.file);
  }
}

/** A view cannot take rows, so it is built as a table. */
async function buildAnew(
  connection: DuckDBConnection,
  model: Model,
  dates: readonly string[],
): Promise<void> {
  const relation = `${model.schema}.${quoteName(model.table)}`;
  const columns = await bindModel(connection, model);
  if (model.materialization.isView) {
    const steps = [`create table ${relation} as ${model.sql}`];
    await applyPlan(connection, model, { steps, builds: [], extent: 'full', dates: 0 });
    return;
  }
  const byDate = new Map(dates.map((date) => [date, '']));
  const state = { shape: '', whole: '', byDate, dates };
  const target = {
    relation,
    sql: model.sql,
    hasDeleted: columns.includes(DELETED),
    rowOrder: null,
    state,
    start: null,
    landedDates: dates,
    built: [],
    forced: new Set<string>(),
    runId: '',
  };
  await applyPlan(connection, model, model.planner.plan(target));
}

/** The landed dates of a test: the dates of its bronze rows and of rows of dated models. */
function listDates({ given }: ModelTest, ordered: readonly Model[]): string[] {
  const dates = [...given].flatMap(([table, rows]) => {
    const model = ordered.find(({ name }) => name === table);
    if (model !== undefined && !model.materialization.isDated) return [];
    const column = model?.planner.needs[0] ?? '_ingest_date';
    return rows.map((row) => String(row[column] ?? ''));
  });
  return [...new Set(dates)].filter((date) => /^\d{4}-\d{2}-\d{2}$/.test(date)).sort();
}

async function insertRows(
  connection: DuckDBConnection,
  table: string,
  rows: readonly TestRow[],
  file: string,
): Promise<void> {
  const [schema = '', name = ''] = table.split('.');
  const relation = `${quoteName(schema)}.${quoteName(name)}`;
  const columns = await readColumns(connection, relation);
  const source = selectRows(rows, pickColumns(rows, columns, table, file));
  await runTest(file, () => connection.run(`insert into ${relation} by name ${source}`));
}

async function compare(connection: DuckDBConnection, test: ModelTest): Promise<ModelTestResult> {
  const { model, file, expected } = test;
  const relation = `${model.schema}.${quoteName(model.table)}`;
  const columns = pickColumns(expected, await readColumns(connection, relation), model.name, file);
  const place = model.isOrdered ? ', row_number() over () as _row' : '';
  const names = [...columns.keys()].map(quoteName).join(', ');
  const given = `select ${names}${place} from ${relation}`;
  const wanted = `select ${names}${place} from (${selectRows(expected, columns)})`;
  const missing = await listRows(connection, file, `${wanted} except all ${given}`);
  const unexpected = await listRows(connection, file, `${given} except all ${wanted}`);
  const passed = missing.length + unexpected.length === 0;
  return { model: model.name, file, passed, missing, unexpected };
}

async function listRows(connection: DuckDBConnection, file: string, sql: string): Promise<string[]> {
  const rows = await runTest(file, () =>
    readRows(
      connection,
      `select to_json(found)::varchar as found from (${sql}) as found order by found::varchar`,
    ),
  );
  return rows.map((row) => String(row['found']));
}

async function readColumns(
  connection: DuckDBConnection,
  relation: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await readRows(connection, `select column_name, column_type from (describe ${relation})`);
  return new Map(rows.map((row) => [String(row['column_name']), String(row['column_type'])]));
}

/** Columns named in the rows, with their types. */
function pickColumns(
  rows: readonly TestRow[],
  columns: ReadonlyMap<string, string>,
  table: string,
  file: string,
): Map<string, string> {
  const named = new Set(rows.flatMap((row) => Object.keys(row)));
  if ([...named].some((name) => !columns.has(name))) {
    const problem = `the test names a column that ${table} does not have`;
    throw failure('E_MODEL', { problem, fix: `name some of: ${[...columns.keys()].join(', ')}` }, { file });
  }
  return new Map([...columns].filter(([name]) => named.has(name)));
}

/** Strict, because a value of the wrong type would otherwise become null. Omitted columns are null. */
function selectRows(rows: readonly TestRow[], columns: ReadonlyMap<string, string>): string {
  const structure = quoteText(JSON.stringify([Object.fromEntries(columns)]));
  const names = [...columns.keys()].map((name) => `row.${quoteName(name)}`).join(', ');
  const nulls = Object.fromEntries([...columns.keys()].map((name) => [name, null]));
  const whole = quoteText(JSON.stringify(rows.map((row) => ({ ...nulls, ...row }))));
  return `select ${names} from (select unnest(from_json_strict(${whole}, ${structure})) as row)`;
}

async function runTest<T>(file: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw nameSqlFailure(error, `test ${file}`, file, { file, stage: 'transform' });
  }
}
