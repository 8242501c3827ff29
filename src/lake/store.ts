import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { LakeveilError } from '../base/errors.js';
import {
  assertNoLinks,
  fileExists,
  hashFile,
  ignoreMissing,
  makeFolder,
  orDiskError,
  removeEmptyFolders,
  syncFile,
  syncFolder,
} from '../base/files/durable.js';
import type { Checkpoint } from '../base/types/checkpoint.js';
import type { Manifest } from '../base/types/manifest.js';
import type { Recovery, Staging } from '../base/types/staging.js';
import { fileOfCheckpoint, type Kept, readKept } from './checkpoint-file.js';
import { isUnchanged, planCommit, type Replacement, type StagedDataset } from './commit-plan.js';
import { type Inspection, inspectLake, type ShapesOf } from './inspect-lake.js';
import {
  carryOut,
  type Intent,
  isCommitted,
  type OnStep,
  readIntents,
  sealIntent,
  writeIntent,
} from './intent.js';
import { removeLeftLinks, takeLock, type Waiting } from './lock.js';
import { listManifestPaths, readManifest } from './manifest-file.js';
import { folderOf, manifestPath, type PartitionKey, quarantinePath } from './paths.js';
import { planRemoval, type Removal } from './removal.js';
import { cleanStaging, type OnDead, openStaging } from './staging.js';

/** How many manifests are read at once. */
const OPEN_MANIFESTS = 32;

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
   * error with the stage `commit` means that the rename is done and the next commit completes the rest.
   */
  commit(
    staging: Staging,
    runId: string,
    staged: readonly StagedDataset[],
    receipt: unknown,
  ): Promise<Set<string>>;
  /**
   * Removes what a prune removes and adds its checkpoints, by one rename. Only inside `exclusively`. An error with the
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
  /** All landed partitions, by date and name. */
  list(): Promise<readonly Manifest[]>;
  /** Absolute paths of a partition's files, in order. */
  filesOf(manifest: Manifest): readonly string[];
  /** Compares the lake's files, of one date or of all, with their manifests. Only inside `exclusively`. */
  inspect(date: string | null, shapesOf: ShapesOf): Promise<Inspection>;
}

export interface LocalLakeOptions {
  readonly root: string;
  readonly waiting: Waiting;
  /** Writes the ledger entry that a commit carries. */
  readonly onReceipt: (receipt: unknown) => Promise<void>;
  /** Records in the ledger that a dead run has ended. */
  readonly onDead: OnDead;
  readonly onStep?: OnStep;
}

/** A lake in a local folder. */
export class LocalLake implements LakeStore {
  readonly root: string;
  readonly #options: LocalLakeOptions;
  readonly #onStep: OnStep;

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
      return await work(await orDiskError(this.root, () => this.#recover()));
    } finally {
      await lock.release();
    }
  }

  async commit(
    staging: Staging,
    runId: string,
    staged: readonly StagedDataset[],
    receipt: unknown,
  ): Promise<Set<string>> {
    const changed: Replacement[] = [];
    const unchanged = new Set<string>();
    for (const dataset of staged) {
      const replacement = await orDiskError(this.root, () => this.#beside(dataset));
      if (await this.#stays(replacement)) unchanged.add(dataset.key.dataset);
      else changed.push(replacement);
    }
    if (changed.length > 0) {
      await this.#commit(staging, sealIntent(planCommit(runId, staging.name, changed, receipt)));
    }
    return unchanged;
  }

  async remove(staging: Staging, runId: string, removal: Removal, receipt: unknown): Promise<void> {
    const intent = sealIntent(planRemoval(runId, staging.name, removal, receipt));
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
    const limit = pLimit(OPEN_MANIFESTS);
    const paths = await listManifestPaths(this.root);
    const manifests = await limit.map(paths, (path) => readManifest(this.root, path));
    return manifests.filter((manifest) => manifest !== null);
  }

  filesOf(manifest: Manifest): readonly string[] {
    const folder = join(this.root, folderOf('raw', manifest.date));
    return manifest.files.map(({ name }) => join(folder, name));
  }

  async inspect(date: string | null, shapesOf: ShapesOf): Promise<Inspection> {
    return inspectLake(this.root, date, shapesOf);
  }

  async #commit(staging: Staging, intent: Intent): Promise<void> {
    await this.#sync(staging, intent);
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

  async #carryOut(intent: Intent): Promise<void> {
    await carryOut(this.root, intent, this.#options.onReceipt, this.#onStep);
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

  async #sync(staging: Staging, intent: Intent): Promise<void> {
    await orDiskError(staging.dir, async () => {
      for (const { from } of intent.moves) await syncFile(join(staging.dir, from));
      await syncFolder(staging.dir);
    });
  }
}
