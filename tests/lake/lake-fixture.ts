import { createHash, randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteText } from '../../src/base/duckdb.js';
import type { Manifest } from '../../src/base/types/manifest.js';
import type { StagedDataset, StagedFile } from '../../src/lake/commit-plan.js';
import type { OnStep } from '../../src/lake/intent.js';
import type { Waiting } from '../../src/lake/lock.js';
import { LocalLake } from '../../src/lake/store.js';

/** Lakes in temporary folders, and small staged datasets that DuckDB writes into them. */

export const DATE = '2026-11-20';
export const FOLDER = '2026/11/20';
export const SHA = 'a'.repeat(64);

const folders: string[] = [];

/** A folder that `removeTempFolders` removes. */
export async function makeTempFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'lakeveil-lake-')));
  folders.push(folder);
  return folder;
}

export async function removeTempFolders(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

export const impatient: Waiting = {
  patienceMs: 0,
  sleep: () => Promise.resolve(),
  onWait: () => undefined,
};

export interface OpenLake {
  readonly lake: LocalLake;
  readonly receipts: unknown[];
}

export function openLake(root: string, onStep: OnStep = () => undefined, waiting = impatient): OpenLake {
  const receipts: unknown[] = [];
  const onReceipt = (receipt: unknown) => {
    receipts.push(receipt);
    return Promise.resolve();
  };
  return {
    lake: new LocalLake({ root, waiting, onReceipt, onDead: () => Promise.resolve(), onStep }),
    receipts,
  };
}

/** What a test stages of a dataset: rows of each part, a mark by which contents differ, and refused records. */
export interface Content {
  readonly dataset: string;
  readonly parts: readonly number[];
  readonly mark: 'DE' | 'FR';
  readonly rejected?: number;
}

/** Writes a dataset's files into a staging folder. */
export async function writeStaged(
  dir: string,
  { dataset, parts, mark, rejected = 0 }: Content,
  runId: string = randomUUID(),
): Promise<StagedDataset> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const write = async (name: string, rows: number, query: string): Promise<StagedFile> => {
    await connection.run(`copy (${query}) to ${quoteText(join(dir, name))} (format parquet)`);
    const bytes = await readFile(join(dir, name));
    return { name, rows, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  const files: StagedFile[] = [];
  for (const [part, rows] of parts.entries()) {
    const query = `select 'k1_' || lpad((${part * 1000} + range)::varchar, 32, '0') as person_token, '${mark}' as country from range(${rows})`;
    files.push(await write(`${dataset}.part-${part}.parquet`, rows, query));
  }
  const reasons = `select range::integer as "page", 0 as "position", 'missing' as code, 'email' as path, 'required' as keyword from range(${rejected})`;
  const quarantine = rejected > 0 ? await write(`${dataset}.quarantine.parquet`, rejected, reasons) : null;
  instance.closeSync();
  const landed = parts.reduce((sum, rows) => sum + rows, 0);
  return {
    key: { dataset, date: DATE, slot: null },
    files,
    quarantine,
    manifest: manifestOf(dataset, runId, { landed, rejected }),
  };
}

export function manifestOf(
  dataset: string,
  runId: string,
  { landed, rejected }: { landed: number; rejected: number },
): Omit<Manifest, 'files'> {
  const token = { class: 'direct', treatment: 'token', reviewed: null } as const;
  const bound = { kind: 'enum', values: ['DE', 'FR'] };
  return {
    format: 1,
    pipeline: 'people',
    dataset,
    date: DATE,
    slot: null,
    run_id: runId,
    counts: { fetched: landed + rejected, landed, rejected, duplicates: 0, forgotten: 0 },
    columns: [
      { ...token, name: 'person_token', type: 'VARCHAR', params: { scope: 'person', normal: 'text' } },
      {
        ...{ name: 'country', type: 'VARCHAR', class: 'quasi', treatment: 'keep', reviewed: null },
        params: { bound: [bound] },
      },
    ],
    policy_sha256: SHA,
    contract_sha256: SHA,
    observed_sha256: null,
    key_id: 'k1',
    key_check: '01234567',
    landed_at: '2026-11-20T01:02:03.000Z',
    source: { kind: 'embedded', origin: null, path: '/api/v2/persons', allow_http: false },
    as_of: null,
    adopted: false,
    raw_zone: 'restricted',
    tool_version: '0.0.0',
    duckdb_version: 'v0',
  };
}

/** Stages and commits; gives the names that were left as they were. */
export async function land(
  { lake }: OpenLake,
  contents: readonly Content[],
  runId: string = randomUUID(),
): Promise<Set<string>> {
  const staging = await lake.stage(runId);
  try {
    const staged: StagedDataset[] = [];
    for (const content of contents) staged.push(await writeStaged(staging.dir, content, runId));
    return await lake.exclusively('a test', () => lake.commit(staging, runId, staged, { run: runId }));
  } finally {
    await staging.close();
  }
}

/** Every file below folders of the lake with the hash of its bytes. */
export async function snapshot(
  root: string,
  zones: readonly string[] = ['raw', 'quarantine'],
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const zone of zones) {
    const entries = await readdir(join(root, zone), { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries.filter((item) => item.isFile())) {
      const path = join(entry.parentPath, entry.name);
      found[path.slice(root.length + 1)] = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
    }
  }
  return found;
}

/** Names in a folder of the lake; none if there is no such folder. */
export async function listNames(root: string, folder: string): Promise<string[]> {
  return (await readdir(join(root, folder)).catch(() => [])).sort();
}

export async function copyLake(root: string): Promise<string> {
  const copy = join(await makeTempFolder(), 'lake');
  await cp(root, copy, { recursive: true });
  return copy;
}
