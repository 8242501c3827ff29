import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
}

/** Stages copies of prepared files and commits them. */
export async function commitPrepared(lake: LakeStore, incoming: string, runId: string): Promise<void> {
  const text = await readFile(join(incoming, 'staged.json'), 'utf8');
  const { staged, receipt } = JSON.parse(text) as Incoming;
  const staging = await lake.stage(runId);
  for (const { files, quarantine } of staged) {
    for (const { name } of [...files, ...(quarantine === null ? [] : [quarantine])]) {
      await copyFile(join(incoming, name), join(staging.dir, name));
    }
  }
  await lake.exclusively('a test', () => lake.commit(staging, runId, staged, receipt));
  await staging.close();
}
