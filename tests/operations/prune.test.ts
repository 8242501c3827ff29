import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRuns } from '../../src/ledger/read-runs.js';
import { verifyLake } from '../../src/operations/verify-lake.js';
import { makePruneProject, REMEMBERING } from './prune-project.js';
import type { PruneProject, Thing } from './prune-project.js';

const DAYS: readonly (readonly [string, readonly Thing[]])[] = [
  [
    '2026-01-10',
    [
      { key: 'a', colour: 'red' },
      { key: 'b', colour: 'blue' },
    ],
  ],
  [
    '2026-02-10',
    [
      { key: 'a', colour: 'red' },
      { key: 'c', colour: 'green' },
    ],
  ],
  [
    '2026-03-10',
    [
      { key: 'a', colour: 'blue' },
      { key: 'c', colour: 'green' },
    ],
  ],
  [
    '2026-05-10',
    [
      { key: 'c', colour: 'green' },
      { key: 'b', colour: 'blue' },
    ],
  ],
  [
    '2026-06-10',
    [
      { key: 'a', colour: 'blue' },
      { key: 'c', colour: 'red' },
    ],
  ],
];

async function landAll(project: PruneProject): Promise<void> {
  for (const [date, things] of DAYS) await project.landThings(date, things);
}

async function rebuild(project: PruneProject): Promise<unknown> {
  await rm(join(project.dir, 'db'), { recursive: true });
  await project.build('all');
  return project.tables();
}

const problemsOf = async (project: PruneProject) =>
  (await verifyLake(await project.open(), { date: null })).problems;

describe('a prune', () => {
  it('keeps what models remember: tables are the same, also built anew from nothing', async () => {
    const project = await makePruneProject();
    await landAll(project);
    await project.build();
    const before = await project.tables();
    const report = await project.prune();
    expect(report).toMatchObject({ status: 'pruned', before: '2026-04-01', refused: [] });
    expect(report.checkpoints.map(({ model, last_date }) => [model, last_date])).toEqual(
      REMEMBERING.map((model) => [model, '2026-03-10']),
    );
    expect(report.losing).toEqual(['gold.days', 'silver.seen']);
    expect(await problemsOf(project)).toEqual([]);
    await project.build();
    expect(await project.tables()).toEqual(before);
    expect(await rebuild(project)).toEqual(before);
    expect(await project.query('select day::varchar from gold.days order by day')).toEqual([
      ['2026-05-10'],
      ['2026-06-10'],
    ]);
    const { runs } = await readRuns(join(project.dir, 'data_lake'), 1, ({ command }) => command === 'prune');
    expect(runs).toMatchObject([{ status: 'succeeded', pipeline: '*', pruned: report.zones }]);
    expect(report.zones).toMatchObject([
      {
        zone: 'raw',
        dataset: 'things',
        partitions: 3,
        files: 3,
        rows: 6,
        from: '2026-01-10',
        to: '2026-03-10',
      },
    ]);
  });
});
