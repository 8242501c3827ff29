import { relative, sep } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, quoteText, quoteTextList } from '../../base/duckdb.js';
import type { Manifest } from '../../base/types/manifest.js';
import type { RunRecord } from '../../base/types/run-record.js';
import type { LandedPartition } from '../landed-partition.js';
import type { Relation } from '../relation.js';
import { LINEAGE, listLineage } from './lineage-rows.js';
import { listPrivacy, PRIVACY } from './privacy-rows.js';

/** Tables of `ops` that each transform refills from the manifests and the ledger. */
const TABLES = {
  partitions: {
    pipeline: 'VARCHAR',
    dataset: 'VARCHAR',
    date: 'DATE',
    slot: 'VARCHAR',
    run_id: 'VARCHAR',
    file: 'VARCHAR',
    rows: 'BIGINT',
    rows_before: 'BIGINT',
    bytes: 'BIGINT',
    sha256: 'VARCHAR',
    fetched: 'BIGINT',
    landed: 'BIGINT',
    rejected: 'BIGINT',
    duplicates: 'BIGINT',
    forgotten: 'BIGINT',
    policy_sha256: 'VARCHAR',
    key_id: 'VARCHAR',
    adopted: 'BOOLEAN',
    source: 'VARCHAR',
    landed_at: 'TIMESTAMPTZ',
  },
  runs: {
    run_id: 'VARCHAR',
    command: 'VARCHAR',
    pipeline: 'VARCHAR',
    date: 'DATE',
    slot: 'VARCHAR',
    status: 'VARCHAR',
    started_at: 'TIMESTAMPTZ',
    finished_at: 'TIMESTAMPTZ',
    tool_version: 'VARCHAR',
    fetched: 'BIGINT',
    landed: 'BIGINT',
    rejected: 'BIGINT',
    duplicates: 'BIGINT',
    forgotten: 'BIGINT',
    error_code: 'VARCHAR',
    cpu_ms: 'DOUBLE',
    peak_memory_bytes: 'BIGINT',
  },
  rejects: {
    run_id: 'VARCHAR',
    pipeline: 'VARCHAR',
    dataset: 'VARCHAR',
    date: 'DATE',
    code: 'VARCHAR',
    path: 'VARCHAR',
    count: 'BIGINT',
  },
  checks: {
    run_id: 'VARCHAR',
    pipeline: 'VARCHAR',
    check: 'VARCHAR',
    dataset: 'VARCHAR',
    date: 'DATE',
    severity: 'VARCHAR',
    passed: 'BOOLEAN',
    found: 'BIGINT',
    tokens: 'VARCHAR',
  },
  drift: {
    run_id: 'VARCHAR',
    pipeline: 'VARCHAR',
    dataset: 'VARCHAR',
    date: 'DATE',
    kind: 'VARCHAR',
    path: 'VARCHAR',
    count: 'BIGINT',
  },
  privacy: PRIVACY,
  lineage: LINEAGE,
} as const;

type Table = keyof typeof TABLES;
type RowOf<T extends Table> = Readonly<Record<keyof (typeof TABLES)[T], string | number | boolean | null>>;

/** Creates and fills the tables. File paths are relative to the lake. */
export async function writeOpsTables(
  connection: DuckDBConnection,
  input: {
    readonly lakeDir: string;
    readonly partitions: readonly LandedPartition[];
    readonly runs: readonly RunRecord[];
    readonly others: readonly string[];
  },
): Promise<void> {
  const own = input.partitions.filter(({ manifest }) => !input.others.includes(manifest.pipeline));
  await writeTable(connection, 'partitions', own.flatMap(listFiles(input.lakeDir)), input.others);
  await writeTable(connection, 'runs', input.runs.map(describeRun));
  await writeTable(connection, 'rejects', input.runs.flatMap(listRejects));
  await writeTable(connection, 'drift', input.runs.flatMap(listDrift));
}

/**
 * Writes what readers of each table must observe, by each name of the table.
 * @param owners pipelines by name of a relation
 * @param others pipelines whose rows stay as they are
 */
export async function writeLineage(
  connection: DuckDBConnection,
  relations: ReadonlyMap<string, Relation>,
  owners: ReadonlyMap<string, string>,
  others: readonly string[],
): Promise<void> {
  await writeTable(connection, 'lineage', listLineage(relations, owners), others);
}

/** Writes what is known of the privacy of all runs, once the releases of this run are measured. */
export async function writePrivacy(connection: DuckDBConnection, runs: readonly RunRecord[]): Promise<void> {
  await writeTable(connection, 'privacy', runs.flatMap(listPrivacy));
}

