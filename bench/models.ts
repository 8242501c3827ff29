import { constants } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { parseDocument, type YAMLMap } from 'yaml';
import { describeModels } from '../src/actions/models/describe-models.js';
import { loadConfig } from '../src/base/config/config.js';
import { quoteText, readRows } from '../src/base/duckdb.js';
import type { Effects } from '../src/base/effects.js';
import { ingest, transform } from '../src/pipeline.js';
import { openProject, type Project } from '../src/project.js';
import { createFetch } from '../src/source/http.js';
import type { BuildScope } from '../src/warehouse/transform-input.js';
import { atMost, formatFigures, known } from './figures.js';
import { multiplyDate } from './order-lake.js';
import { selectShopRows } from './shop-rows.js';
import type { SelectRows } from './sold-day.js';
import { selectStoreRows } from './store-rows.js';

/**
 * `npm run bench:models [-- PIPELINE [ITEMS [DATES]]]`: builds the tables of `store` or `shop` from order items of many
 * dates (a full build, one more date, and no changes) and compares the times with the same SELECTs in plain DuckDB.
 * Compare the ratios.
 */
const ARGUMENTS = process.argv.slice(2).filter((word) => word !== '--json');
const PIPELINE = ARGUMENTS[0] ?? 'store';
const ITEMS = Number(ARGUMENTS[1] ?? 1_000_000);
const DATES = Number(ARGUMENTS[2] ?? 365);
const FIRST_DAY = '2026-01-01';
const ROUNDS = 3;
const TARGET_TIMES_HAND = 1.2;
const PACKAGE = join(import.meta.dirname, '..');
const SCENES: ReadonlyMap<string, { readonly parts: readonly string[]; readonly selectRows: SelectRows }> =
  new Map([
    [
      'store',
      { parts: ['pipelines/store.yaml', 'pipelines/store', 'sql/store'], selectRows: selectStoreRows },
    ],
    ['shop', { parts: ['pipelines/shop.yaml', 'sql/shop'], selectRows: selectShopRows }],
  ]);
const scene = SCENES.get(PIPELINE);
if (scene === undefined) throw new RangeError(`the benchmark supports ${[...SCENES.keys()].join(' and ')}`);
const { parts, selectRows } = scene;

const dir = await mkdtemp(join(tmpdir(), 'lakeveil-bench-'));
try {
  const project = await furnish(dir);
  const days = Array.from({ length: DATES + 1 }, (_, day) => nameDay(day));
  const multiplied = { model: FIRST_DAY, items: ITEMS / DATES, selectRows };
  for (const date of days.slice(0, DATES)) await multiplyDate(project, { ...multiplied, date });
  const unchecked = await openUnchecked(project);
  const [full, models, byHand]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    full.push(await timeTransform(project, 'full'));
    models.push(await timeTransform(unchecked, 'full'));
    byHand.push(await timeByHand(project));
  }
  const nothing = await timeTransform(project, []);
  await multiplyDate(project, { ...multiplied, date: days[DATES] ?? '' });
  const oneMore = await timeTransform(project, []);
  const copied = await timeCopy(project.config.databasePath);
  const hand = median(byHand);
  const size = `${ITEMS.toLocaleString('en')} ${PIPELINE} items on ${DATES} dates`;
  const figures = [
    known(`plain DuckDB: the same SELECTs, ${size}`, hand, 'ms'),
    atMost(`tables of ${size}, over plain DuckDB`, median(models) / hand, TARGET_TIMES_HAND, '×'),
    known('  with checks of every date', median(full) / hand, '×'),
    known('  one more date', oneMore / hand, '×'),
    known('  nothing new', nothing / hand, '×'),
    known(`  copy of the file (${copied.megabytes} MB) at the swap`, copied.ms / hand, '×'),
  ];
  console.log(process.argv.includes('--json') ? JSON.stringify(figures) : formatFigures(figures));
} finally {
  await rm(dir, { recursive: true, force: true });
}
process.exit();

function nameDay(day: number): string {
  return new Date(Date.parse(`${FIRST_DAY}T00:00:00Z`) + day * 86_400_000).toISOString().slice(0, 10);
}

/** A project with one landed date of the pipeline, whose manifests are the template of the other dates. */
async function furnish(folder: string): Promise<Project> {
  await copyPipeline(folder);
  const project = await open(folder, join(folder, 'data_lake'));
  const said = { pipeline: PIPELINE, date: FIRST_DAY, slot: null, dataset: null, source: null, seed: null };
  await ingest(project, { ...said, force: false, asOfNow: false, limitPages: null });
  return project;
}

