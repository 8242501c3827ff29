import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../manifest.js';
import type { Replacement, StagedDataset } from './commit-plan.js';
import { isUnchanged, planCommit } from './commit-plan.js';
import { fileExists, hashFile, orDiskError, refuseLinks, syncFile, syncFolder } from './files.js';
import type { Intent, OnStep } from './intent.js';
import { carryOut, readIntents, writeIntent } from './intent.js';
import type { Waiting } from './lock.js';
import { takeLock } from './lock.js';
import { listManifestPaths, readManifest } from './manifest-file.js';
import type { PartitionKey } from './paths.js';
import { folderOf, manifestPath, quarantinePath } from './paths.js';
import type { Staging } from './staging.js';
import { openStaging, sweepStaging } from './staging.js';

/** What a lake can do; the local one is below, and nothing outside of it renames a file. */
export interface LakeStore {
  /** Absolute path or other address of the lake, for people. */
  readonly root: string;
  stage(runId: string): Promise<Staging>;
  /**
   * Runs `work` while nobody else commits. Before that it finishes any commit that was stopped half way, and sweeps
   * up after dead runs.
   * @throws E_LOCKED
   */
  exclusively<T>(holder: string, work: (found: Found) => Promise<T>): Promise<T>;
  /** Makes all datasets visible by one rename. Only inside of `exclusively`. Gives the names left as they were. */
  commit(
    staging: Staging,
    runId: string,
    staged: readonly StagedDataset[],
    receipt: unknown,
  ): Promise<Set<string>>;
  read(key: PartitionKey): Promise<Manifest | null>;
  /** All landed partitions, by date and name. */
  list(): Promise<readonly Manifest[]>;
  /** Absolute paths of a partition's files, in order. */
  filesOf(manifest: Manifest): readonly string[];
}

/** What `exclusively` found and mended before it began. */
export interface Found {
  /** Runs whose commit was rolled forward. */
  readonly healed: readonly string[];
  /** Dead runs whose staging was removed. */
  readonly swept: readonly string[];
}

export interface LocalLakeOptions {
  readonly root: string;
  readonly waiting: Waiting;
  /** Writes the ledger entry that a commit carries. */
  readonly onReceipt: (receipt: unknown) => Promise<void>;
  readonly onStep?: OnStep;
}

/** A lake in a folder of this machine. */
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
    return openStaging(this.root, runId);
  }

  async exclusively<T>(holder: string, work: (found: Found) => Promise<T>): Promise<T> {
    await orDiskError(this.root, () => mkdir(this.root, { recursive: true, mode: 0o700 }));
    const lock = await takeLock(join(this.root, '_lock.duckdb'), holder, this.#options.waiting);
    try {
      const healed = await this.#rollForward();
      return await work({ healed, swept: await sweepStaging(this.root) });
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
    const all: Replacement[] = [];
    for (const dataset of staged) all.push(await this.#beside(dataset));
    const changed = all.filter((replacement) => !isUnchanged(replacement));
    if (changed.length > 0) {
      const intent = planCommit(runId, staging.name, changed, receipt);
      await this.#sync(staging, intent);
      await this.#onStep('staged');
      await writeIntent(this.root, intent);
      await this.#onStep('wrote the intent');
      await this.#carryOut(intent);
    }
    return new Set(all.filter(isUnchanged).map(({ staged: { key } }) => key.dataset));
  }

  async read(key: PartitionKey): Promise<Manifest | null> {
    return readManifest(this.root, manifestPath(key));
  }

  async list(): Promise<readonly Manifest[]> {
    const manifests: Manifest[] = [];
    for (const path of await listManifestPaths(this.root)) {
      const manifest = await readManifest(this.root, path);
      if (manifest !== null) manifests.push(manifest);
    }
    return manifests;
  }

  filesOf(manifest: Manifest): readonly string[] {
    const folder = join(this.root, folderOf('raw', manifest.date));
    return manifest.files.map(({ name }) => join(folder, name));
  }

  async #rollForward(): Promise<string[]> {
    const intents = await readIntents(this.root);
    for (const intent of intents) await this.#carryOut(intent);
    return intents.map(({ run_id }) => run_id);
  }

  async #carryOut(intent: Intent): Promise<void> {
    await carryOut(this.root, intent, this.#options.onReceipt, this.#onStep);
  }

  async #beside(staged: StagedDataset): Promise<Replacement> {
    const quarantine = join(this.root, quarantinePath(staged.key));
    await refuseLinks(this.root, quarantine);
    return {
      staged,
      current: await this.read(staged.key),
      currentQuarantine: (await fileExists(quarantine)) ? (await hashFile(quarantine)).sha256 : null,
    };
  }

  async #sync(staging: Staging, intent: Intent): Promise<void> {
    await orDiskError(staging.dir, async () => {
      for (const { from } of intent.moves) await syncFile(join(staging.dir, from));
      await syncFolder(staging.dir);
    });
  }
}
