import { readdir, readFile, rename, rm, mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { failure } from '../errors.js';
import type { Manifest } from '../manifest.js';
import {
  fileExists,
  hashFile,
  ignoreMissing,
  orDiskError,
  refuseLinks,
  removeDurably,
  syncFolder,
  writeDurably,
} from './files.js';
import { manifestSchema } from './manifest-file.js';

/** A file of the staging folder and its place in the lake; `to` is relative to the lake's root. */
const moveSchema = z.strictObject({
  from: z.string().regex(/^[a-z0-9_.-]+$/i),
  to: z.string().regex(/^(raw|quarantine)\/\d{4}\/\d{2}\/\d{2}\/[a-zA-Z0-9_.]+\.parquet$/),
  sha256: z.string(),
});
const pathInLake = z.string().regex(/^(raw|quarantine)\/\d{4}\/\d{2}\/\d{2}\/[a-zA-Z0-9_.]+$/);

const intentSchema = z.strictObject({
  format: z.literal(1),
  run_id: z.string().regex(/^[0-9a-f-]{36}$/),
  /** Base name of the run's staging folder. */
  staging: z.string().regex(/^[0-9a-zA-Z-]+$/),
  moves: z.array(moveSchema),
  manifests: z.array(z.strictObject({ path: pathInLake, manifest: manifestSchema })),
  removes: z.array(pathInLake),
  /** What the ledger is to say of this run, kept for whoever finishes it. */
  receipt: z.unknown(),
});

/**
 * All that a commit will do, written before any of it is done. Its rename into `_commits/` is the commit: before it
 * nothing has happened, after it everything will.
 */
export interface Intent {
  readonly format: 1;
  readonly run_id: string;
  readonly staging: string;
  readonly moves: readonly { readonly from: string; readonly to: string; readonly sha256: string }[];
  readonly manifests: readonly { readonly path: string; readonly manifest: Manifest }[];
  readonly removes: readonly string[];
  readonly receipt: unknown;
}

/** Names a moment between two steps, for tests that stop there. */
export type OnStep = (step: string) => void | Promise<void>;

export async function writeIntent(root: string, intent: Intent): Promise<void> {
  await writeDurably(join(root, '_commits', `${intent.run_id}.json`), JSON.stringify(intent));
}

/** Intents that were committed but not finished, oldest first. */
export async function readIntents(root: string): Promise<Intent[]> {
  const names = (await readdir(join(root, '_commits')).catch(ignoreMissing)) ?? [];
  const intents: Intent[] = [];
  for (const name of names.filter((entry) => entry.endsWith('.json')).sort()) {
    intents.push(await readIntent(join(root, '_commits', name)));
  }
  return intents;
}

async function readIntent(path: string): Promise<Intent> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    parsed = undefined;
  }
  const result = intentSchema.safeParse(parsed);
  if (!result.success)
    throw failure('E_LAKE_DAMAGED', { path: `_commits/${basename(path)}`, kind: 'not an intent' });
  return result.data as Intent;
}

/**
 * Does what an intent says: files, then manifests, then stale files, then the receipt; the intent goes last. Every
 * step may have been done before, so it can be begun anew wherever it was stopped.
 */
export async function carryOut(
  root: string,
  intent: Intent,
  onReceipt: (receipt: unknown) => Promise<void>,
  onStep: OnStep,
): Promise<void> {
  await orDiskError(root, async () => {
    for (const move of intent.moves) {
      await moveIntoPlace(root, intent.staging, move);
      await onStep(`moved ${move.to}`);
    }
    for (const { path, manifest } of intent.manifests) {
      await writeDurably(join(root, path), `${JSON.stringify(manifest, null, 1)}\n`);
      await onStep(`wrote ${path}`);
    }
    for (const path of intent.removes) {
      await refuseLinks(root, dirname(join(root, path)));
      await removeDurably(join(root, path));
      await onStep(`removed ${path}`);
    }
    await onReceipt(intent.receipt);
    await onStep('wrote the receipt');
    await removeDurably(join(root, '_commits', `${intent.run_id}.json`));
    await onStep('removed the intent');
    await rm(join(root, '_staging', intent.staging), { recursive: true, force: true });
  });
}

async function moveIntoPlace(root: string, staging: string, move: Intent['moves'][number]): Promise<void> {
  const from = join(root, '_staging', staging, move.from);
  const to = join(root, move.to);
  await refuseLinks(root, to);
  if (await fileExists(from)) {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await rename(from, to);
    await syncFolder(dirname(to));
    return;
  }
  const there = (await fileExists(to)) ? await hashFile(to) : null;
  if (there?.sha256 !== move.sha256)
    throw failure('E_LAKE_DAMAGED', { path: move.to, kind: 'lost in a commit' });
}
