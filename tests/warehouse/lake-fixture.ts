import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteName, quoteText } from '../../src/base/duckdb.js';
import type { Effects } from '../../src/base/effects.js';
import type { ColumnType, LandedType } from '../../src/base/types/definition.js';
import type { Manifest } from '../../src/base/types/manifest.js';
import type { RunRecord } from '../../src/base/types/run-record.js';
import type {
  LandedPartition,
  LandingColumnType,
  WarehousePipeline,
} from '../../src/warehouse/landed-partition.js';
import { inspectPublished } from '../../src/warehouse/file/next-file.js';
import type { TransformInput } from '../../src/warehouse/transform-input.js';
import { transformWarehouse } from '../../src/warehouse/transform-warehouse.js';

/** A project in a temporary folder: small Parquet files written by DuckDB, SQL files, and a warehouse beside them. */
export interface Project {
  readonly root: string;
  readonly lakeDir: string;
  readonly databasePath: string;
  readonly remove: () => Promise<void>;
}

/** A column as a definition lands it, plain and kept. */
export function landed(name: string, type: ColumnType = 'VARCHAR'): LandingColumnType {
  return { name, type, class: 'none', treatment: 'keep', rawOnly: false };
}

export const PERSON_COLUMNS: readonly LandingColumnType[] = [
  ...['person_token', 'email_token'].map((name) => ({
    ...landed(name),
    class: 'direct' as const,
    treatment: 'token',
  })),
  ...['firstname', 'lastname', 'email', 'phone'].map((name) => landed(name)),
  { ...landed('birthday', 'DATE'), rawOnly: true },
  ...['gender', 'street', 'city', 'zipcode', 'country', 'country_code'].map((name) => landed(name)),
  landed('latitude', 'DOUBLE'),
  landed('longitude', 'DOUBLE'),
];

export type Row = Readonly<Record<string, string | number | boolean | null>>;

