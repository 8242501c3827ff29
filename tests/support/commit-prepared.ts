import { copyFile, lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../../src/base/files/durable.js';
import type { Arrival } from '../../src/base/types/arrival.js';
import type { RunRecord } from '../../src/base/types/run-record.js';
import type { StagedDataset } from '../../src/lake/commit-plan.js';
import type { LakeStore } from '../../src/lake/store.js';

/** Files of a commit that lie ready in a folder, with `staged.json`, which says what they are. */
export interface Incoming {
  readonly staged: readonly StagedDataset[];
  readonly receipt: RunRecord;
}

/** What `commit-child.ts` is to do; it kills itself without warning after step `killAfter`, counted from 0. */
export interface CommitWork {
  readonly root: string;
  readonly incoming: string;
  readonly runId: string;
  /** Null: never. */
  readonly killAfter: number | null;
  /** A project whose `data/incoming` the commit archives; absent for none. */
  readonly projectDir?: string;
}

/** The files of `data/incoming` as a run has read them. */
export async function readArrivals(projectDir: string): Promise<Arrival[]> {
  const names = (await readdir(join(projectDir, 'data/incoming'))).sort();
  return Promise.all(
    names.map(async (name) => {
      const from = `data/incoming/${name}`;
      const { ino, size, mtimeMs } = await lstat(join(projectDir, from));
      const { sha256 } = await hashFile(join(projectDir, from));
      const to = `data/archive/2025-10-20/${name}`;
      return { from, to, sha256, inode: ino, bytes: size, modifiedMs: mtimeMs };
    }),
  );
}

/** Stages copies of prepared files and commits them. */
export async function commitPrepared(
  lake: LakeStore,
  incoming: string,
  runId: string,
  arrivals: readonly Arrival[] = [],
): Promise<void> {
  const text = await readFile(join(incoming, 'staged.json'), 'utf8');
  const { staged, receipt } = JSON.parse(text) as Incoming;
  const staging = await lake.stage(runId);
  for (const { files, quarantine } of staged) {
    for (const { name } of [...files, ...(quarantine === null ? [] : [quarantine])]) {
      await copyFile(join(incoming, name), join(staging.dir, name));
    }
  }
  await lake.exclusively('a test', () => lake.commit(staging, runId, staged, receipt, arrivals));
  await staging.close();
}
