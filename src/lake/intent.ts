import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { failure } from '../base/errors.js';
import {
  assertNoLinks,
  DRAFT_SUFFIX,
  fileExists,
  hashFile,
  ignoreMissing,
  makeFolder,
  orDiskError,
  removeDurably,
  syncFile,
  syncFolder,
  writeDurably,
} from '../base/files/durable.js';
import { parseStored, readStored, storedFailure } from '../base/files/stored-file.js';
import { NAME_PATTERN, RUN_ID_PATTERN } from '../base/names.js';
import { checkpointSchema, retentionMarkSchema } from '../base/types/checkpoint.js';
import { tombstoneSchema, unfinishedSchema } from '../base/types/erasure.js';
import { landedMonthSchema } from '../base/types/landed.js';
import { manifestSchema } from '../base/types/manifest.js';
import type { Stored } from '../base/types/stored.js';
import { isInProject, moveToArchive } from './archive.js';
import { tombstonePath, unfinishedPath } from './forgotten-file.js';
import { formatDocument, landedPath } from './landed-file.js';
import { checkpointPath, retentionMarkPath } from './paths.js';

/** A file of a date's folder; no name is hidden, and none can be taken for a folder. */
const pathInLake = z
  .string()
  .regex(/^(raw|quarantine)\/\d{4}\/\d{2}\/\d{2}\/[a-zA-Z0-9_][a-zA-Z0-9_.]*(?<!\.\.)$/);

/** The Parquet file of a checkpoint. */
const checkpointInLake = z
  .string()
  .regex(new RegExp(`^_checkpoints/(silver|gold)\\.${NAME_PATTERN}/\\d{4}-\\d{2}-\\d{2}\\.parquet$`));

const checkpointDocument = z
  .string()
  .regex(new RegExp(`^_checkpoints/(silver|gold)\\.${NAME_PATTERN}/checkpoint\\.json$`));

const tombstoneInLake = z.string().regex(new RegExp(`^_forgotten/${RUN_ID_PATTERN}\\.json$`));

const monthInLake = z.string().regex(/^_landed\/\d{4}-\d{2}\.json$/);

const entryOfLedger = z.string().regex(/^_runs\/\d{4}\/\d{2}\/\d{2}\/[0-9a-f-]{36}\.json$/);

/** A file of the staging folder and its place in the lake; `to` is relative to the lake's root. */
const moveSchema = z.strictObject({
  from: z.string().regex(/^[a-z0-9_-][a-z0-9_.-]*(?<!\.\.)$/i),
  to: z.union([pathInLake.endsWith('.parquet'), checkpointInLake]),
  sha256: z.string(),
});

const intentSchema = z.strictObject({
  format: z.literal(1),
  run_id: z.string().regex(/^[0-9a-f-]{36}$/),
  /** Base name of the run's staging folder. */
  staging: z.string().regex(/^[0-9a-zA-Z-]+$/),
  moves: z.array(moveSchema),
  manifests: z.array(z.strictObject({ path: pathInLake, manifest: manifestSchema })),
  /** Months of what last landed, as they are after the commit; none in intents of a time before there were any. */
  landed: z
    .array(z.strictObject({ path: z.string(), month: landedMonthSchema }))
    .refine((all) => all.every(({ path, month }) => path === landedPath(month.month)))
    .default([]),
  /** Intents of a time before there were checkpoints have none. */
  checkpoints: z
    .array(z.strictObject({ path: z.string(), checkpoint: checkpointSchema }))
    .refine((all) => all.every(({ path, checkpoint }) => path === checkpointPath(checkpoint.model)))
    .default([]),
  horizons: z
    .array(z.strictObject({ path: z.string(), horizon: retentionMarkSchema }))
    .refine((all) => all.every(({ path, horizon }) => path === retentionMarkPath(horizon.dataset)))
    .default([]),
  /** People who were erased; none in intents of a time before there were any. */
  tombstones: z
    .array(z.strictObject({ path: z.string(), tombstone: tombstoneSchema }))
    .refine((all) => all.every(({ path, tombstone }) => path === tombstonePath(tombstone.erasure)))
    .default([]),
  /** What is left to do of an erasure after the commit. */
  unfinished: z
    .array(z.strictObject({ path: z.string(), erasure: unfinishedSchema }))
    .refine((all) => all.every(({ path, erasure }) => path === unfinishedPath(erasure.erasure)))
    .default([]),
  /** Files of the project that go to the archive; none in intents of a time before there was one. */
  archives: z
    .array(
      z.strictObject({
        from: z.string().refine(isInProject),
        to: z.string().refine(isInProject),
        sha256: z.string(),
      }),
    )
    .default([]),
  removes: z.array(
    z.union([pathInLake, checkpointInLake, checkpointDocument, tombstoneInLake, monthInLake, entryOfLedger]),
  ),
  /** What the ledger is to say of this run, kept for whoever finishes it. */
  receipt: z.unknown(),
});

/**
 * All that a commit will do, written before any of it is done. Its rename into `_commits/` is the commit: before it
 * nothing has happened, after it everything will.
 */
export type Intent = Stored<typeof intentSchema>;

/** Names a moment between two steps, for tests that stop there. */
export type OnStep = (step: string) => void | Promise<void>;

const FOLDER = '_commits';
const FIX_INTENT =
  'restore the file, or move it away, land the date of that run again and compare the lake with `pipeline verify`';

