import { randomUUID } from 'node:crypto';
import { link, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { failure, systemCode } from '../base/errors.js';
import { makeFolder, orDiskError, syncFolder, writeDurably, writeNew } from '../base/files/durable.js';
import { readStored, storedFailure } from '../base/files/stored-file.js';
import { NAME } from '../base/names.js';
import { formatJson } from '../base/text/json.js';

/**
 * What has been loaded into a target, in the lake: a command that removes a person everywhere finds the places here. It is
 * written before a load begins, so that no row is anywhere that is not named. It holds no URL and no password.
 */
const loadedSchema = z.strictObject({
  format: z.literal(1),
  target: z.string(),
  type: z.enum(['sqlite', 'postgres']),
  /** `127.0.0.1:5432/reports`, or the path of a file. */
  place: z.string(),
  schema_prefix: z.string(),
  /** Columns with tokens were loaded, at some time. */
  tokens: z.boolean(),
  tables: z.array(
    z.strictObject({
      table: z.string(),
      /** Dates that were loaded, sorted; null for a table that is replaced as a whole. */
      dates: z.array(z.string()).nullable(),
    }),
  ),
  last_run_id: z.string(),
  last_load_at: z.string(),
});

export type LoadedTarget = z.infer<typeof loadedSchema>;

/** Of the targets in the lake's folder. */
export const TARGETS_FOLDER = '_targets';

/** `_targets/reporting.json` */
export function loadedPath(target: string): string {
  if (!NAME.test(target)) throw failure('E_NAME', { kind: 'target' });
  return `${TARGETS_FOLDER}/${target}.json`;
}

/** Null if nothing was loaded into it. @throws E_LAKE_FILE, E_LAKE_NEWER, E_DISK */
export async function readLoaded(lakeDir: string, target: string): Promise<LoadedTarget | null> {
  const path = loadedPath(target);
  const found = await readStored(lakeDir, path, loadedSchema, 'a list of loaded tables');
  if (found.kind === 'found') return found.value;
  if (found.kind === 'missing') return null;
  throw storedFailure(path, found, 'restore the file from a backup, or remove it if the target is gone');
}

/**
 * Adds what will be loaded to what was. A target of the same name at another place is refused, since the first place would
 * be forgotten. The caller holds the lock of the target.
 * @throws E_TAKEN, and as `readLoaded`
 */
export async function recordLoad(lakeDir: string, next: LoadedTarget): Promise<void> {
  const before = await readLoaded(lakeDir, next.target);
  if (before !== null && (before.place !== next.place || before.schema_prefix !== next.schema_prefix)) {
    const what = `says that target ${next.target} is at ${before.place} with the prefix \`${before.schema_prefix}\``;
    const fix = 'give the target at the new place another name in targets.yaml';
    throw failure('E_TAKEN', { path: loadedPath(next.target), what, fix }, { stage: 'load' });
  }
  const merged: LoadedTarget = {
    ...next,
    tokens: next.tokens || before?.tokens === true,
    tables: mergeTables(before?.tables ?? [], next.tables),
  };
  await writeDurably(join(lakeDir, loadedPath(next.target)), `${formatJson(merged)}\n`);
}

function mergeTables(before: LoadedTarget['tables'], next: LoadedTarget['tables']): LoadedTarget['tables'] {
  const merged = new Map(before.map((one) => [one.table, one.dates]));
  for (const { table, dates } of next) {
    const known = merged.get(table) ?? [];
    merged.set(table, dates === null ? null : [...new Set([...known, ...dates])].sort());
  }
  return [...merged].map(([table, dates]) => ({ table, dates })).sort((a, b) => (a.table < b.table ? -1 : 1));
}

const idSchema = z.strictObject({ format: z.literal(1), lake_id: z.uuid() });

/** Not the name of any target. */
const ID_PATH = `${TARGETS_FOLDER}/lake-id.json`;

/**
 * Tells this lake from all others, also after it has moved: a random id, made by the first load.
 * @throws E_LAKE_FILE, E_LAKE_NEWER, E_DISK
 */
export async function readLakeId(lakeDir: string): Promise<string> {
  for (;;) {
    const found = await readStored(lakeDir, ID_PATH, idSchema, 'the id of a lake');
    if (found.kind === 'found') return found.value.lake_id;
    if (found.kind !== 'missing') throw storedFailure(ID_PATH, found, 'restore the file from a backup');
    await writeLakeId(join(lakeDir, ID_PATH));
  }
}

/** Loads into two targets may come first at the same time: one of them makes the file. */
async function writeLakeId(path: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  await orDiskError(path, async () => {
    await makeFolder(dirname(path));
    try {
      await writeNew(draft, `${formatJson({ format: 1, lake_id: randomUUID() })}\n`);
      await link(draft, path).catch((error: unknown) => {
        if (systemCode(error) !== 'EEXIST') throw error;
      });
    } finally {
      await rm(draft, { force: true });
    }
    await syncFolder(dirname(path));
  });
}
