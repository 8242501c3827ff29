import { loadConfig } from '../../src/base/config/config.js';
import { createEffects } from '../../src/base/terminal/real-effects.js';
import type { RunRecord } from '../../src/base/types/run-record.js';
import type { OnStep } from '../../src/lake/intent.js';
import { LocalLake } from '../../src/lake/store.js';
import { finishDead } from '../../src/ledger/ledger.js';
import { writeRun } from '../../src/ledger/write-run.js';
import { openProject, type Project } from '../../src/project.js';

/** What `prune-child.ts` is to do; it kills itself without warning after step `killAfter`, counted from 0, or never. */
export interface PruneWork {
  readonly dir: string;
  readonly now: string;
  readonly killAfter: number | null;
}

/** What `forget-child.ts` is to do; it kills itself as the other does. */
export interface ForgetWork extends PruneWork {
  readonly environment: Readonly<Record<string, string>>;
  readonly value: string;
}

/** A project whose lake tells of each step of a commit. */
export async function openPruneProject(
  dir: string,
  now: Date,
  onStep: OnStep,
  environment: Readonly<Record<string, string>> = {},
): Promise<Project> {
  const config = loadConfig({ project: dir, environment });
  const fetch = () => Promise.reject(new Error('nothing is fetched here'));
  const { signal } = new AbortController();
  const effects = await createEffects({ config, quiet: true, fetch, signal });
  const project = await openProject({ config, effects: { ...effects, now: () => now } });
  const lake = new LocalLake({
    root: config.lakeDir,
    waiting: { patienceMs: 0, sleep: () => Promise.resolve(), onWait: () => undefined },
    onReceipt: (record) => writeRun(config.lakeDir, record as RunRecord),
    onDead: (id) => finishDead(config.lakeDir, id),
    onStep,
  });
  return { ...project, lake };
}
