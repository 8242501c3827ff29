import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { LakeveilError } from '../base/errors.js';
import {
  assertNoLinks,
  fileExists,
  hashFile,
  ignoreMissing,
  makeFolder,
  orDiskError,
  removeEmptyFolders,
} from '../base/files/durable.js';
import { DocumentCache } from '../base/files/document-cache.js';
import type { Arrival } from '../base/types/arrival.js';
import type { Checkpoint } from '../base/types/checkpoint.js';
import type { LandedMonth, Landing } from '../base/types/landed.js';
import type { Manifest } from '../base/types/manifest.js';
import type { Recovery, Staging } from '../base/types/staging.js';
import { fileOfCheckpoint, type Kept, readKept } from './checkpoint-file.js';
import { isRecorded, isUnchanged, planCommit, type Replacement, type StagedDataset } from './commit-plan.js';
import { type Inspection, inspectLake, type ShapesOf } from './inspect-lake.js';
import {
  carryOut,
  type Intent,
  isCommitted,
  type OnStep,
  readIntents,
  sealIntent,
  syncStaged,
  writeIntent,
} from './intent.js';
import { findLanded, landingOf, mergeMonth, monthOf, readMonth, recordLandings } from './landed-file.js';
import { assertArrived, planArchive } from './archive.js';
import { digestLake } from './lake-digest.js';
import { removeLeftLinks, takeLock, type Waiting } from './lock.js';
import { findManifest, listManifestPaths, readManifest } from './manifest-file.js';
import { folderOf, manifestPath, type PartitionKey, quarantinePath } from './paths.js';
import { planRemoval, type Removal } from './removal.js';
import { cleanStaging, type OnDead, openStaging } from './staging.js';
import { assertReadable, type ManifestCache, readManifests, type Survey, surveyUnlocked } from './survey.js';

/** The operations of a lake. The local implementation is below; only it renames files. */
export interface LakeStore {
  /** Absolute path or other address of the lake, for people. */
  readonly root: string;
  stage(runId: string): Promise<Staging>;
  /**
   * Runs `work` while no other process commits. First completes interrupted commits and cleans up after dead runs.
   * @throws E_LOCKED
   */
  exclusively<T>(holder: string, work: (found: Recovery) => Promise<T>): Promise<T>;
  /**
   * Makes all datasets visible by one rename. Only inside `exclusively`. Returns the names of unchanged datasets. An
   * error with the stage `commit` means that the rename is done and the next commit completes the rest. Archives `arrivals`.
   */
  commit(
    staging: Staging,
    runId: string,
    staged: readonly StagedDataset[],
    receipt: unknown,
    arrivals?: readonly Arrival[],
  ): Promise<Set<string>>;
  /**
   * Removes what a prune or an erasure removes and adds what takes its place, by one rename. Only inside `exclusively`. An error with the
   * stage `commit` means the same as for `commit`.
   */
  remove(staging: Staging, runId: string, removal: Removal, receipt: unknown): Promise<void>;
  /** Checkpoints of models, and the retention marks of pruned datasets. @throws E_LAKE_DAMAGED */
  listKept(): Promise<Kept>;
  /** Absolute path of a checkpoint's file. */
  fileOf(checkpoint: Checkpoint): string;
  /** Size of a partition's quarantine file; null if there is none. */
  measureQuarantine(key: PartitionKey): Promise<number | null>;
  read(key: PartitionKey): Promise<Manifest | null>;
  /** All landed partitions, by date and name. @throws E_LAKE_DAMAGED, E_LAKE_NEWER */
  list(): Promise<readonly Manifest[]>;
  /**
   * All landed partitions, and what is wrong with the lake: files that cannot be used, and partitions that are not as
   * they last landed. `isThorough` parses every manifest, also those that are unchanged since they were last parsed.
   */
  survey(isThorough?: boolean): Promise<Survey>;
  /** A digest of the files of which tables are built, without reading them. @param ignored runs that do not count */
  digest(ignored: ReadonlySet<string>): Promise<string>;
  /** Records what has landed, or was lost. Only inside `exclusively`. */
  record(landings: readonly Landing[]): Promise<void>;
  /** Absolute paths of a partition's files, in order. */
  filesOf(manifest: Manifest): readonly string[];
  /** Compares the lake's files, of one date or of all, with their manifests. Only inside `exclusively`. */
  inspect(date: string | null, shapesOf: ShapesOf): Promise<Inspection>;
}

