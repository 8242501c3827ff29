import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pruneLake } from '../../src/actions/prune/prune-lake.js';
import { verifyLake } from '../../src/actions/verify/verify-lake.js';
import { LocalLake } from '../../src/lake/store.js';
import { readRuns } from '../../src/ledger/read-runs.js';
import { transform } from '../../src/pipeline.js';
import { impatient } from '../lake/lake-fixture.js';
import { kill, scriptArgs, seedRandom, start } from '../support/kill-harness.js';
import { openPruneProject, type PruneWork } from '../support/prune-project-here.js';
import { readAll } from './land-project.js';
import { makePruneProject, MODELS, NOW, queryFile } from './prune-project.js';

/** A prune of all zones and of two models that remember, killed between every two steps and at random moments. */

const KILLS = 8;
const folders: string[] = [];

async function copyProject(from: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lakeveil-prune-'));
  folders.push(dir);
  await cp(from, dir, { recursive: true });
  return dir;
}

/** Names of everything in the lake but the ledger and what comes and goes, and what Parquet files hold. */
async function snapshot(dir: string): Promise<Record<string, string>> {
  const all = Object.entries(await readAll(join(dir, 'data_lake')));
  return Object.fromEntries(
    all
      .filter(([path]) => /^(raw|quarantine|_checkpoints|_commits)\//.test(path))
      .map(([path, bytes]) => [path, path.endsWith('.parquet') ? bytes : '']),
  );
}

async function readTables(dir: string): Promise<unknown> {
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

let before: string;
let old: Record<string, string>;
let wanted: Record<string, string>;
let tables: unknown;
const steps: string[] = [];

beforeAll(async () => {
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
  before = await copyProject(project.dir);
  old = await snapshot(before);
  const undisturbed = await copyProject(before);
  const note = (step: string): void => void steps.push(step);
  await pruneLake(await openPruneProject(undisturbed, NOW, note), {
    ...{ pipeline: null, olderThanDays: 90, what: ['raw', 'ledger', 'quarantine'], apply: true },
  });
  wanted = await snapshot(undisturbed);
  tables = await readTables(undisturbed);
});
afterAll(async () => {
  for (const dir of folders) await rm(dir, { recursive: true, force: true });
});

describe('a prune', () => {
  it('takes manifests before files, and older checkpoints last', async () => {
    expect(steps).toEqual([
      'staged',
      'wrote the intent',
      'moved _checkpoints/silver.lasting/2026-04-01.parquet',
      'moved _checkpoints/silver.latest/2026-04-01.parquet',
      'wrote _checkpoints/silver.lasting/checkpoint.json',
      'wrote _checkpoints/silver.latest/checkpoint.json',
      'wrote _checkpoints/things.pruned.json',
      'removed raw/2026/02/10/things.manifest.json',
      'removed raw/2026/03/10/things.manifest.json',
      'removed raw/2026/02/10/things.parquet',
      'removed raw/2026/03/10/things.parquet',
      'removed quarantine/2026/02/10/things.parquet',
      'removed quarantine/2026/03/10/things.parquet',
      'removed _checkpoints/silver.lasting/2026-01-31.parquet',
      'removed _checkpoints/silver.latest/2026-01-31.parquet',
      'wrote the receipt',
      'removed the intent',
    ]);
    expect(await readTables(before)).toEqual(tables);
  });

  it('killed after any step has not been, or is whole, once the next one has come', async () => {
    const committed = steps.indexOf('wrote the intent');
    await inPairs(steps.length, async (step) => {
      const dir = await copyProject(before);
      const end = await start({ args: argsFor(dir, step) }).ended;
      expect(end, `${steps[step] ?? ''} ${end.stderr}`).toMatchObject({ signal: 'SIGKILL' });
      if (step < committed) expect(await snapshot(dir), steps[step]).toEqual(old);
      expect(await expectHealed(dir, steps[step] ?? ''), steps[step]).toBe(step >= committed);
    });
  });

  it(`killed at ${KILLS} random moments has not been, or is whole`, async () => {
    const random = seedRandom(90);
    const longestMs = await measurePrune();
    let killed = 0;
    await inPairs(KILLS, async () => {
      const dir = await copyProject(before);
      const running = start({ args: argsFor(dir, null) });
      await running.nextLine();
      const afterMs = random() * longestMs;
      await sleep(afterMs);
      const { signal } = await kill(running);
      if (signal === 'SIGKILL') killed += 1;
      const isPruned = await expectHealed(dir, `after ${afterMs} ms`);
      if (signal === null) expect(isPruned).toBe(true);
    });
    expect(killed).toBeGreaterThan(KILLS / 3);
  });
});

/** @returns whether the prune has been: nothing is torn, whoever comes next heals, and tables are as they were */
async function expectHealed(dir: string, moment: string): Promise<boolean> {
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

/** From the moment that a process has opened its project to the end of its prune. */
async function measurePrune(): Promise<number> {
  const running = start({ args: argsFor(await copyProject(before), null) });
  await running.nextLine();
  const startedMs = performance.now();
  expect(await running.ended).toMatchObject({ code: 0 });
  return performance.now() - startedMs;
}

function argsFor(dir: string, killAfter: number | null): string[] {
  const work: PruneWork = { dir, now: NOW.toISOString(), killAfter };
  return scriptArgs('prune-child.ts', work);
}

/** Two at a time, one for each core. */
async function inPairs(count: number, act: (index: number) => Promise<void>): Promise<void> {
  for (let first = 0; first < count; first += 2) {
    const pair = [first, first + 1].filter((index) => index < count);
    await Promise.all(pair.map(act));
  }
}
