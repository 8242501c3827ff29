import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { findPostgres, type Postgres, startPostgres } from '../tests/support/postgres.js';
import { atLeast, type Figure, formatFigures, known } from './figures.js';
import { BIN, measure, type Measured } from './measure.js';

/**
 * `npm run bench:load`: loads a table of 1,000,000 rows and 10 columns into SQLite and into a PostgreSQL of its own, by COPY and, where
 * DUCKDB_EXTENSION_DIR has it, by DuckDB's extension. Rows a second are of the whole command, with its start.
 */
const SIDE = 1_000;
const ROWS = SIDE * SIDE;
const TARGET_ROWS_A_SECOND = 150_000;
const DATE = '2026-01-05';
const TABLE = 'silver.many_things';

const PAGE = `pipeline: things
description: Things of a shop.
source: { base_url: 'file:data' }
datasets:
  things:
    time: by_date
    request: { path: '/{date}.ndjson', format: ndjson }
    contract:
      schema:
        type: object
        required: [id, name]
        properties:
          id: { type: integer, minimum: 1, maximum: 999999, x-pii: none }
          name: { type: string, maxLength: 80, x-pii: none }
          price: { type: number, format: decimal, x-scale: 2, x-pii: none }
          weight: { type: number, x-pii: none }
          seen_at: { type: string, format: date-time, x-pii: none }
    raw_zone: open
    landing:
      id: { from: id, treat: keep }
      name: { from: name, treat: keep, reviewed: 'names of things' }
      price: { from: price, treat: keep, reviewed: 'a price' }
      weight: { from: weight, treat: keep, reviewed: 'a weight' }
      seen_at: { from: seen_at, treat: keep }
`;

const MODEL = `-- description: Pairs of things.
-- materialize: incremental by day
select one.id * ${SIDE} + other.id as id, md5(concat_ws(' ', one.id, other.id)) as code, one.name, other.name as other,
  one.price, other.weight, one.seen_at, one.id > other.id as is_later, one.price * other.id as total, one._ingest_date as day
from bronze.things as one join bronze.things as other on one._ingest_date = other._ingest_date
`;

const TARGETS = `targets:
  file: { type: sqlite, path: bench.sqlite }
  server: { type: postgres, url: '\${WAREHOUSE_URL}' }
  other: { type: postgres, url: '\${WAREHOUSE_URL}', schema_prefix: other_ }
`;

async function furnish(dir: string): Promise<void> {
  const things = Array.from({ length: SIDE }, (_, place) => ({
    id: place + 1,
    name: `Thing no. ${place}`,
    price: (place % 97) + 0.25,
    weight: place / 7,
    seen_at: '2026-01-05T10:00:00.5Z',
  }));
  const files = {
    'pipelines/things.yaml': PAGE,
    'sql/things/silver/many_things.sql': MODEL,
    'targets.yaml': TARGETS,
    [`data/${DATE}.ndjson`]: things.map((thing) => `${JSON.stringify(thing)}\n`).join(''),
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  await measure([process.execPath, BIN, 'run', 'things', '--date', DATE, '--project', dir, '--quiet']);
}

async function load(dir: string, target: string, environment: NodeJS.ProcessEnv): Promise<Measured> {
  const words = ['load', '--to', target, '--tables', TABLE, '--json', '--quiet', '--project', dir];
  const run = await measure([process.execPath, BIN, ...words], { ...process.env, ...environment });
  const { rows } = JSON.parse(run.stdout) as { readonly rows: number };
  if (rows !== ROWS) throw new Error(`${rows} rows were loaded`);
  return run;
}

async function figure(
  name: string,
  dir: string,
  target: string,
  environment: NodeJS.ProcessEnv,
): Promise<Figure> {
  const run = await load(dir, target, environment);
  return atLeast(name, (ROWS / run.wallMs) * 1000, TARGET_ROWS_A_SECOND, 'rows/s', run);
}

/** The same rows by one client of PostgreSQL, from text that lies in the server: what the server itself takes. */
async function timeServer(server: Postgres): Promise<number> {
  const client = new pg.Client({ connectionString: server.url('postgres') });
  await client.connect();
  await client.query(`create table again as select * from silver.many_things limit 0`);
  const startedAt = performance.now();
  await client.query('insert into again select * from silver.many_things');
  const took = performance.now() - startedAt;
  await client.end();
  return took;
}

const dir = await mkdtemp(join(tmpdir(), 'lakeveil-bench-load-'));
const server = findPostgres() === null ? null : await startPostgres();
try {
  await furnish(dir);
  const file = await load(dir, 'file', {});
  const figures = [known('into SQLite', (ROWS / file.wallMs) * 1000, 'rows/s', file)];
  if (server !== null) {
    const url = { WAREHOUSE_URL: server.url('postgres') };
    const none = { DUCKDB_EXTENSION_DIR: join(dir, 'nothing'), HOME: dir };
    figures.push(await figure('into PostgreSQL by COPY', dir, 'server', { ...url, ...none }));
    if (process.env['DUCKDB_EXTENSION_DIR'] !== undefined)
      figures.push(await figure('into PostgreSQL by DuckDB’s extension', dir, 'other', url));
    figures.push(known('  PostgreSQL alone, table to table', await timeServer(server), 'ms'));
  }
  console.log(process.argv.includes('--json') ? JSON.stringify(figures) : formatFigures(figures));
  if (figures.some(({ isMet }) => !isMet)) process.exitCode = 1;
} finally {
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
}