/** The same lake in a project without checks, because plain SELECTs have none. */
async function openUnchecked({ config }: Project): Promise<Project> {
  const folder = join(dir, 'unchecked');
  await copyPipeline(folder);
  const path = join(folder, 'pipelines', `${PIPELINE}.yaml`);
  const definition = parseDocument(await readFile(path, 'utf8'));
  for (const { key } of (definition.get('datasets') as YAMLMap<string>).items)
    definition.deleteIn(['datasets', key, 'checks']);
  await writeFile(path, definition.toString());
  await rm(join(folder, 'sql', PIPELINE, 'checks'), { recursive: true });
  return open(folder, config.lakeDir);
}

async function copyPipeline(folder: string): Promise<void> {
  for (const part of parts) {
    await mkdir(join(folder, part, '..'), { recursive: true });
    await cp(join(PACKAGE, part), join(folder, part), { recursive: true });
  }
}

async function open(folder: string, lakeDir: string): Promise<Project> {
  const ignore = (): void => undefined;
  const effects: Effects = {
    now: () => new Date(`${FIRST_DAY}T23:00:00Z`),
    random: () => 0.5,
    sleep: () => Promise.resolve(),
    fetch: createFetch({ connections: 8 }),
    log: { info: ignore, warn: ignore, debug: ignore, reported: ignore, setRun: ignore },
    progress: { start: ignore, advance: ignore, stop: ignore },
    signal: new AbortController().signal,
  };
  const TOKEN_KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64');
  const config = loadConfig({ project: folder, environment: { TOKEN_KEY, DATA_LAKE_DIR: lakeDir } });
  return openProject({ config, effects });
}

async function timeTransform(project: Project, dates: BuildScope): Promise<number> {
  const { timings_ms } = await transform(project, { pipeline: PIPELINE, dates });
  return timings_ms.transform;
}

/** Plain DuckDB: one file, one statement per model. */
async function timeByHand(project: Project): Promise<number> {
  const path = join(dir, 'by-hand.duckdb');
  await rm(path, { force: true });
  const manifests = await project.lake.list();
  // Each model follows the models that it reads.
  const { models } = await describeModels(project, PIPELINE);
  const startedAt = performance.now();
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  for (const schema of ['bronze', 'silver', 'gold']) await connection.run(`create schema ${schema}`);
  for (const dataset of new Set(manifests.map((manifest) => manifest.dataset))) {
    const files = manifests.flatMap((one) => (one.dataset === dataset ? project.lake.filesOf(one) : []));
    await connection.run(`create view bronze.${dataset} as
      select *, strptime(regexp_extract(filename, '[0-9]{4}/[0-9]{2}/[0-9]{2}'), '%Y/%m/%d')::date as _ingest_date,
        null::varchar as _slot, file_row_number as _position,
        'bench' as _source, timestamptz '2026-01-01 00:00:00+00' as _landed_at, 'bench' as _run_id
      from read_parquet([${files.map(quoteText).join(', ')}], filename = true, file_row_number = true)`);
  }
  for (const { model, file } of models) {
    const sql = await readFile(join(project.config.sqlDir, '..', file), 'utf8');
    await connection.run(`create table ${model} as ${await sortOut(connection, typeOut(sql))}`);
  }
  connection.closeSync();
  instance.closeSync();
  return Math.round(performance.now() - startedAt);
}

/** Rows about people in the order of a hash of their tokens, as the product stores them. */
async function sortOut(connection: DuckDBConnection, sql: string): Promise<string> {
  const rows = await readRows(connection, `select column_name as name from (describe from (${sql}))`);
  const tokens = rows.map(({ name }) => String(name)).filter((name) => name.endsWith('_token'));
  return tokens.length === 0
    ? sql
    : `select * from (${sql}) order by md5(concat_ws('|', ${tokens.join(', ')}))`;
}

/** The plain SQL for an upsert or a history: the last row, or the dates of changes. */
function typeOut(sql: string): string {
  const [, upsertKey] = /^-- materialize: upsert on (.+)$/m.exec(sql) ?? [];
  if (upsertKey !== undefined)
    return `select * from (${sql}) qualify row_number() over (partition by ${upsertKey} order by _ingest_date desc) = 1`;
  const [, key, watched] = /^-- materialize: history on (.+?) \((.+)\)$/m.exec(sql) ?? [];
  if (key === undefined) return sql;
  const days = `partition by ${key} order by _ingest_date`;
  return `select * exclude (is_new), _ingest_date as valid_from, lead(_ingest_date) over (${days}) as valid_to
    from (select *, lag(hash(${watched ?? ''})) over (${days}) is distinct from hash(${watched ?? ''}) as is_new
      from (${sql})) where is_new`;
}

async function timeCopy(path: string): Promise<{ ms: number; megabytes: number }> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now();
    await copyFile(path, join(dir, 'copy.duckdb'), constants.COPYFILE_FICLONE);
    times.push(Math.round(performance.now() - startedAt));
  }
  return { ms: median(times), megabytes: Math.round((await stat(path)).size / 2 ** 20) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