export interface LocalLakeOptions {
  readonly root: string;
  /** Of files that are archived when they land. */
  readonly projectDir?: string;
  readonly waiting: Waiting;
  /** Writes the ledger entry that a commit carries. */
  readonly onReceipt: (receipt: unknown) => Promise<void>;
  /** Records in the ledger that a dead run has ended. */
  readonly onDead: OnDead;
  readonly onStep?: OnStep;
  /** A file for what manifests held; absent to parse all of them each time. */
  readonly cache?: { readonly path: string; readonly version: string };
}

/** A lake in a local folder. */
export class LocalLake implements LakeStore {
  readonly root: string;
  readonly #options: LocalLakeOptions;
  readonly #onStep: OnStep;
  #cache: ManifestCache | null = null;
  #isHeld = false;

  constructor(options: LocalLakeOptions) {
    this.root = options.root;
    this.#options = options;
    this.#onStep = options.onStep ?? (() => undefined);
  }

  async stage(runId: string): Promise<Staging> {
    return orDiskError(this.root, () => openStaging(this.root, runId, this.#options.waiting));
  }

  async exclusively<T>(holder: string, work: (found: Recovery) => Promise<T>): Promise<T> {
    await orDiskError(this.root, () => makeFolder(this.root));
    const lock = await takeLock(join(this.root, '_lock.duckdb'), holder, this.#options.waiting);
    try {
      this.#isHeld = true;
      return await work(await orDiskError(this.root, () => this.#recover()));
    } finally {
      this.#isHeld = false;
      await lock.release();
    }
  }

  async commit(
    staging: Staging,
    runId: string,
    staged: readonly StagedDataset[],
    receipt: unknown,
    arrivals: readonly Arrival[] = [],
  ): Promise<Set<string>> {
    const { projectDir } = this.#options;
    if (projectDir !== undefined) await orDiskError(projectDir, () => assertArrived(projectDir, arrivals));
    const replacements: Replacement[] = [];
    const unchanged = new Set<string>();
    const known = await this.#readMonths(staged);
    for (const dataset of staged) {
      const replacement = await orDiskError(this.root, () => this.#beside(dataset));
      if (isRecorded(replacement, known) && (await this.#stays(replacement)))
        unchanged.add(dataset.key.dataset);
      else replacements.push(replacement);
    }
    if (replacements.length > 0 || arrivals.length > 0) {
      const archives = planArchive(arrivals);
      const plan = planCommit(runId, staging.name, { replacements, known, archives }, receipt);
      await this.#commit(staging, sealIntent(plan));
    }
    return unchanged;
  }

  async remove(staging: Staging, runId: string, removal: Removal, receipt: unknown): Promise<void> {
    const { landings } = await this.#readLanded();
    const plan = planRemoval(runId, staging.name, { removal, landed: [...landings.values()] }, receipt);
    const intent = sealIntent(plan);
    await this.#commit(staging, intent);
    await orDiskError(this.root, () => removeEmptyFolders(this.root, intent.removes));
  }

  async listKept(): Promise<Kept> {
    return readKept(this.root);
  }

  fileOf(checkpoint: Checkpoint): string {
    return join(this.root, fileOfCheckpoint(checkpoint));
  }

  async measureQuarantine(key: PartitionKey): Promise<number | null> {
    const path = join(this.root, quarantinePath(key));
    return orDiskError(path, async () => (await lstat(path).catch(ignoreMissing))?.size ?? null);
  }

  async read(key: PartitionKey): Promise<Manifest | null> {
    return readManifest(this.root, manifestPath(key));
  }

  async list(): Promise<readonly Manifest[]> {
    const manifests = await readManifests(this.root, this.#openCache());
    assertReadable(manifests);
    return manifests.found.map(({ manifest }) => manifest);
  }

  async survey(isThorough = false): Promise<Survey> {
    const cache = isThorough ? null : this.#openCache();
    const found = await surveyUnlocked(this.root, cache);
    // Only the holder of the lock writes: the other commands that read a lake change nothing.
    if (this.#isHeld) await cache?.save(found.manifests.map(manifestPath));
    return found;
  }

  async digest(ignored: ReadonlySet<string>): Promise<string> {
    return digestLake(this.root, ignored);
  }

  async record(landings: readonly Landing[]): Promise<void> {
    await orDiskError(this.root, () => recordLandings(this.root, landings));
  }

  filesOf(manifest: Manifest): readonly string[] {
    const folder = join(this.root, folderOf('raw', manifest.date));
    return manifest.files.map(({ name }) => join(folder, name));
  }

  async inspect(date: string | null, shapesOf: ShapesOf): Promise<Inspection> {
    return inspectLake(this.root, date, shapesOf);
  }

  #openCache(): ManifestCache | null {
    const { cache } = this.#options;
    return cache === undefined ? null : (this.#cache ??= DocumentCache.open(cache.path, cache.version));
  }

  async #commit(staging: Staging, intent: Intent): Promise<void> {
    await orDiskError(staging.dir, () => syncStaged(staging.dir, intent));
    await this.#onStep('staged');
    try {
      await writeIntent(this.root, intent);
      await this.#onStep('wrote the intent');
      await this.#carryOut(intent);
    } catch (error) {
      if (error instanceof LakeveilError && (await isCommitted(this.root, intent.run_id)))
        throw error.at({ stage: 'commit' });
      throw error;
    }
  }

  /** Completes interrupted commits and removes the staging of dead runs. */
  async #recover(): Promise<Recovery> {
    await removeLeftLinks(join(this.root, '_lock.duckdb'));
    const intents = await readIntents(this.root);
    for (const intent of intents) await this.#carryOut(intent);
    const cleanedUp = await cleanStaging(this.root, this.#options.onDead);
    return { recovered: intents.map(({ run_id }) => run_id), cleanedUp };
  }

  #carryOut(intent: Intent): Promise<void> {
    return carryOut(this.#options, intent, this.#options.onReceipt, this.#onStep);
  }

  /** The recorded months of these datasets; one that is not recorded yet, from the manifests. */
  async #readMonths(staged: readonly StagedDataset[]): Promise<LandedMonth[]> {
    const months = [...new Set(staged.map(({ key }) => monthOf(key)))].sort();
    return Promise.all(
      months.map(async (month) => (await readMonth(this.root, month)) ?? (await this.#gatherMonth(month))),
    );
  }

  async #gatherMonth(month: string): Promise<LandedMonth> {
    const paths = await listManifestPaths(this.root, `raw/${month.replace('-', '/')}`);
    const found = await Promise.all(paths.map((path) => findManifest(this.root, path)));
    const landings = found.flatMap((one) =>
      one.kind === 'manifest' ? [landingOf(one.manifest, one.text)] : [],
    );
    return mergeMonth(month, landings, []);
  }

  async #readLanded() {
    const found = await findLanded(this.root);
    assertReadable(found);
    return found;
  }

  async #beside(staged: StagedDataset): Promise<Replacement> {
    const quarantine = join(this.root, quarantinePath(staged.key));
    assertNoLinks(this.root, quarantine);
    return {
      staged,
      current: await this.read(staged.key),
      currentQuarantine: (await fileExists(quarantine)) ? (await hashFile(quarantine)).sha256 : null,
    };
  }

  /** Whether the committed partition is identical and its files still have the bytes that the manifest states. */
  async #stays(replacement: Replacement): Promise<boolean> {
    const { current } = replacement;
    if (current === null || !isUnchanged(replacement)) return false;
    return orDiskError(this.root, async () => {
      for (const [i, path] of this.filesOf(current).entries()) {
        assertNoLinks(this.root, path);
        const hash = (await fileExists(path)) ? (await hashFile(path)).sha256 : null;
        if (hash !== current.files[i]?.sha256) return false;
      }
      return true;
    });
  }
}
