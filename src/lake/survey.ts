import { join } from 'node:path';
import pLimit from 'p-limit';
import { LakeveilError } from '../base/errors.js';
import type { DocumentCache } from '../base/files/document-cache.js';
import { describeFile, type UnreadableFile } from '../base/files/stored-file.js';
import type { Landing } from '../base/types/landed.js';
import type { Manifest } from '../base/types/manifest.js';
import { findLanded, type FoundLanded, landingOf, nameKey } from './landed-file.js';
import { findKept, type Kept } from './checkpoint-file.js';
import { findManifest, listManifestPaths } from './manifest-file.js';
import { parseManifestPath, type PartitionKey } from './paths.js';

/**
 * What became of a partition that landed: its manifest is gone; it is one of an earlier run, such as a backup has; or it
 * is not the one that its run wrote.
 */
export type LossKind = 'gone' | 'older' | 'changed';

/** A partition that is not as it last landed. */
export interface Loss {
  readonly kind: LossKind;
  /** What last landed. */
  readonly landing: Landing;
  /** What is there in its place. */
  readonly present: Landing | null;
}

/** What a lake holds, beside what should be there. */
export interface Survey {
  /** Landed partitions, by date and name. */
  readonly manifests: readonly Manifest[];
  /** Checkpoints of models, and the retention marks of pruned datasets. */
  readonly kept: Kept;
  /** Manifests and other files that cannot be used: damaged, or of a newer version. */
  readonly unreadable: readonly UnreadableFile[];
  readonly losses: readonly Loss[];
  /** Partitions that are there but not recorded as landed: of a lake that has no record yet, or copied into it. */
  readonly unrecorded: readonly Landing[];
  /** Names of all partitions that are recorded or there. */
  readonly known: ReadonlySet<string>;
}

/** How many manifests are read at once. */
const OPEN_MANIFESTS = 32;

interface Manifests {
  readonly found: readonly ReadManifest[];
  readonly unreadable: readonly (UnreadableFile & { readonly key: PartitionKey | null })[];
}

/** A manifest, and what is recorded of it. */
interface ReadManifest {
  readonly manifest: Manifest;
  readonly landing: Landing;
}

/** Manifests that were parsed before, by path; a new or changed file is parsed whatever it holds. */
export type ManifestCache = DocumentCache<ReadManifest>;

/**
 * Compares the manifests with what last landed. What landed is read first, so that a commit in the meantime is no loss.
 * @param cache null to parse every manifest
 * @throws E_LAKE_DAMAGED if the folder of raw files is a symbolic link; E_DISK
 */
export async function surveyLake(root: string, cache: ManifestCache | null): Promise<Survey> {
  const landed = await findLanded(root);
  return compareLanded(await readManifests(root, cache), landed, await findKept(root));
}

/** The same without the lake's lock: a loss counts if it is still one at a second look, since a prune may be at work. */
export async function surveyUnlocked(root: string, cache: ManifestCache | null): Promise<Survey> {
  const first = await surveyLake(root, cache);
  return first.losses.length === 0 ? first : surveyLake(root, cache);
}

/** All manifests by date and name, and what else lies under such names. */
export async function readManifests(root: string, cache: ManifestCache | null): Promise<Manifests> {
  const paths = await listManifestPaths(root);
  const limit = pLimit(OPEN_MANIFESTS);
  const all = await Promise.all(
    paths.map((path) => {
      const read = cache?.find(path, join(root, path));
      return read === undefined ? limit(() => lookAt(root, path, cache)) : Promise.resolve({ read });
    }),
  );
  return {
    found: all.flatMap((one) => (one !== null && 'read' in one ? [one.read] : [])),
    unreadable: all.flatMap((one) => (one !== null && 'unreadable' in one ? [one.unreadable] : [])),
  };
}

/** One file that cannot be used does not hide the rest. */
async function lookAt(root: string, path: string, cache: ManifestCache | null) {
  const key = parseManifestPath(path);
  try {
    const stats = cache?.look(join(root, path));
    const found = await findManifest(root, path);
    if (found.kind === 'missing') return null;
    if (found.kind !== 'manifest') return { unreadable: { ...describeFile(path, found, null), key } };
    const read = { manifest: found.manifest, landing: landingOf(found.manifest, found.text) };
    cache?.add(path, stats, read);
    return { read };
  } catch (error) {
    if (error instanceof LakeveilError && error.code === 'E_LAKE_DAMAGED')
      return { unreadable: { path, problem: 'a link', kind: 'damaged' as const, error, key } };
    throw error;
  }
}

function compareLanded(manifests: Manifests, { landings, unreadable }: FoundLanded, kept: Kept): Survey {
  const present = new Map(manifests.found.map(({ landing }) => [nameKey(landing), landing]));
  const hidden = new Set(manifests.unreadable.flatMap(({ key }) => (key === null ? [] : [nameKey(key)])));
  const losses: Loss[] = [];
  for (const [name, landing] of landings) {
    if (hidden.has(name)) continue;
    const there = present.get(name) ?? null;
    const kind = compareOne(landing, there);
    if (kind !== null) losses.push({ kind, landing, present: there });
  }
  const lost = new Set(losses.map(({ landing }) => nameKey(landing)));
  return {
    manifests: manifests.found.map(({ manifest }) => manifest),
    kept,
    unreadable: [...unreadable, ...manifests.unreadable, ...kept.unreadable],
    losses,
    unrecorded: [...present.values()].filter((landing) => {
      const recorded = landings.get(nameKey(landing));
      const isSame = recorded?.run_id === landing.run_id && recorded.lost === null;
      return !isSame && !lost.has(nameKey(landing));
    }),
    known: new Set([...landings.keys(), ...present.keys(), ...hidden]),
  };
}

/** Null for a partition that is as it landed, that landed again, or whose loss was accepted. */
function compareOne(landing: Landing, present: Landing | null): LossKind | null {
  if (landing.lost !== null) return null;
  if (present === null) return 'gone';
  if (present.run_id !== landing.run_id) return present.landed_at < landing.landed_at ? 'older' : null;
  return present.manifest_sha256 === landing.manifest_sha256 ? null : 'changed';
}

/**
 * What the ledger says has landed and neither the manifests nor the record of what landed know. Pruned dates are gone on
 * purpose.
 * @param landed what runs have landed, the newest first
 */
export function findForgotten(
  { known, kept: { horizons } }: Pick<Survey, 'known' | 'kept'>,
  landed: Iterable<Landing>,
): Loss[] {
  const forgotten = new Map<string, Loss>();
  for (const landing of landed) {
    const name = nameKey(landing);
    const before = horizons.find(({ dataset }) => dataset === landing.dataset)?.before ?? '';
    if (known.has(name) || forgotten.has(name) || landing.date < before) continue;
    forgotten.set(name, { kind: 'gone', landing, present: null });
  }
  return [...forgotten.values()];
}

/** What is recorded of losses that a transform accepted. */
export function acceptLosses(losses: readonly Loss[], runId: string, now: Date): Landing[] {
  const lost = { run_id: runId, accepted_at: now.toISOString() };
  return losses.map(({ landing, present }) => present ?? { ...landing, lost });
}

/** @throws the error of the first file that cannot be used */
export function assertReadable({ unreadable }: Pick<Survey, 'unreadable'>): void {
  const [first] = unreadable;
  if (first !== undefined) throw first.error;
}