/** Writes the check results of all runs, once those of this run are known. */
export async function writeChecks(connection: DuckDBConnection, runs: readonly RunRecord[]): Promise<void> {
  await writeTable(connection, 'checks', runs.flatMap(listChecks));
}

/** The tables of `ops` with their column types. */
export const OPS_TABLES: Readonly<Record<string, Readonly<Record<string, string>>>> = TABLES;

/** @param others pipelines whose rows stay, in a table with a column of that name */
async function writeTable<T extends Table>(
  connection: DuckDBConnection,
  table: T,
  rows: readonly RowOf<T>[],
  others: readonly string[] = [],
): Promise<void> {
  const columns = Object.entries(TABLES[table]);
  const list = columns.map(([name, type]) => `${quoteName(name)} ${type}`).join(', ');
  if (others.length === 0) await connection.run(`create or replace table ops.${table} (${list})`);
  else {
    await connection.run(`create table if not exists ops.${table} (${list})`);
    await connection.run(
      `delete from ops.${table} where not list_contains(${quoteTextList(others)}, coalesce(pipeline, ''))`,
    );
  }
  if (rows.length === 0) return;
  const structure = quoteText(JSON.stringify([Object.fromEntries(columns)]));
  await connection.run(
    `insert into ops.${table} by name
     select unnest(row) from (select unnest(from_json($rows::varchar, ${structure})) as row)`,
    { rows: JSON.stringify(rows) },
  );
}

/** Counts belong to the whole partition. They are written to the row of its first file, so that sums are correct. */
function listFiles(lakeDir: string): (partition: LandedPartition) => RowOf<'partitions'>[] {
  return ({ manifest, files }) =>
    (manifest.files.length === 0 ? [null] : manifest.files).map((file, index) => ({
      pipeline: manifest.pipeline,
      dataset: manifest.dataset,
      date: manifest.date,
      slot: manifest.slot,
      run_id: manifest.run_id,
      file: nameFile(lakeDir, files[index]),
      rows: file?.rows ?? 0,
      rows_before: countRows(manifest.files.slice(0, index)),
      bytes: file?.bytes ?? 0,
      sha256: file?.sha256 ?? null,
      ...(index === 0 ? manifest.counts : NO_COUNTS),
      policy_sha256: manifest.policy_sha256,
      key_id: manifest.key_id,
      adopted: manifest.adopted,
      source: describeSource(manifest.source),
      landed_at: manifest.landed_at,
    }));
}

function countRows(files: readonly { readonly rows: number }[]): number {
  return files.reduce((sum, { rows }) => sum + rows, 0);
}

const NO_COUNTS = { fetched: null, landed: null, rejected: null, duplicates: null, forgotten: null };

function nameFile(lakeDir: string, file: string | undefined): string | null {
  return file === undefined ? null : relative(lakeDir, file).split(sep).join('/');
}

function describeSource({ kind, origin, path }: Manifest['source']): string {
  return kind === 'http' ? `${origin ?? ''}${path ?? ''}` : kind;
}

function describeRun(run: RunRecord): RowOf<'runs'> {
  const total = (key: 'fetched' | 'landed' | 'rejected' | 'duplicates' | 'forgotten') =>
    run.datasets.reduce((sum, dataset) => sum + dataset[key], 0);
  return {
    run_id: run.run_id,
    command: run.command,
    pipeline: run.pipeline,
    date: run.date,
    slot: run.slot,
    status: run.status,
    started_at: run.started_at,
    finished_at: run.finished_at,
    tool_version: run.tool_version,
    fetched: total('fetched'),
    landed: total('landed'),
    rejected: total('rejected'),
    duplicates: total('duplicates'),
    forgotten: total('forgotten'),
    error_code: run.error?.code ?? null,
    cpu_ms: run.cpu_ms,
    peak_memory_bytes: run.peak_memory_bytes,
  };
}

function listRejects(run: RunRecord): RowOf<'rejects'>[] {
  return run.datasets.flatMap(({ dataset, rejects }) =>
    rejects.map(({ code, path, count }) => ({ ...placeRow(run), dataset, code, path, count })),
  );
}

function listDrift(run: RunRecord): RowOf<'drift'>[] {
  return run.datasets.flatMap(({ dataset, drift }) =>
    drift.map(({ kind, path, count }) => ({ ...placeRow(run), dataset, kind, path, count })),
  );
}

function listChecks({ run_id, pipeline, checks }: RunRecord): RowOf<'checks'>[] {
  return checks.map((result) => ({ ...result, run_id, pipeline, tokens: result.tokens.join(' ') }));
}

function placeRow({ run_id, pipeline, date }: RunRecord) {
  return { run_id, pipeline, date };
}
