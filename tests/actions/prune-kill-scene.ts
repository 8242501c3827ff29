import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { pruneLake } from '../../src/actions/prune/prune-lake.js';
import { verifyLake } from '../../src/actions/verify/verify-lake.js';
import { LocalLake } from '../../src/lake/store.js';
import { readRuns } from '../../src/ledger/read-runs.js';
import { transform } from '../../src/pipeline.js';
import { readAll } from '../ingest/land-project.js';
import { impatient } from '../lake/lake-fixture.js';
import { scriptArgs, start } from '../support/kill-harness.js';
import { openPruneProject, type PruneWork } from '../support/prune-project-here.js';
import { makePruneProject, MODELS, NOW, queryFile } from './prune-project.js';

/** A prune of all zones and of two models that remember, which a test kills where it likes. */

export type Snapshot = Readonly<Record<string, string>>;

export interface PruneScene {
  /** A project in which nothing has been pruned of late. */
  before: string;
  /** What its lake holds, and what it holds after an undisturbed prune by `steps`. */
  old: Snapshot;
  wanted: Snapshot;
  steps: readonly string[];
  /** The tables that remember, which a prune does not change. */
  tables: unknown;
}

const folders: string[] = [];

export async function copyProject(from: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lakeveil-prune-'));
  folders.push(dir);
  await cp(from, dir, { recursive: true });
  return dir;
}

/** Names of everything in the lake but the ledger and what comes and goes, and what Parquet files hold. */
export async function snapshot(dir: string): Promise<Snapshot> {
  const all = Object.entries(await readAll(join(dir, 'data_lake')));
  return Object.fromEntries(
    all
      .filter(([path]) => /^(raw|quarantine|_checkpoints|_commits|_landed)\//.test(path))
      .map(([path, bytes]) => [path, path.endsWith('.parquet') ? bytes : '']),
  );
}

export async function readTables(dir: string): Promise<unknown> {
  await rm(join(dir, 'db'), { recursive: true, force: true });
  await transform(await openPruneProject(dir, NOW, () => undefined), { pipeline: 'shop', dates: 'all' });
  const read = (table: string) => queryFile(join(dir, 'db/lake.duckdb'), `from silver.${table} order by all`);
  return { latest: await read('latest'), lasting: await read('lasting') };
}

/** Files that manifests name and that are not there: a reader would find a torn lake. */
async function findTorn(dir: string): Promise<string[]> {
  const root = join(dir, 'data_lake');
  const lake = new LocalLake({
    root,
    waiting: impatient,
    onReceipt: () => Promise.resolve(),
    onDead: () => Promise.resolve(),
  });
  const { checkpoints } = await lake.listKept();
  const named = [
    ...(await lake.list()).flatMap((one) => lake.filesOf(one)),
    ...checkpoints.map((one) => lake.fileOf(one)),
  ];
  const there = new Set(Object.keys(await readAll(root)).map((path) => join(root, path)));
  return named.filter((path) => !there.has(path));
}

/** For all tests of a file. */
export function usePruneScene(): PruneScene {
  const scene = {} as PruneScene;
  beforeAll(async () => {
    Object.assign(scene, await makeScene());
  });
  afterAll(async () => {
    for (const dir of folders) await rm(dir, { recursive: true, force: true });
  });
  return scene;
}

async function makeScene(): Promise<PruneScene> {
  const { 'silver/latest': latest = '', 'silver/lasting': lasting = '' } = MODELS;
  const project = await makePruneProject({ 'silver/latest': latest, 'silver/lasting': lasting });
  const refused = { key: 'a', colour: 'none' };
  await project.landThings('2026-01-10', [
    { key: 'a', colour: 'red' },
    { key: 'b', colour: 'blue' },
  ]);
  await project.landThings('2026-02-10', [{ key: 'a', colour: 'red' }]);
  await project.prune({ olderThanDays: 150 });
  await project.landThings('2026-03-10', [
    { key: 'a', colour: 'blue' },
    { key: 'b', colour: 'red' },
    refused,
  ]);
  await project.landThings('2026-05-10', [{ key: 'b', colour: 'blue' }, refused]);
  const before = await copyProject(project.dir);
  const old = await snapshot(before);
  const undisturbed = await copyProject(before);
  const steps: string[] = [];
  const note = (step: string): void => void steps.push(step);
  await pruneLake(await openPruneProject(undisturbed, NOW, note), {
    ...{ pipeline: null, olderThanDays: 90, what: ['raw', 'ledger', 'quarantine'], apply: true },
  });
  const wanted = await snapshot(undisturbed);
  return { before, old, wanted, steps, tables: await readTables(undisturbed) };
}
/** Kills a prune after each of `chosen` steps, and looks at what is left. */
export async function killAfterSteps(scene: PruneScene, chosen: readonly number[]): Promise<void> {
  const { before, old, steps } = scene;
  const committed = steps.indexOf('wrote the intent');
  await inPairs(chosen.length, async (index) => {
    const step = chosen[index] ?? 0;
    const dir = await copyProject(before);
    const end = await start({ args: argsFor(dir, step) }).ended;
    expect(end, `${steps[step] ?? ''} ${end.stderr}`).toMatchObject({ signal: 'SIGKILL' });
    if (step < committed) expect(await snapshot(dir), steps[step]).toEqual(old);
    expect(await expectHealed(scene, dir, steps[step] ?? ''), steps[step]).toBe(step >= committed);
  });
}

/** @returns whether the prune has been: nothing is torn, whoever comes next heals, and tables are as they were */
export async function expectHealed(
  { old, wanted, tables }: PruneScene,
  dir: string,
  moment: string,
): Promise<boolean> {
  expect(await findTorn(dir), moment).toEqual([]);
  const project = await openPruneProject(dir, NOW, () => undefined);
  expect((await verifyLake(project, { date: null })).problems, moment).toEqual([]);
  const left = await snapshot(dir);
  expect([old, wanted], moment).toContainEqual(left);
  const isPruned = Object.keys(left).join() === Object.keys(wanted).join();
  const { runs } = await readRuns(join(dir, 'data_lake'), 9, ({ command }) => command === 'prune');
  const ends = runs.map(({ status }) => status).sort();
  if (isPruned) expect(ends, moment).toEqual(['succeeded', 'succeeded']);
  else expect([['interrupted', 'succeeded'], ['succeeded']], moment).toContainEqual(ends);
  expect(await readTables(dir), moment).toEqual(tables);
  return isPruned;
}

export function argsFor(dir: string, killAfter: number | null): string[] {
  const work: PruneWork = { dir, now: NOW.toISOString(), killAfter };
  return scriptArgs('prune-child.ts', work);
}

/** Two at a time, one for each core. */
export async function inPairs(count: number, act: (index: number) => Promise<void>): Promise<void> {
  for (let first = 0; first < count; first += 2) {
    const pair = [first, first + 1].filter((index) => index < count);
    await Promise.all(pair.map(act));
  }
}