/**
 * The intent as whoever finds it will read it, so that both do the same to the byte.
 * @throws RangeError for one that nobody could read, which would block the lake once it is written
 */
export function sealIntent(intent: Intent): Intent {
  const sealed = parseStored<Intent>(JSON.stringify(intent), intentSchema, 'an intent');
  if (sealed.kind !== 'found') throw new RangeError('a planned intent is not valid');
  return sealed.value;
}

export async function writeIntent(root: string, intent: Intent): Promise<void> {
  await writeDurably(intentPath(root, intent.run_id), JSON.stringify(intent));
}

/** Flushes what a commit moves. */
export async function syncStaged(dir: string, { moves }: Pick<Intent, 'moves'>): Promise<void> {
  for (const { from } of moves) await syncFile(join(dir, from));
  await syncFolder(dir);
}

/** True from the commit of a run until all that it says has been done. */
export async function isCommitted(root: string, runId: string): Promise<boolean> {
  return fileExists(intentPath(root, runId));
}

/**
 * Intents that were committed but not finished, oldest first. Drafts, which a run left that was killed just before
 * its commit, are removed.
 */
export async function readIntents(root: string): Promise<Intent[]> {
  const folder = join(root, FOLDER);
  assertNoLinks(root, folder);
  const names = (await readdir(folder).catch(ignoreMissing)) ?? [];
  for (const name of names) if (name.endsWith(DRAFT_SUFFIX)) await rm(join(folder, name), { force: true });
  const intents: Intent[] = [];
  for (const name of names.filter((entry) => entry.endsWith('.json')).sort()) {
    const intent = await readIntent(root, name);
    if (intent !== null) intents.push(intent);
  }
  return intents;
}

async function readIntent(root: string, name: string): Promise<Intent | null> {
  const path = `${FOLDER}/${name}`;
  const found = await readStored<Intent>(root, path, intentSchema, 'an intent');
  if (found.kind === 'missing') return null;
  if (found.kind !== 'found') throw storedFailure(path, found, FIX_INTENT);
  if (found.value.run_id !== basename(name, '.json')) {
    throw storedFailure(path, { kind: 'damaged', why: 'not an intent of that run' }, FIX_INTENT);
  }
  return found.value;
}

function intentPath(root: string, runId: string): string {
  return join(root, FOLDER, `${runId}.json`);
}

/** Of a lake, and of the project whose files it archives. */
interface Folders {
  readonly root: string;
  readonly projectDir?: string;
}

/**
 * Does what an intent says: files, then manifests and checkpoints, then stale files, the archive and the receipt; the intent goes last. Every
 * step may have been done before, so it can be begun anew wherever it was stopped.
 */
export async function carryOut(
  { root, projectDir }: Folders,
  intent: Intent,
  onReceipt: (receipt: unknown) => Promise<void>,
  onStep: OnStep,
): Promise<void> {
  await orDiskError(root, async () => {
    for (const move of intent.moves) {
      await moveIntoPlace(root, intent.staging, move);
      await onStep(`moved ${move.to}`);
    }
    for (const [path, document] of listDocuments(intent)) {
      assertNoLinks(root, dirname(join(root, path)));
      await writeDurably(join(root, path), formatDocument(document));
      await onStep(`wrote ${path}`);
    }
    for (const path of intent.removes) {
      assertNoLinks(root, dirname(join(root, path)));
      await removeDurably(join(root, path));
      await onStep(`removed ${path}`);
    }
    for (const move of intent.archives) {
      await moveToArchive(projectDir, move);
      await onStep(`archived ${move.to}`);
    }
    await onReceipt(intent.receipt);
    await onStep('wrote the receipt');
    await removeDurably(intentPath(root, intent.run_id));
    await onStep('removed the intent');
    await rm(join(root, '_staging', intent.staging), { recursive: true, force: true });
  });
}

/** Tombstones come first: what they name does not land again from there on. */
function listDocuments(intent: Intent): [string, unknown][] {
  const { manifests, landed, checkpoints, horizons, tombstones, unfinished } = intent;
  return [
    ...tombstones.map(({ path, tombstone }): [string, unknown] => [path, tombstone]),
    ...unfinished.map(({ path, erasure }): [string, unknown] => [path, erasure]),
    ...manifests.map(({ path, manifest }): [string, unknown] => [path, manifest]),
    ...landed.map(({ path, month }): [string, unknown] => [path, month]),
    ...checkpoints.map(({ path, checkpoint }): [string, unknown] => [path, checkpoint]),
    ...horizons.map(({ path, horizon }): [string, unknown] => [path, horizon]),
  ];
}

async function moveIntoPlace(root: string, staging: string, move: Intent['moves'][number]): Promise<void> {
  const from = join(root, '_staging', staging, move.from);
  const to = join(root, move.to);
  assertNoLinks(root, from);
  assertNoLinks(root, to);
  const isWaiting = await fileExists(from);
  if (!isWaiting && !(await fileExists(to)))
    throw failure('E_LAKE_DAMAGED', { path: move.to, kind: 'lost in a commit' });
  const { sha256 } = await hashFile(isWaiting ? from : to);
  if (sha256 !== move.sha256)
    throw failure('E_LAKE_DAMAGED', { path: move.to, kind: 'other bytes than committed' });
  if (!isWaiting) return;
  await makeFolder(dirname(to));
  await rename(from, to);
  await syncFolder(dirname(to));
}
