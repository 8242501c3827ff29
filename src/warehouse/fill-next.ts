import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { dateOf } from '../base/dates/calendar.js';
import { quoteName, quoteText, quoteTextList, readRows, withInstance } from '../base/duckdb.js';
import type { ReleaseResult } from '../base/types/release-result.js';
import type { ModelResult } from '../base/types/run-record.js';
import type { SqlCheck } from './checks/check.js';
import { bookChecked, findUnchecked, type Kept, readChecked } from './checks/checked-dates.js';
import { planDatedCheck } from './checks/dated-check.js';
import { emitFailedChecks, evaluateChecks, runChecks } from './checks/run-checks.js';
import { createBronzeView } from './file/bronze-view.js';
import type { NextFile } from './file/next-file.js';
import { writeChecks, writeLineage, writeOpsTables, writePrivacy } from './file/ops-tables.js';
import {
  type BronzeDataset,
  choosePartitions,
  listBronze,
  type WarehousePipeline,
} from './landed-partition.js';
import { digestBronze, type InputState, withoutDates } from './materializations/input-state.js';
import { type Model, namesOf } from './models/model.js';
import { readBuilds } from './models/apply-plan.js';
import { buildModels } from './build-models.js';
import { clearStale } from './models/clear-stale.js';
import { BEFORE } from './releases/compare-versions.js';
import { ReleaseStore } from './releases/release-store.js';
import type { WarehouseProject } from './project.js';
import type { TransformInput } from './transform-input.js';

const MEMORY_LIMIT_MB = 1024;
/**
 * Each date that is added to a table makes row groups of its own. Merging the small ones writes up to four times as many
 * rows as were added, so it is left to every 17th file: a prime number, since a transform adds one entry to the ledger or
 * a few.
 */
const MERGE_EVERY = 17;

interface FillInput extends TransformInput {
  /** Releases are compared with the file that is being replaced. */
  readonly hasBefore: boolean;
}

/** Opens the next file, with access only to the lake's raw zone and checkpoints and to its own folder, and fills it. */
export async function fillNext(
  next: NextFile,
  project: WarehouseProject,
  input: FillInput,
): Promise<ModelResult[]> {
  const settings = {
    database: next.path,
    allowedDirectories: [join(input.lakeDir, 'raw'), join(input.lakeDir, '_checkpoints'), next.folder],
    tempDirectory: next.spillFolder,
    memoryLimitMb: MEMORY_LIMIT_MB,
    threads: availableParallelism(),
    signal: input.effects.signal,
    prepare: input.hasBefore ? [`attach ${quoteText(input.databasePath)} as ${BEFORE} (read_only)`] : [],
  };
  const merging = input.runs.length % MERGE_EVERY === 0 ? {} : { maxVacuumTasks: 0 };
  return withInstance({ ...settings, ...merging }, (connection) => fill(connection, project, input));
}

async function fill(
  connection: DuckDBConnection,
  { datasets, models, checks, relations }: WarehouseProject,
  input: FillInput,
): Promise<ModelResult[]> {
  const kept = { relations: await readKept(connection, input.others), pipelines: input.others };
  await clearStale(connection, models, kept.relations, input.toolVersion);
  await ReleaseStore.prepare(connection, [...kept.relations, ...models.map(({ name }) => name)]);
  await writeOpsTables(connection, input);
  await writeLineage(connection, relations, findOwners(models, input.pipelines), input.others);
  const bronze = new Map<string, InputState>();
  for (const dataset of datasets) {
    const own = choosePartitions(dataset, input.partitions);
    await connection.run(createBronzeView(dataset, own, input.lakeDir));
    const state = digestBronze(dataset, own);
    bronze.set(`bronze.${dataset.name}`, dataset.time === 'latest' ? withoutDates(state) : state);
  }
  const { dates, runId, hasBefore } = input;
  const releases: ReleaseResult[] = [];
  const results = await buildModels(connection, {
    models,
    bronze,
    forced: new Set(typeof dates === 'string' ? [] : dates),
    isFull: dates === 'full',
    checkpoints: input.checkpoints,
    relations,
    datasets,
    hasBefore,
    onRelease: (release) => {
      releases.push(release);
      input.onRelease(release);
    },
    runId,
    signal: input.effects.signal,
  });
  const runs = input.runs.map((run) => (run.run_id === runId ? { ...run, releases } : run));
  await writePrivacy(connection, runs);
  for (const { schema, table, publishedAs } of models) {
    if (publishedAs === null) continue;
    await connection.run(`create view main.${quoteName(publishedAs)} as from ${schema}.${quoteName(table)}`);
  }
  const landed = datasets.filter(({ time }) => time !== 'latest');
  await checkNext(connection, { datasets: landed, checks, models, bronze, kept }, input);
  await connection.run('checkpoint');
  return results;
}

/** The names of the tables and views of some pipelines. */
async function readKept(
  connection: DuckDBConnection,
  pipelines: readonly string[],
): Promise<ReadonlySet<string>> {
  if (pipelines.length === 0) return new Set();
  const rows = await readRows(
    connection,
    `select distinct relation from ops.lineage where list_contains(${quoteTextList(pipelines)}, pipeline)`,
  );
  return new Set(rows.map((row) => String(row['relation'])));
}

/** Pipelines by name of a bronze view or model. */
function findOwners(
  models: readonly Model[],
  pipelines: readonly WarehousePipeline[],
): ReadonlyMap<string, string> {
  const bronze = pipelines.flatMap(({ pipeline, datasets }) =>
    listBronze(datasets).map(({ name }) => [`bronze.${name}`, pipeline] as const),
  );
  return new Map([
    ...bronze,
    ...models.flatMap((model) => namesOf(model).map((name) => [name, model.pipeline] as const)),
  ]);
}

/** Runs the checks on the file to publish, and records their results. @throws E_CHECK_FAILED */
async function checkNext(
  connection: DuckDBConnection,
  subject: {
    readonly datasets: readonly BronzeDataset[];
    readonly checks: readonly SqlCheck[];
    readonly models: readonly Model[];
    readonly bronze: ReadonlyMap<string, InputState>;
    readonly kept: Kept;
  },
  { dates, effects, onChecks, pipelines, runs, runId }: TransformInput,
): Promise<void> {
  const { datasets, models, bronze, kept } = subject;
  const today = dateOf(effects.now());
  const isChecked = await readChecked(connection);
  const unchecked = findUnchecked(datasets, bronze, dates, isChecked);
  const planned = { models, builds: await readBuilds(connection), isChecked, scope: dates };
  const sqlChecks = subject.checks.map((check) => ({ ...check, ...planDatedCheck(check, planned) }));
  const results = await runChecks(connection, { datasets: unchecked, sqlChecks, pipelines, today });
  onChecks(
    results,
    sqlChecks.every(({ isDeterministic }) => isDeterministic),
  );
  emitFailedChecks(results, effects.log);
  const error = evaluateChecks(results);
  if (error !== null) throw error;
  const clean = results.filter(({ dataset, found }) => dataset === null && found === 0);
  const passed = sqlChecks.filter(({ name, pipeline }) =>
    clean.some((one) => one.check === name && one.pipeline === pipeline),
  );
  const states = passed.flatMap((check) => check.states);
  await bookChecked(connection, datasets, bronze, states, kept);
  await writeChecks(
    connection,
    runs.map((run) => (run.run_id === runId ? { ...run, checks: results } : run)),
  );
}
