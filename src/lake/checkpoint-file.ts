import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assertNoLinks, ignoreMissing, orDiskError } from '../base/files/durable.js';
import { describeFile, readStored, type UnreadableFile } from '../base/files/stored-file.js';
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
  /** Unknown and damaged files, and files of a newer version. */
  readonly unreadable: readonly UnreadableFile[];
}

const FIX_MARK = 'restore the file; without a backup, remove it: its dates then count as missing';
const FIX_CHECKPOINT =
  'restore the folder of the model; without a backup, remove it: the model then starts with the landed dates';
const WRONG_NAME = { kind: 'damaged', why: 'not a checkpoint of that name' } as const;

/** Reads all checkpoints, sorted by name. @throws E_LAKE_DAMAGED if a path contains a symbolic link */
export async function findKept(root: string): Promise<Kept> {
  const checkpoints: Checkpoint[] = [];
  const horizons: RetentionMark[] = [];
  const unreadable: UnreadableFile[] = [];
  for (const name of await listNames(root)) {
    if (MODEL.test(name)) {
      const path = checkpointPath(name);
      const found = await readStored<Checkpoint>(root, path, checkpointSchema, 'a checkpoint');
      // Other files in a folder without a checkpoint are reported by `verify`.
      if (found.kind === 'missing') continue;
      if (found.kind !== 'found') unreadable.push(describeFile(path, found, FIX_CHECKPOINT));
      else if (isNamed(found.value, name)) checkpoints.push(found.value);
      else unreadable.push(describeFile(path, WRONG_NAME, FIX_CHECKPOINT));
    } else {
      const path = `${CHECKPOINTS}/${name}`;
      const found = await readStored<RetentionMark>(root, path, retentionMarkSchema, 'a retention mark');
      if (found.kind === 'missing') continue;
      if (found.kind !== 'found') unreadable.push(describeFile(path, found, FIX_MARK));
      else if (retentionMarkPath(found.value.dataset) === path) horizons.push(found.value);
      else unreadable.push(describeFile(path, WRONG_NAME, FIX_MARK));
    }
  }
  return { checkpoints, horizons, unreadable };
}

/** The same where all of it is as it should be. @throws E_LAKE_FILE, E_LAKE_NEWER, E_LAKE_DAMAGED for a link */
export async function readKept(root: string): Promise<Kept> {
  const kept = await findKept(root);
  const [first] = kept.unreadable;
  if (first !== undefined) throw first.error;
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
