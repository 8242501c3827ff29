import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, quoteText, readRows, toNumber, withInstance } from '../../base/duckdb.js';
import { DELETED } from '../../base/names.js';
import type { CheckpointColumn } from '../../base/types/checkpoint.js';
import { createBronzeView } from '../file/bronze-view.js';
import { writeOpsTables } from '../file/ops-tables.js';
import type { BronzeDataset, LandedPartition } from '../landed-partition.js';
import { digestBronze, digestModel, startAt } from '../materializations/input-state.js';
import type { CheckpointStart } from '../materializations/materialization.js';
import type { WarehouseProject } from '../project.js';
import { runSource } from '../sql/run-sql.js';
import { runSteps } from './apply-plan.js';
import { bindModel } from './bind-model.js';
import { findStart, type LandedCheckpoint, listLandedDates } from './landed-checkpoint.js';
import type { Model } from './model.js';
import { traceModel } from './trace-model.js';

/** A model whose table must be kept before its raw files are removed. */
export interface CheckpointWork {
  readonly model: Model;
  readonly dataset: BronzeDataset;
  /** Partitions of the dataset to remove, and those to keep. */
  readonly going: readonly LandedPartition[];
  readonly staying: readonly LandedPartition[];
  /** The checkpoint of an earlier prune. */
  readonly current: LandedCheckpoint | null;
  /** The first date to keep. */
  readonly before: string;
  /** The last landed date to remove. */
  readonly lastDate: string;
  /** Base name of the output file. */
  readonly fileName: string;
}

export interface ExportOptions {
  /** Absolute root of the lake, without symbolic links. */
  readonly lakeDir: string;
  /** Folder for output and spill files. */
  readonly stagingDir: string;
  readonly project: WarehouseProject;
  readonly runId: string;
  readonly signal: AbortSignal;
}

export interface ExportedCheckpoint {
  readonly rows: number;
  readonly columns: readonly CheckpointColumn[];
  /** Why it cannot replace the raw files, without any value; null if it was proven that it can. */
  readonly refusal: string | null;
}

const MEMORY_LIMIT_MB = 1024;

/**
 * Writes the table of a model built from the partitions to remove, and proves the file: starting from it, the partitions
 * to keep give the same table as all partitions.
 * @throws E_MODEL, E_SQL_RUN, E_DISK
 */
export async function exportCheckpoint(
  options: ExportOptions,
  work: CheckpointWork,
): Promise<ExportedCheckpoint> {
  const { lakeDir, stagingDir, signal } = options;
  const settings = {
    allowedDirectories: [join(lakeDir, 'raw'), join(lakeDir, '_checkpoints'), stagingDir],
    tempDirectory: join(stagingDir, 'spill'),
    memoryLimitMb: MEMORY_LIMIT_MB,
    threads: availableParallelism(),
    signal,
  };
  return withInstance(settings, (connection) => exportOn(connection, options, work));
}

async function exportOn(
  connection: DuckDBConnection,
  options: ExportOptions,
  work: CheckpointWork,
): Promise<ExportedCheckpoint> {
  const { model, going, staying, current, fileName } = work;
  const path = join(options.stagingDir, fileName);
  const before = findStart(model, options.project.models, current === null ? [] : [current]);
  await buildTable(connection, options, work, { name: 'gone', partitions: going, start: before });
  const columns = await describeColumns(connection, 'main.gone');
  const copy = `copy (select * from main.gone order by all) to ${quoteText(path)} (format parquet, compression zstd)`;
  await runSource(connection, model, [copy]);
  const rows = await count(connection, 'main.gone');
  const unkept = await findUnkept(connection, path, columns);
  if (unkept !== null) return { rows, columns, refusal: unkept };
  const start = { path, before: work.before, lastDate: work.lastDate, sha256: '' };
  await buildTable(connection, options, work, { name: 'kept', partitions: staying, start });
  await buildTable(connection, options, work, {
    name: 'whole',
    partitions: [...going, ...staying],
    start: before,
  });
  return { rows, columns, refusal: await compare(connection) };
}

interface TableOf {
  readonly name: 'gone' | 'kept' | 'whole';
  readonly partitions: readonly LandedPartition[];
  readonly start: CheckpointStart | null;
}

/** Builds the model's table from these partitions alone, as a full transform does. */
async function buildTable(
  connection: DuckDBConnection,
  { lakeDir, project, runId }: ExportOptions,
  { model, dataset }: CheckpointWork,
  { name, partitions, start }: TableOf,
): Promise<void> {
  for (const schema of ['bronze', 'silver', 'gold', 'ops']) {
    await connection.run(`drop schema if exists ${schema} cascade`);
    await connection.run(`create schema ${schema}`);
  }
  await writeOpsTables(connection, { lakeDir, partitions, runs: [], others: [] });
  await connection.run(createBronzeView(dataset, partitions, lakeDir));
  for (const read of traceModel(model, project.models).dated) {
    const view = `create view ${read.schema}.${quoteName(read.table)} as ${read.sql}`;
    await runSource(connection, read, [view]);
  }
  const bound = await bindModel(connection, model);
  const bronze = digestBronze(dataset, partitions);
  const landed = digestModel(model.sql, [bronze], true);
  const readsBronze = model.reads.includes(`bronze.${dataset.name}`);
  const plan = model.planner.plan({
    relation: `main.${name}`,
    sql: model.sql,
    hasDeleted: bound.includes(DELETED),
    rowOrder: null,
    start,
    runId,
    built: [],
    forced: new Set(),
    state: start === null ? landed : startAt(landed, start),
    landedDates: listLandedDates(readsBronze ? bronze.dates : [], start),
  });
  await runSteps(connection, model, plan);
}

/** Parquet widens some types, so a rebuild would find other columns than the SELECT returns. */
async function findUnkept(
  connection: DuckDBConnection,
  path: string,
  columns: readonly CheckpointColumn[],
): Promise<string | null> {
  const kept = await describeColumns(connection, `read_parquet(${quoteText(path)})`);
  const lost = columns.find(({ type }, index) => kept[index]?.type !== type);
  if (lost === undefined) return null;
  return `column ${lost.name} is ${lost.type}, which Parquet does not preserve; cast it to a type of a landing list`;
}

async function compare(connection: DuckDBConnection): Promise<string | null> {
  const differing = await count(
    connection,
    `((from main.whole except all from main.kept) union all (from main.kept except all from main.whole))`,
  );
  if (differing === 0) return null;
  return `${differing} rows would change, because rows of one date depend on other dates`;
}

async function count(connection: DuckDBConnection, relation: string): Promise<number> {
  const [row] = await readRows(connection, `select count(*) as found from ${relation}`);
  return toNumber(row?.['found']);
}

async function describeColumns(connection: DuckDBConnection, relation: string): Promise<CheckpointColumn[]> {
  const rows = await readRows(
    connection,
    `select column_name, column_type from (describe select * from ${relation})`,
  );
  return rows.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }));
}
