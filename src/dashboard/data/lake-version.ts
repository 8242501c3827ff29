import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../base/config/config.js';

/** Days of the ledger to check: a run that started before midnight records its end on the previous day. */
const LEDGER_DAYS = 3;

/**
 * A text that changes whenever the content of a view may have changed: another warehouse file was published, the ledger
 * has a new or an ended entry, or a definition or an SQL file was edited. Uses a few `stat` calls and reads no file.
 */
export async function readVersion({ databasePath, lakeDir, pipelinesDir, sqlDir }: Config): Promise<string> {
  const parts = await Promise.all([
    identify(databasePath),
    identifyLedger(join(lakeDir, '_runs')),
    identifyTree(pipelinesDir),
    identifyTree(sqlDir),
  ]);
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** A text that changes when a file is replaced or changed. */
export async function identify(path: string): Promise<string> {
  const stats = await stat(path, { bigint: true }).catch(() => null);
  return stats === null ? 'none' : `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs}`;
}

/** An entry is replaced by rename, which changes the modification time of its day's folder. */
async function identifyLedger(root: string): Promise<string[]> {
  const days: string[] = [];
  for (const year of await listNewest(root)) {
    for (const month of await listNewest(join(root, year))) {
      for (const day of await listNewest(join(root, year, month))) {
        days.push(join(root, year, month, day));
        if (days.length >= LEDGER_DAYS) return Promise.all([root, ...days].map(identify));
      }
    }
  }
  return Promise.all([root, ...days].map(identify));
}

async function listNewest(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.sort().reverse();
}

async function identifyTree(root: string): Promise<string[]> {
  const names = await readdir(root, { recursive: true }).catch(() => []);
  return Promise.all(names.sort().map(async (name) => `${name} ${await identify(join(root, name))}`));
}
