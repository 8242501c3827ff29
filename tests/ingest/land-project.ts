import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { loadConfig } from '../../src/base/config/config.js';
import type { Effects } from '../../src/base/effects.js';
import type { Manifest } from '../../src/base/types/manifest.js';
import type { RunResult } from '../../src/base/types/result.js';
import type { IngestRequest } from '../../src/ingest/plan-ingest.js';
import { ingest } from '../../src/pipeline.js';
import { openProject, type Project } from '../../src/project.js';
import { makeEffects } from '../source/harness.js';
import { closeAfterTest } from '../support/after-each.js';

export const DATE = '2026-03-01';
const TOKEN_KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64');

/** A project in a folder of its own, gone after the test. */
export interface SmallProject {
  readonly dir: string;
  /** Opens it as a command does. */
  readonly open: (effects?: Partial<Effects>) => Promise<Project>;
  /** Lands one date as `pipeline ingest` does. */
  readonly land: (request?: Partial<IngestRequest>, effects?: Partial<Effects>) => Promise<RunResult>;
  /** Rows of a landed file in its order, as JSON; `name` is relative to `data_lake/raw`. */
  readonly rows: (name: string) => Promise<unknown[]>;
  /** The same as JSON texts, with numbers as numbers. */
  readonly lines: (name: string) => Promise<string[]>;
  /** Columns of a landed file with their types. */
  readonly types: (name: string) => Promise<unknown[]>;
  readonly manifest: (name: string) => Promise<Manifest>;
}

/** Makes a project of these files, `pipelines/shop.yaml` among them. */
export async function makeProject(files: Readonly<Record<string, string>>): Promise<SmallProject> {
  const dir = await mkdtemp(join(tmpdir(), 'lakeveil-project-'));
  closeAfterTest(() => rm(dir, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  const raw = (name: string): string => join(dir, 'data_lake', 'raw', name);
  return {
    dir,
    open: (effects) => open(dir, effects),
    land: (request, effects) => land(dir, request, effects),
    rows: (name) => query(`from read_parquet('${raw(name)}')`),
    lines: async (name) => {
      const found = await query(
        `select to_json(landed)::varchar as line from read_parquet('${raw(name)}') as landed`,
      );
      return (found as { line: string }[]).map(({ line }) => line);
    },
    types: (name) =>
      query(`select column_name as name, column_type as type from (describe from '${raw(name)}')`),
    manifest: async (name) => JSON.parse(await readFile(raw(name), 'utf8')) as Manifest,
  };
}

async function open(dir: string, effects: Partial<Effects> = {}): Promise<Project> {
  const config = loadConfig({ project: dir, environment: { TOKEN_KEY, TOKEN_KEY_ID: 'k1' } });
  return openProject({ config, effects: makeEffects(effects) }, 'shop');
}

async function land(
  dir: string,
  request: Partial<IngestRequest> = {},
  effects: Partial<Effects> = {},
): Promise<RunResult> {
  return ingest(await open(dir, effects), {
    ...{ pipeline: 'shop', date: DATE, slot: null, dataset: null, source: null, seed: null },
    ...{ force: false, asOfNow: false, limitPages: null },
    ...request,
  });
}

/** Every file below a folder with its bytes, as base64. */
export async function readAll(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = files
    .sort()
    .map(async (file) => [file.slice(root.length + 1), (await readFile(file)).toString('base64')] as const);
  return Object.fromEntries(await Promise.all(pairs));
}

async function query(sql: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
