import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adoptFile } from '../../src/actions/adopt/adopt-file.js';
import { backfillDates } from '../../src/actions/backfill/backfill-dates.js';
import { readStatus } from '../../src/actions/status/read-status.js';
import type { Checkpoint } from '../../src/base/types/checkpoint.js';
import { makePruneProject, NOW, type Thing } from './prune-project.js';

describe('a date that was pruned', () => {
  const setUp = async () => {
    const project = await makePruneProject();
    await project.landAll();
    await project.build();
    await project.prune();
    return project;
  };
  const green: readonly Thing[] = [
    { key: 'a', colour: 'green' },
    { key: 'b', colour: 'green' },
  ];

  it('lands again only with --force, and is told once', async () => {
    const project = await setUp();
    await project.build();
    const before = await project.tables();
    await expect(project.landThings('2026-02-10', green)).rejects.toMatchObject({
      code: 'E_PRUNED',
      message: '2026-02-10 of things is pruned: raw files before 2026-04-01 were removed',
    });
    await project.landThings('2026-02-10', green, true);
    await project.build();
    expect(await project.tables()).toEqual(before);
    expect(await project.query("select count(*) from silver.seen where ingest_date = '2026-02-10'")).toEqual([
      ['2'],
    ]);
    expect(await project.rebuild()).toEqual(before);
    expect(await project.prune()).toMatchObject({
      status: 'pruned',
      checkpoints: [],
      zones: [{ partitions: 1 }],
    });
    await project.build();
    expect(await project.tables()).toEqual(before);
  });

  it('is passed over by a backfill, and not called missing', async () => {
    const project = await setUp();
    const opened = await project.open({ now: () => NOW });
    const backfill = (force: boolean) =>
      backfillDates(opened, {
        ...{
          pipeline: 'shop',
          dates: ['2026-03-10', '2026-03-31', '2026-04-01', '2026-05-10'],
          datesInParallel: 1,
        },
        ...{ dryRun: true, source: null, asOfNow: true, force, stalePolicy: false },
      });
    const reasons = async (force: boolean) => (await backfill(force)).plan.map(({ reason }) => reason);
    expect(await reasons(false)).toEqual(['pruned', 'pruned', 'missing', 'landed']);
    expect(await reasons(true)).toEqual(['forced', 'forced', 'forced', 'forced']);
    const status = await readStatus(opened, {
      pipeline: 'shop',
      from: '2026-03-30',
      to: '2026-04-02',
      limit: 1,
    });
    expect(status.datasets).toMatchObject([
      { pruned_before: '2026-04-01', missing: [{ from: '2026-04-01', to: '2026-04-02' }] },
    ]);
  });

  it('is adopted by nobody, and its key keeps its name', async () => {
    const project = await setUp();
    const file = join(project.dir, 'data_lake/raw/2026/05/10/things.parquet');
    const opened = await project.open({ now: () => NOW });
    await expect(adoptFile(opened, { file, dataset: 'things', date: '2026-02-10' })).rejects.toMatchObject({
      code: 'E_PRUNED',
    });
    const path = join(project.dir, 'data_lake/_checkpoints/silver.latest/checkpoint.json');
    const checkpoint = JSON.parse(await readFile(path, 'utf8')) as Checkpoint;
    await writeFile(path, JSON.stringify({ ...checkpoint, keys: [{ key_id: 'k1', key_check: '00000000' }] }));
    await expect(project.landThings('2026-06-25', green)).rejects.toMatchObject({ code: 'E_KEY_CHANGED' });
  });
});

describe('verify', () => {
  const FILE = '_checkpoints/silver.latest/2026-04-01.parquet';
  const cases: readonly [name: string, act: (path: string) => Promise<unknown>, problem: string][] = [
    [FILE, (path) => writeFile(path, 'PAR1'), 'bytes that are not the'],
    [FILE, (path) => rm(path), 'it is gone'],
    ['_checkpoints/silver.latest/checkpoint.json', (path) => writeFile(path, '{}'), 'not a checkpoint'],
  ];

  it('tells a checkpoint that is changed, gone, unreadable or foreign, and no model is built from it', async () => {
    const project = await makePruneProject();
    await project.landAll();
    await project.prune();
    const expectTold = async (path: string, problem: string) => {
      const told: unknown = expect.objectContaining({
        path,
        problem: expect.stringContaining(problem) as string,
      });
      expect(await project.problems()).toContainEqual(told);
    };
    for (const [name, act, problem] of cases) {
      const path = join(project.dir, 'data_lake', name);
      const content = await readFile(path);
      await act(path);
      await expectTold(name, problem);
      const code = name.endsWith('.json') ? 'E_LAKE_FILE' : 'E_LAKE_DAMAGED';
      await expect(project.build('all'), problem).rejects.toMatchObject({ code });
      await writeFile(path, content);
      expect(await project.problems()).toEqual([]);
    }
    await writeFile(join(project.dir, 'data_lake/_checkpoints/silver.latest/more.parquet'), '');
    await expectTold('_checkpoints/silver.latest/more.parquet', 'no checkpoint names it');
  });
});