export async function makeProject(): Promise<Project> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'lakeveil-warehouse-')));
  await mkdir(join(root, 'data_lake', 'raw'), { recursive: true });
  return {
    root,
    lakeDir: join(root, 'data_lake'),
    databasePath: join(root, 'db', 'lake.duckdb'),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** A person as the persons pipeline lands one; `person` numbers the token. */
export function landedPerson(person: number, values: Row = {}): Row {
  return {
    person_token: `k1_${String(person).padStart(32, '0')}`,
    email_token: `k1_${String(person).padStart(32, 'e')}`,
    firstname: '***',
    lastname: '***',
    email: '***@gmail.com',
    phone: '+49*****',
    birthday: '1990-05-17',
    gender: 'female',
    street: '***',
    city: 'Berlin',
    zipcode: '10',
    country: 'Germany',
    country_code: 'DE',
    latitude: 52,
    longitude: 13,
    ...values,
  };
}

/** Writes a partition where `lake/` would put it, and gives its manifest. */
export async function landRows(
  project: Project,
  date: string,
  rows: readonly Row[],
  options: {
    dataset?: string;
    columns?: WarehousePipeline['datasets'][number]['columns'];
    runId?: string;
    slot?: string | null;
  } = {},
): Promise<LandedPartition> {
  const { dataset = 'persons', columns = PERSON_COLUMNS, runId = 'run', slot = null } = options;
  const name = `${dataset}${slot === null ? '' : `.T${slot}`}.parquet`;
  const path = join(project.lakeDir, 'raw', ...date.split('-'), name);
  await mkdir(dirname(path), { recursive: true });
  await writeParquet(path, columns, rows);
  const bytes = await readFile(path);
  const file = {
    name,
    rows: rows.length,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  return { manifest: { ...describe(dataset, date, runId, file, columns), slot }, files: [path] };
}

async function writeParquet(
  path: string,
  columns: readonly { readonly name: string; readonly type: LandedType }[],
  rows: readonly Row[],
): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const structure = JSON.stringify([Object.fromEntries(columns.map(({ name, type }) => [name, type]))]);
  const list = columns.map(({ name }) => `row.${quoteName(name)}`).join(', ');
  const source = `from_json(${quoteText(JSON.stringify(rows))}, ${quoteText(structure)})`;
  await connection.run(
    `copy (select ${list} from (select unnest(${source}) as row)) to ${quoteText(path)} (format parquet)`,
  );
  instance.closeSync();
}

function describe(
  dataset: string,
  date: string,
  runId: string,
  file: Manifest['files'][number],
  columns: readonly { readonly name: string; readonly type: LandedType }[],
): Manifest {
  return {
    format: 1,
    pipeline: 'persons',
    dataset,
    date,
    slot: null,
    run_id: runId,
    files: [file],
    counts: { fetched: file.rows + 1, landed: file.rows, rejected: 1, duplicates: 0, forgotten: 0 },
    columns: columns.map(({ name, type }) => ({
      name,
      type,
      class: 'quasi',
      treatment: 'keep',
      params: {},
      reviewed: null,
    })),
    policy_sha256: 'p',
    contract_sha256: 'c',
    observed_sha256: null,
    key_id: 'k1',
    key_check: '00000000',
    landed_at: '2026-11-20T01:02:03.000Z',
    source: { kind: 'http', origin: 'https://api.example', path: '/api/v2/persons', allow_http: false },
    as_of: null,
    adopted: false,
    raw_zone: 'restricted',
    tool_version: '0',
    duckdb_version: '0',
  };
}

export async function writeSql(project: Project, file: string, text: string): Promise<void> {
  const path = join(project.root, 'sql', file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** A pipeline whose SQL lies in the project's own folder, or in the shipped one. */
export function describePipeline(
  project: Project | null,
  datasets: WarehousePipeline['datasets'] = [
    { name: 'persons', time: 'seeded', columns: PERSON_COLUMNS, tokens: [], checks: [] },
  ],
): WarehousePipeline {
  const root = project?.root ?? join(import.meta.dirname, '..', '..');
  return { pipeline: 'persons', sqlDir: join(root, 'sql', 'persons'), datasets, releases: [] };
}

export function quietEffects(
  signal: AbortSignal = new AbortController().signal,
): Pick<Effects, 'now' | 'log' | 'signal'> {
  const ignore = () => undefined;
  return {
    now: () => new Date('2026-11-20T12:00:00Z'),
    log: { info: ignore, warn: ignore, debug: ignore, reported: ignore, setRun: ignore },
    signal,
  };
}

export async function transform(project: Project, input: Partial<TransformInput>) {
  const { databasePath } = project;
  return transformWarehouse({
    others: [],
    known: null,
    databasePath,
    published: await inspectPublished(databasePath, input.toolVersion ?? '1'),
    lakeDir: project.lakeDir,
    runId: 'run',
    toolVersion: '1',
    partitions: [],
    checkpoints: [],
    runs: [],
    pipelines: [describePipeline(project)],
    dates: [],
    onChecks: () => undefined,
    onRelease: () => undefined,
    effects: quietEffects(),
    ...input,
  });
}

/** Rows of the published file, read with no setting of ours. */
export async function readPublished(project: Project, sql: string) {
  const instance = await DuckDBInstance.create(project.databasePath, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    instance.closeSync();
  }
}

/** A dated model of two columns of persons. */
export const WHO = `-- description: who
-- materialize: incremental by ingest_date
select person_token, country, _ingest_date as ingest_date from bronze.persons`;

export function writeModel(project: Project, text = WHO, name = 'who'): Promise<void> {
  return writeSql(project, `persons/silver/${name}.sql`, text);
}

export function landPeople(
  project: Project,
  date: string,
  country = 'Germany',
  people = 2,
): Promise<LandedPartition> {
  const rows = Array.from({ length: people }, (_, person) => landedPerson(person, { country }));
  return landRows(project, date, rows);
}

/** An entry of the ledger, of a run that refused one record. */
export const RUN: RunRecord = {
  format: 1,
  run_id: 'r1',
  command: 'run',
  pipeline: 'persons',
  date: '2026-11-18',
  slot: null,
  status: 'succeeded',
  started_at: '2026-11-20T00:00:00.000Z',
  finished_at: '2026-11-20T00:00:01.000Z',
  tool_version: '1',
  stages: [],
  datasets: [
    {
      dataset: 'persons',
      fetched: 3,
      landed: 2,
      rejected: 1,
      duplicates: 0,
      forgotten: 0,
      empty: 0,
      partition: null,
      partitions: [],
      rejects: [{ code: 'missing', path: 'email', count: 1 }],
      page_drift: null,
      nulled: [],
      drift: [{ kind: 'new_field', path: 'ssn', count: 3 }],
      withheld: null,
      singled_out: 0.5,
      unchanged: false,
    },
  ],
  models: [],
  checks: [],
  releases: [],
  error: null,
  healed: [],
  cpu_ms: 1.5,
  peak_memory_bytes: 1000,
};
