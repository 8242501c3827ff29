import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { shapesOfManifest } from '../../src/actions/verify/manifest-shapes.js';
import type { RunRecord } from '../../src/base/types/run-record.js';
import type { OnStep } from '../../src/lake/intent.js';
import { LocalLake } from '../../src/lake/store.js';
import { finishDead } from '../../src/ledger/ledger.js';
import { readRun } from '../../src/ledger/read-runs.js';
import { writeRun } from '../../src/ledger/write-run.js';
import { commitPrepared, type CommitWork, type Incoming } from '../support/commit-prepared.js';
import { scriptArgs, start } from '../support/kill-harness.js';
import {
  type Content,
  copyLake,
  DATE,
  impatient,
  listNames,
  makeTempFolder,
  removeTempFolders,
  snapshot,
  writeStaged,
} from './lake-fixture.js';

/**
 * Two datasets in one commit, killed between every two steps. Old and new contents differ in all: rows, number of
 * parts in both directions, quarantine in both directions.
 */
const OLD: readonly Content[] = [
  { dataset: 'persons', parts: [4], mark: 'DE', rejected: 2 },
  { dataset: 'bookings', parts: [2, 1], mark: 'DE' },
];
export const NEW: readonly Content[] = [
  { dataset: 'persons', parts: [3, 2, 2], mark: 'FR' },
  { dataset: 'bookings', parts: [5], mark: 'FR', rejected: 1 },
];
const OLD_RUN = '019a0000-0000-7000-8000-00000000000a';
export const NEW_RUN = '019a0000-0000-7000-8000-00000000000b';

export interface Scenario {
  /** A lake before the commit, and what it holds. */
  before: string;
  old: Snapshot;
  incoming: string;
  /** What an undisturbed commit makes of it, and by which steps. */
  wanted: Snapshot;
  steps: readonly string[];
}

type Snapshot = Awaited<ReturnType<typeof snapshot>>;

/** Data, and what is recorded of it. */
export const take = (root: string): Promise<Snapshot> => snapshot(root, ['raw', 'quarantine', '_landed']);

function openLake(root: string, onStep: OnStep = () => undefined, projectDir?: string): LocalLake {
  const onReceipt = (record: unknown) => writeRun(root, record as RunRecord);
  const onDead = (id: string) => finishDead(root, id);
  const project = projectDir === undefined ? {} : { projectDir };
  return new LocalLake({ root, ...project, waiting: impatient, onReceipt, onDead, onStep });
}

function receiptOf(runId: string): RunRecord {
  return {
    ...{ format: 1, run_id: runId, command: 'ingest', pipeline: 'people', date: DATE, slot: null },
    ...{ status: 'succeeded', started_at: '2025-10-20T00:00:00.000Z', finished_at: null },
    ...{
      tool_version: '0',
      stages: [],
      datasets: [],
      models: [],
      checks: [],
      releases: [],
      error: null,
      healed: [],
    },
    ...{ cpu_ms: 0, peak_memory_bytes: 0 },
  };
}

/** Files of a commit that is still to come, in a folder of their own. */
async function prepare(contents: readonly Content[], runId: string): Promise<string> {
  const incoming = await makeTempFolder();
  const staged: Incoming['staged'][number][] = [];
  for (const content of contents) staged.push(await writeStaged(incoming, content, runId));
  const prepared: Incoming = { staged, receipt: receiptOf(runId) };
  await writeFile(join(incoming, 'staged.json'), JSON.stringify(prepared));
  return incoming;
}

export function commitProgram(
  root: string,
  incoming: string,
  killAfter: number | null,
  project: Pick<CommitWork, 'projectDir'> = {},
) {
  const work: CommitWork = { root, incoming, runId: NEW_RUN, killAfter, ...project };
  return { args: scriptArgs('commit-child.ts', work) };
}

/** An undisturbed commit, and its steps. */
export async function commitHere(root: string, incoming: string, runId: string): Promise<string[]> {
  const steps: string[] = [];
  const lake = openLake(root, (step) => void steps.push(step));
  await commitPrepared(lake, incoming, runId);
  return steps;
}

async function makeScenario(): Promise<Scenario> {
  const before = join(await makeTempFolder(), 'lake');
  await commitHere(before, await prepare(OLD, OLD_RUN), OLD_RUN);
  const incoming = await prepare(NEW, NEW_RUN);
  const undisturbed = await copyLake(before);
  const steps = await commitHere(undisturbed, incoming, NEW_RUN);
  return { before, incoming, old: await take(before), wanted: await take(undisturbed), steps };
}

/** Lets the next one at the lake mend it, and holds it against its manifests. */
export async function mend(root: string, projectDir?: string): Promise<readonly string[]> {
  const lake = openLake(root, undefined, projectDir);
  return lake.exclusively('next', async ({ recovered }) => {
    expect((await lake.inspect(null, shapesOfManifest)).problems).toEqual([]);
    expect(await lake.survey()).toMatchObject({ losses: [], unrecorded: [], unreadable: [] });
    return recovered;
  });
}

export async function expectTidy(root: string): Promise<void> {
  expect(await listNames(root, '_commits')).toEqual([]);
  expect(await listNames(root, '_staging')).toEqual([]);
  expect(await listNames(root, '.')).toEqual([
    '_commits',
    '_landed',
    '_lock.duckdb',
    '_runs',
    '_staging',
    'quarantine',
    'raw',
  ]);
}

/** For all tests of a file. */
export function useScenario(): Scenario {
  const scenario = {} as Scenario;
  beforeAll(async () => {
    Object.assign(scenario, await makeScenario());
  });
  afterAll(removeTempFolders);
  return scenario;
}

/** Kills a commit after one of its steps, and looks at what is left before and after the next one has come. */
export async function killAfterStep(scenario: Scenario, step: number): Promise<void> {
  const { before, incoming, old, wanted, steps } = scenario;
  const committed = steps.indexOf('wrote the intent');
  const root = await copyLake(before);
  const { ended } = start(commitProgram(root, incoming, step));
  expect(await ended, steps[step]).toMatchObject({ signal: 'SIGKILL' });
  if (step < committed) expect(await take(root), steps[step]).toEqual(old);

  const isWhole = step >= committed;
  expect(await mend(root), steps[step]).toEqual(isWhole && step < steps.length - 1 ? [NEW_RUN] : []);
  expect(await take(root), steps[step]).toEqual(isWhole ? wanted : old);
  expect((await readRun(root, NEW_RUN))?.status, steps[step]).toBe(isWhole ? 'succeeded' : undefined);
  await expectTidy(root);
}
