import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type LoadDocument, type LoadRequest, loadTables } from '../../src/actions/load/load-tables.js';
import { loadConfig } from '../../src/base/config/config.js';
import type { Effects } from '../../src/base/effects.js';
import { ingest, transform } from '../../src/pipeline.js';
import { openProject, type Project } from '../../src/project.js';
import { makeEffects } from '../source/harness.js';
import { closeAfterTest } from '../support/after-each.js';

const TOKEN_KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64');

/** A record of the source. */
export interface Thing {
  readonly id: number;
  readonly owner: string;
  readonly label?: string | null;
  readonly big?: string | number;
  readonly price?: string | number | null;
  readonly weight?: number;
  readonly made?: string;
  readonly seen_at?: string;
  readonly ok?: boolean;
}

const PAGE = `
pipeline: things
description: Things that people own.
source: { base_url: 'file:data' }
datasets:
  things:
    time: by_date
    request: { path: '/{date}.ndjson', format: ndjson }
    contract:
      max_rejected: 50%
      schema:
        type: object
        required: [id, owner]
        properties:
          id: { type: integer, minimum: 1, maximum: 999999999, x-pii: none }
          owner: { type: string, maxLength: 80, x-pii: direct }
          label: { type: [string, 'null'], maxLength: 80, x-pii: none }
          big: { type: integer, format: bigint, x-pii: none }
          price: { type: [number, 'null'], format: decimal, x-scale: 2, x-pii: none }
          weight: { type: number, x-pii: none }
          made: { type: string, format: date, x-pii: none }
          seen_at: { type: string, format: date-time, x-pii: none }
          ok: { type: boolean, x-pii: none }
    raw_zone: open
    landing:
      id: { from: id, treat: keep, reviewed: 'the number of a thing' }
      owner_token: { from: owner, treat: token, scope: owner }
      label: { from: label, treat: keep, reviewed: 'names of things' }
      big: { from: big, treat: keep, reviewed: 'a number of a thing' }
      price: { from: price, treat: keep, reviewed: 'the price of a thing' }
      weight: { from: weight, treat: keep, reviewed: 'the weight of a thing' }
      made: { from: made, treat: keep }
      seen_at: { from: seen_at, treat: keep }
      ok: { from: ok, treat: keep, reviewed: 'says whether it works' }
    primary_key: [id]
`;

/** A restricted raw zone, of which no table may be loaded. */
const HIDDEN = PAGE.slice(PAGE.indexOf('  things:'))
  .replace('  things:', '  hidden_things:')
  .replace('raw_zone: open', 'raw_zone: restricted');

export const DAILY = `-- description: Things by day.
-- materialize: incremental by day
select id, owner_token, replace(label, '~', chr(0)) as label, big, price, weight, made, seen_at, ok,
  _ingest_date as day
from bronze.things
`;

const MODELS: Readonly<Record<string, string>> = {
  'silver/daily_things': DAILY,
  'gold/last_things': `-- description: The last state of each thing.
-- materialize: upsert on id
select id, label, price, _ingest_date, _slot, _position from bronze.things
`,
  'gold/thing_totals': `-- description: All things.
-- materialize: table
select count(*) as things, sum(id) as ids, sum(price) as price, list(replace(label, '~', chr(0)) order by id) as labels from bronze.things
`,
};

/** A project whose tables are loaded, in a folder of its own. */
export interface Things {
  readonly dir: string;
  readonly database: string;
  /** Lands a date and builds the tables. */
  readonly land: (date: string, things: readonly Thing[]) => Promise<void>;
  /** Replaces the SQL of a model, and builds the tables. */
  readonly model: (name: string, sql: string) => Promise<void>;
  readonly load: (request?: Partial<LoadRequest>, effects?: Partial<Effects>) => Promise<LoadDocument>;
  readonly open: (effects?: Partial<Effects>) => Promise<Project>;
  /** Rows of the warehouse as texts. */
  readonly query: (sql: string) => Promise<(string | null)[][]>;
}

/** @param targets the text of `targets.yaml`; the target `t` is loaded into */
export async function makeThings(
  targets: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Things> {
  const dir = await mkdtemp(join(tmpdir(), 'lakeveil-load-'));
  closeAfterTest(() => rm(dir, { recursive: true, force: true }));
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  };
  await write('pipelines/things.yaml', PAGE + HIDDEN);
  await write('targets.yaml', targets);
  for (const [name, sql] of Object.entries(MODELS)) await write(`sql/things/${name}.sql`, sql);
  const environment = { TOKEN_KEY, TOKEN_KEY_ID: 'k1', HOME: dir, ...variables };
  const open = (effects: Partial<Effects> = {}): Promise<Project> =>
    openProject({ config: loadConfig({ project: dir, environment }), effects: makeEffects(effects) });
  const build = async (): Promise<void> => {
    await transform(await open(), { pipeline: 'things', dates: [] });
  };
  const database = join(dir, 'db', 'lake.duckdb');
  return {
    dir,
    database,
    open,
    land: async (date, things) => {
      await write(`data/${date}.ndjson`, things.map((thing) => writeLine(thing)).join(''));
      await ingest(await open(), {
        ...{ pipeline: 'things', date, slot: null, dataset: null, source: null, seed: null },
        ...{ force: true, asOfNow: false, limitPages: null },
      });
      await build();
    },
    model: async (name, sql) => {
      await write(`sql/things/${name}.sql`, sql);
      await build();
    },
    load: async (request = {}, effects = {}) =>
      loadTables(await open(effects), {
        ...{ target: 't', pipeline: null, tables: [], date: null, force: false },
        ...request,
      }),
    query: (sql) => queryFile(database, sql),
  };
}

/** Numbers of many digits are written as they are. */
function writeLine({ big, price, ...rest }: Thing): string {
  const more = Object.entries({ big, price })
    .flatMap(([name, value]) => (value === undefined ? [] : [`,"${name}":${String(value)}`]))
    .join('');
  return `${JSON.stringify(rest).slice(0, -1)}${more}}\n`;
}

async function queryFile(database: string, sql: string): Promise<(string | null)[][]> {
  const instance = await DuckDBInstance.create(database, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    await connection.run(`set TimeZone = 'UTC'`);
    const rows = await connection.runAndReadAll(sql);
    return rows.getRows().map((row) => row.map((cell) => (cell === null ? null : String(cell))));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export const DATE = '2026-03-01';
export const NEXT = '2026-03-02';

/** Values that a copy could change. The contract lets no U+0000 in; a model makes it of `~`. */
export const ODD: readonly Thing[] = [
  {
    ...{ id: 1, owner: 'Ann', label: 'plain', big: '9223372036854775807', price: '0.10', weight: 0.1 },
    ...{ made: '1969-12-31', seen_at: '2026-03-01T10:00:00.123456Z', ok: true },
  },
  { id: 2, owner: 'Bob', label: null, price: null },
  {
    ...{ id: 3, owner: 'Cem', label: 'tab\t, line\nfeed\r, back\\slash \\N, "quotes", \'one\'', big: '-5' },
    ...{ price: '12345678901.99', weight: 1e-7, ok: false },
  },
  { id: 4, owner: 'Dua', label: 'ü – 漢字 🙂 e\u0301 \ufeff', weight: 1.7976931348623157e-300 },
  { id: 5, owner: 'Eve', label: 'a~b~', made: '2026-02-28' },
  { id: 6, owner: 'Eve', label: '' },
];
