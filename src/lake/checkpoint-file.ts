import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { failure } from '../base/errors.js';
import { assertNoLinks, ignoreMissing, orDiskError } from '../base/files/durable.js';
import { MODEL } from '../base/names.js';
import {
  type Checkpoint,
  checkpointSchema,
  type RetentionMark,
  retentionMarkSchema,
} from '../base/types/checkpoint.js';
import { checkpointFilePath, checkpointPath, CHECKPOINTS, retentionMarkPath } from './paths.js';

/** The contents of the checkpoint folder. */
export interface Kept {
  readonly checkpoints: readonly Checkpoint[];
  readonly horizons: readonly RetentionMark[];
  /** Paths, relative to the lake's root, of unknown or damaged files. */
  readonly damaged: readonly string[];
}

/** Reads all checkpoints, sorted by name. @throws E_LAKE_DAMAGED if a path contains a symbolic link */
export async function findKept(root: string): Promise<Kept> {
  const checkpoints: Checkpoint[] = [];
  const horizons: RetentionMark[] = [];
  const damaged: string[] = [];
  for (const name of await listNames(root)) {
    const path = MODEL.test(name) ? checkpointPath(name) : `${CHECKPOINTS}/${name}`;
    const text = await readText(root, path);
    const checkpoint = MODEL.test(name) ? parse(checkpointSchema, text) : null;
    const horizon = parse(retentionMarkSchema, text);
    if (text === undefined) continue; // other files in a folder without a checkpoint are reported by `verify`
    if (checkpoint !== null && isNamed(checkpoint, name)) checkpoints.push(checkpoint);
    else if (horizon !== null && retentionMarkPath(horizon.dataset) === path) horizons.push(horizon);
    else damaged.push(path);
  }
  return { checkpoints, horizons, damaged };
}

/** The same where all of it is as it should be. @throws E_LAKE_DAMAGED */
export async function readKept(root: string): Promise<Kept> {
  const kept = await findKept(root);
  const [path] = kept.damaged;
  if (path !== undefined) throw failure('E_LAKE_DAMAGED', { path, kind: 'not a checkpoint' });
  return kept;
}

function isNamed({ model, before, file }: Checkpoint, name: string): boolean {
  return model === name && file.name === `${before}.parquet`;
}

/** Path of a checkpoint's Parquet file, relative to the lake's root. */
export function fileOfCheckpoint({ model, before }: Checkpoint): string {
  return checkpointFilePath(model, before);
}

async function listNames(root: string): Promise<string[]> {
  return orDiskError(CHECKPOINTS, async () => {
    assertNoLinks(root, join(root, CHECKPOINTS));
    return ((await readdir(join(root, CHECKPOINTS)).catch(ignoreMissing)) ?? [])
      .filter((name) => !name.endsWith('.tmp'))
      .sort();
  });
}

async function readText(root: string, path: string): Promise<string | undefined> {
  return orDiskError(path, async () => {
    assertNoLinks(root, join(root, path));
    return readFile(join(root, path), 'utf8').catch(ignoreMissing);
  });
}

function parse<T>(schema: z.ZodType<T>, text: string | undefined): T | null {
  try {
    const result = schema.safeParse(JSON.parse(text ?? ''));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}
