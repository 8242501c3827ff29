import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { forgetPeople, type ForgetRequest, resumeForget } from '../../src/actions/forget/forget-people.js';
import { verifyReceipts } from '../../src/actions/receipts/receipts.js';
import { verifyLake } from '../../src/actions/verify/verify-lake.js';
import { unpublish } from '../../src/dashboard/remove-published.js';
import { readAll } from '../ingest/land-project.js';
import { scriptArgs, start } from '../support/kill-harness.js';
import { type ForgetWork, openPruneProject } from '../support/prune-project-here.js';
import { customer, makeForgetProject, NOW } from './forget-project.js';
import { inPairs } from './prune-kill-scene.js';
import { queryFile } from './prune-project.js';

/** An erasure from partitions, a checkpoint, tables and exports, which a test kills where it likes. */

const EMAIL = 'anna@example.org';

interface Scene {
  /** A project in which no one is erased. */
  before: string;
  environment: Readonly<Record<string, string>>;
  /** What its lake holds, and what it holds after an undisturbed erasure by `steps`. */
  old: Snapshot;
  wanted: Snapshot;
  steps: readonly string[];
}

type Snapshot = Readonly<Record<string, string>>;

const folders: string[] = [];

async function copyProject(from: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lakeveil-forget-'));
  folders.push(dir);
  await cp(from, dir, { recursive: true });
  return dir;
}

/** Names of landed files and what Parquet files hold, and what stands outside of the lake. */
async function snapshot(dir: string): Promise<Snapshot> {
  const all = Object.entries(await readAll(dir));
  return Object.fromEntries(
    all
      .filter(([path]) =>
        /^(data_lake\/(raw|quarantine|_checkpoints|_commits|_landed|_forgotten\/unfinished)|exports)\//.test(
          path,
        ),
      ) // prettier-ignore
      .map(([path, bytes]) => [path, path.endsWith('.parquet') ? bytes : '']),
  );
}

const request: ForgetRequest = {
  ...{ dataset: 'customers', by: 'email_token', keepForDays: null },
  reason: 'request',
  values: [{ text: EMAIL, line: 1 }],
  ...{ dropUnsearchable: false, unpublish },
};

/** For all tests of a file. */
export function useForgetScene(): Scene {
  const scene = {} as Scene;
  beforeAll(async () => {
    Object.assign(scene, await makeScene());
  });
  afterAll(async () => {
    for (const dir of folders) await rm(dir, { recursive: true, force: true });
  });
  return scene;
}

async function makeScene(): Promise<Scene> {
  const project = await makeForgetProject();
  const [anna, bert] = [customer('c1', 'anna', 'Xanten'), customer('c2', 'bert', 'Berlin')];
  await project.land('2026-01-10', [anna, bert]);
  await project.land('2026-05-10', [bert, anna]);
  await project.land('2026-06-10', [anna, bert]);
  await project.prune(90);
  await project.build();
  await cp(join(project.dir, 'db/lake.duckdb'), join(project.dir, 'exports/2026-06-10/silver.latest.csv'));
  const environment = project.environment();
  const before = await copyProject(project.dir);
  const undisturbed = await copyProject(before);
  const steps: string[] = [];
  const note = (step: string): void => void steps.push(step);
  const opened = await openPruneProject(undisturbed, NOW, note, environment);
  await forgetPeople(opened, { ...request, onStep: note });
  return { before, environment, old: await snapshot(before), wanted: await snapshot(undisturbed), steps };
}

/** Kills an erasure after each of `chosen` steps; then the same command is run again, or the erasure is resumed. */
export async function killAfterSteps(scene: Scene, chosen: readonly number[]): Promise<void> {
  const { before, environment, old, wanted, steps } = scene;
  const committed = steps.indexOf('wrote the intent');
  await inPairs(chosen.length, async (index) => {
    const step = chosen[index] ?? 0;
    const moment = steps[step] ?? '';
    const dir = await copyProject(before);
    const work: ForgetWork = { dir, now: NOW.toISOString(), environment, value: EMAIL, killAfter: step };
    const end = await start({ args: scriptArgs('forget-child.ts', work) }).ended;
    expect(end, `${moment} ${end.stderr}`).toMatchObject({ signal: 'SIGKILL' });
    if (step < committed) expect(await snapshot(dir), moment).toEqual(old);
    const project = await openPruneProject(dir, NOW, () => undefined, environment);
    const isAgain = step < committed || index % 2 === 0;
    const report = isAgain
      ? await forgetPeople(project, request)
      : await resumeForget(project, { unpublish });
    const isOver = moment === 'finished the erasure' || moment === 'wrote the receipt of the erasure';
    if (!isOver) expect(report.finished, moment).toHaveLength(1);
    await expectErased(dir, environment, moment);
    expect(await snapshot(dir), moment).toEqual(wanted);
  });
}

async function expectErased(dir: string, environment: Scene['environment'], moment: string): Promise<void> {
  const project = await openPruneProject(dir, NOW, () => undefined, environment);
  expect((await verifyLake(project, { date: null })).problems, moment).toEqual([]);
  const receipts = await verifyReceipts(project);
  expect(receipts, moment).toMatchObject({ status: 'valid', problems: [] });
  expect(receipts.receipts, moment).toMatchObject([{ number: 1, people: 1, rows: 3 }]);
  const rows = await queryFile(join(dir, 'db/lake.duckdb'), 'select distinct city from silver.latest');
  expect(rows, moment).toEqual([['Berlin']]);
}
