import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { readSmallFile } from '../../base/files/small-file.js';
import { parseJson } from '../../base/json-values.js';
import { makeFolder, writeDurably } from '../../base/files/durable.js';
import {
  type CheckResult,
  type ModelResult,
  type RunRecord,
  runRecordSchema,
} from '../../base/types/run-record.js';
import type { Stored } from '../../base/types/stored.js';
import type { TransformInput } from '../transform-input.js';
import { WAREHOUSE_FORMAT } from './next-file.js';

/**
 * What the published file was built from, so that a transform with nothing new builds no other. Beside the file in
 * `.cache`; a mark that is damaged, or of another file, is none.
 */

const markSchema = z.strictObject({
  digest: z.string(),
  /** Of the published file. */
  identity: z.string(),
  models: runRecordSchema.shape.models,
  /** The results of checks of whole tables, which every transform reports. */
  checks: z.array(runRecordSchema.shape.checks.unwrap().element),
});

type Mark = Stored<typeof markSchema>;

/** What a transform with nothing new reports. */
export interface Built {
  readonly models: readonly ModelResult[];
  readonly checks: readonly CheckResult[];
}

/**
 * A digest of all that the published file depends on: definitions, SQL files, landed data, checkpoints, and runs. The
 * clock is not in it.
 */
export async function digestInput(input: TransformInput): Promise<string> {
  const { toolVersion, lakeDir, pipelines, checkpoints, others } = input;
  const hash = createHash('sha256');
  const add = (part: unknown): void => void hash.update(`${JSON.stringify(part)}\n`);
  add([WAREHOUSE_FORMAT, toolVersion, lakeDir, pipelines, others, checkpoints]);
  for (const { sqlDir } of pipelines) await addFolder(sqlDir, add);
  for (const { manifest } of input.partitions) {
    const { columns, ...own } = manifest;
    add([own, columns.map(({ name, type }) => [name, type])]);
  }
  for (const run of input.runs) if (!isIdle(run)) add([run.run_id, run.status, run.finished_at]);
  return hash.digest('hex');
}

/** Null if the file has to be built. */
export async function readBuilt(databasePath: string, digest: string): Promise<Built | null> {
  const identity = await identify(databasePath);
  const found = await readSmallFile(markPath(databasePath)).catch(() => null);
  if (identity === null || found?.kind !== 'text') return null;
  const mark = markSchema.safeParse(parseJson(found.text)).data;
  if (mark === undefined || mark.digest !== digest || mark.identity !== identity) return null;
  const models = mark.models.map((model) => ({ ...model, ...SKIPPED }));
  return { models, checks: mark.checks };
}

const SKIPPED = { built: 'skipped', dates: 0, singled_out: null } as const;

/** Records what the published file was built from. It cannot fail: without a mark, the next transform builds. */
export async function writeBuilt(
  databasePath: string,
  digest: string,
  { models, checks }: Built,
): Promise<void> {
  const identity = await identify(databasePath);
  if (identity === null) return;
  const whole = checks.filter(({ date }) => date === null);
  const mark: Mark = { digest, identity, models, checks: whole };
  const path = markPath(databasePath);
  await makeFolder(dirname(path))
    .then(() => writeDurably(path, JSON.stringify(mark)))
    .catch(() => undefined);
}

/** A transform that found nothing new is in no table until something is. */
function isIdle({ command, status, datasets, models, healed, pruned }: RunRecord): boolean {
  const isDone = status === 'succeeded' || status === 'unchanged';
  const isPlain = datasets.length + healed.length === 0 && pruned === undefined;
  return command === 'transform' && isDone && isPlain && models.every(({ built }) => built === 'skipped');
}

function markPath(databasePath: string): string {
  return join(dirname(databasePath), '.cache', 'built.json');
}

async function identify(path: string): Promise<string | null> {
  const stats = await lstat(path, { bigint: true }).catch(() => null);
  if (stats?.isFile() !== true) return null;
  return [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ');
}

async function addFolder(folder: string, add: (part: unknown) => void): Promise<void> {
  const items = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const item of items.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, item.name);
    if (item.isDirectory()) await addFolder(path, add);
    else add([path, await readSmallFile(path, { followLinks: true }).catch(() => null)]);
  }
}
