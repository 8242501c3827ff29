import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { makeFolder, writeDurably } from '../../base/files/durable.js';
import { readSmallFile } from '../../base/files/small-file.js';
import { parseJson } from '../../base/json-values.js';
import { releaseSchema } from '../../base/types/release-result.js';
import { runRecordSchema } from '../../base/types/run-record.js';
import type { Stored } from '../../base/types/stored.js';
import type { WarehousePipeline } from '../landed-partition.js';
import { WAREHOUSE_FORMAT } from './next-file.js';

/**
 * What the published file was built from, so that a transform with nothing new builds no other. Beside the file in
 * `.cache`; a mark that is damaged, or of another file, is none.
 */

const markSchema = z.strictObject({
  /** Of definitions and SQL files, and of the files of the lake. */
  project: z.string(),
  lake: z.string(),
  /** Runs whose entries are not in the digest of the lake: the one that built, and those that found nothing new. */
  runs: z.array(z.string()),
  /** Of the published file. */
  identity: z.string(),
  /** Rows of the lake. */
  landed: z.int().nonnegative(),
  models: runRecordSchema.shape.models,
  releases: z.array(releaseSchema),
  /** The results of checks of whole tables, which every transform reports. */
  checks: z.array(runRecordSchema.shape.checks.unwrap().element),
});

export type BuiltMark = Stored<typeof markSchema>;

/** A digest of all that decides how tables are built. The clock is not in it. */
export async function digestProject(
  pipelines: readonly WarehousePipeline[],
  lakeDir: string,
  toolVersion: string,
): Promise<string> {
  const hash = createHash('sha256');
  const add = (part: unknown): void => void hash.update(`${JSON.stringify(part)}\n`);
  const released = pipelines.flatMap(({ releases }) => releases.map(({ ladders }) => [...ladders]));
  add([WAREHOUSE_FORMAT, toolVersion, lakeDir, pipelines, released]);
  for (const { sqlDir } of pipelines) await addFolder(sqlDir, add);
  return hash.digest('hex');
}

/** The mark of the published file; null if there is none. */
export async function readMark(databasePath: string): Promise<BuiltMark | null> {
  const found = await readSmallFile(markPath(databasePath)).catch(() => null);
  const mark = found?.kind === 'text' ? markSchema.safeParse(parseJson(found.text)).data : undefined;
  return mark !== undefined && mark.identity === (await identify(databasePath)) ? mark : null;
}

/** Records what the published file was built from. It cannot fail: without a mark, the next transform builds. */
export async function writeMark(databasePath: string, built: Omit<BuiltMark, 'identity'>): Promise<void> {
  const identity = await identify(databasePath);
  const path = markPath(databasePath);
  if (identity === null) return;
  const checks = built.checks.filter(({ date }) => date === null);
  await makeFolder(dirname(path))
    .then(() => writeDurably(path, JSON.stringify({ ...built, checks, identity } satisfies BuiltMark)))
    .catch(() => undefined);
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
