import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { PruneRequest } from '../../src/actions/prune/plan-prune.js';
import { pruneLake, type PruneReport } from '../../src/actions/prune/prune-lake.js';
import { verifyLake } from '../../src/actions/verify/verify-lake.js';
import { transform } from '../../src/pipeline.js';
import type { BuildScope } from '../../src/warehouse/transform-input.js';
import { makeProject, readAll, type SmallProject } from '../ingest/land-project.js';
import { serve } from '../source/harness.js';
import { bytes } from '../support/stub-api.js';

/** A project whose source says what a test tells it to, and whose models remember it in every way. */

export interface Thing {
  readonly key: string;
  readonly colour: string;
}

export const NOW = new Date('2026-06-30T12:00:00Z');

const SELECT = 'key, colour, _ingest_date, _slot, _position\nfrom bronze.things';
export const MODELS: Readonly<Record<string, string>> = {
  'silver/latest': model('upsert on key\n-- deletes: keep', SELECT),
  'silver/known': model('history on key (colour)\n-- deletes: keep', SELECT),
  'silver/lasting': model('history on key (colour)\n-- deletes: close', SELECT),
  'silver/seen': model(
    'incremental by ingest_date',
    'key, colour, _ingest_date as ingest_date, _slot, _position, _ingest_date from bronze.things',
  ),
  'silver/latest_seen': model(
    'upsert on key\n-- deletes: keep',
    'key, colour, _ingest_date, _slot, _position from silver.seen',
  ),
  'gold/colours': model('table', 'colour, count(*) as things from silver.latest group by colour'),
  'gold/days': model(
    'table',
    '_ingest_date as day, count(*) as things from bronze.things group by _ingest_date',
  ),
};

const thing = (key: string, colour: string): Thing => ({ key, colour });
export const DAYS: readonly (readonly [date: string, things: readonly Thing[]])[] = [
  ['2026-01-10', [thing('a', 'red'), thing('b', 'blue')]],
  ['2026-02-10', [thing('a', 'red'), thing('c', 'green')]],
  ['2026-03-10', [thing('a', 'blue'), thing('c', 'green')]],
  ['2026-05-10', [thing('c', 'green'), thing('b', 'blue')]],
  ['2026-06-10', [thing('a', 'blue'), thing('c', 'red')]],
];

export const REMEMBERING = ['silver.latest', 'silver.known', 'silver.lasting', 'silver.latest_seen'];

export function model(materialize: string, select: string): string {
  return `-- description: a model\n-- materialize: ${materialize}\nselect ${select}\n`;
}

export interface PruneProject extends SmallProject {
  /** Lands what the source says of a date. */
  readonly landThings: (date: string, things: readonly Thing[], force?: boolean) => Promise<void>;
  readonly landAll: () => Promise<void>;
  readonly build: (dates?: BuildScope) => Promise<Record<string, string>>;
  readonly prune: (request?: Partial<PruneRequest>) => Promise<PruneReport>;
  /** All rows of the tables that remember, and of what reads them. */
  readonly tables: () => Promise<unknown>;
  /** The same, of a database that is built from nothing. */
  readonly rebuild: () => Promise<unknown>;
  /** What verify finds wrong. */
  readonly problems: () => Promise<readonly unknown[]>;
  readonly query: (sql: string) => Promise<unknown[][]>;
  /** Every file of the project with its bytes. */
  readonly bytes: () => Promise<Record<string, string>>;
}

/** The lake once all days have landed: it is the same whatever the models, so it is landed once and written again. */
let landedDays: Readonly<Record<string, string>> | null = null;

async function writeAll(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, base64] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), base64, 'base64');
  }
}

export async function makePruneProject(models = MODELS): Promise<PruneProject> {
  let said: readonly (Thing | Record<string, unknown>)[] = [];
  const server = await serve((asked, response) => bytes(JSON.stringify(said))(response, asked));
  const project = await makeProject({
    'pipelines/shop.yaml': writePage(server.url.origin),
    ...Object.fromEntries(Object.entries(models).map(([name, sql]) => [`sql/shop/${name}.sql`, sql])),
  });
  const now = (): Date => NOW;
  const query = (sql: string): Promise<unknown[][]> => queryFile(join(project.dir, 'db/lake.duckdb'), sql);
  const landThings: PruneProject['landThings'] = async (date, things, force = false) => {
    said = things;
    await project.land({ date, asOfNow: true, force }, { now });
  };
  const build: PruneProject['build'] = async (dates = []) => {
    const { models: built } = await transform(await project.open({ now }), { pipeline: 'shop', dates });
    return Object.fromEntries(built.map((one) => [one.model, one.built]));
  };
  const tables = (): Promise<unknown> => readTables(query);
  return {
    ...{ ...project, landThings, build, tables, query },
    landAll: async () => {
      const lakeDir = join(project.dir, 'data_lake');
      if (landedDays === null) {
        for (const [date, things] of DAYS) await landThings(date, things);
        landedDays = await readAll(lakeDir);
      } else {
        await writeAll(lakeDir, landedDays);
      }
    },
    prune: async (request = {}) =>
      pruneLake(await project.open({ now }), {
        ...{ pipeline: null, olderThanDays: 90, what: ['raw'], apply: true, ...request },
      }),
    rebuild: async () => {
      await rm(join(project.dir, 'db'), { recursive: true });
      await build('all');
      return tables();
    },
    problems: async () => (await verifyLake(await project.open(), { date: null })).problems,
    bytes: () => readAll(project.dir),
  };
}

async function readTables(query: PruneProject['query']): Promise<Record<string, unknown>> {
  const names = ['silver.latest', 'silver.latest_seen', 'silver.known', 'silver.lasting', 'gold.colours'];
  const tables: Record<string, unknown> = {};
  for (const name of names) tables[name] = await query(`select * from ${name} order by all`);
  return tables;
}

function writePage(baseUrl: string): string {
  return `
pipeline: shop
source: { base_url: ${baseUrl} }
datasets:
  things:
    time: snapshot
    request: { path: '/things', records: '' }
    contract:
      max_rejected: 90%
      schema:
        type: object
        required: [key, colour]
        properties:
          key: { enum: [a, b, c, d], x-pii: none }
          colour: { enum: [red, blue, green], x-pii: none }
    landing:
      key: { from: key, treat: keep }
      colour: { from: colour, treat: keep }
`;
}

export async function queryFile(path: string, sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    instance.closeSync();
  }
}
