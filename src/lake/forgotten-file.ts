import { join } from 'node:path';
import type { z } from 'zod';
import { failure } from '../base/errors.js';
import { listFolder } from '../base/files/durable.js';
import { readStored, storedFailure } from '../base/files/stored-file.js';
import { RUN_ID } from '../base/names.js';
import { type Tombstone, tombstoneSchema, type Unfinished, unfinishedSchema } from '../base/types/erasure.js';

/** Tombstones of erased people, erasures that are not finished, and receipts: all that a lake remembers of an erasure. */
const FOLDER = '_forgotten';
export const RECEIPTS = `${FOLDER}/receipts`;

/** `_forgotten/<run id>.json` */
export function tombstonePath(erasure: string): string {
  return `${FOLDER}/${assertRunId(erasure)}.json`;
}

/** `_forgotten/unfinished/<run id>.json` */
export function unfinishedPath(erasure: string): string {
  return `${FOLDER}/unfinished/${assertRunId(erasure)}.json`;
}

/** `_forgotten/receipts/000001.json` */
export function receiptPath(number: number): string {
  return `${RECEIPTS}/${String(number).padStart(6, '0')}.json`;
}

function assertRunId(id: string): string {
  if (!RUN_ID.test(id)) throw failure('E_RUN_ID', {});
  return id;
}

const FIX =
  'restore the file from a backup; without it, people who were erased land again with the next date';

/** All tombstones, oldest first; none in a lake without erasures, which costs one look at a folder. @throws E_LAKE_FILE, … */
export function readTombstones(root: string): Promise<Tombstone[]> {
  return readAll(root, FOLDER, tombstoneSchema, 'a tombstone', tombstonePath);
}

/** Erasures that were committed and then interrupted, oldest first. @throws E_LAKE_FILE, … */
export function readUnfinished(root: string): Promise<Unfinished[]> {
  return readAll(root, `${FOLDER}/unfinished`, unfinishedSchema, 'an unfinished erasure', unfinishedPath);
}

async function readAll<T>(
  root: string,
  folder: string,
  schema: z.ZodType<T>,
  what: string,
  pathOf: (erasure: string) => string,
): Promise<T[]> {
  const all: T[] = [];
  for (const name of await listFolder(join(root, folder), folder)) {
    const id = /^(.*)\.json$/.exec(name)?.[1] ?? '';
    if (!RUN_ID.test(id)) continue;
    const found = await readStored(root, pathOf(id), schema, what);
    if (found.kind === 'found') all.push(found.value);
    else if (found.kind !== 'missing') throw storedFailure(pathOf(id), found, FIX);
  }
  return all;
}
