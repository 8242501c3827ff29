import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluatePrune, type PruneReport } from '../../src/actions/prune/prune-lake.js';
import { finishRun, openRun } from '../../src/ledger/ledger.js';
import { readRuns } from '../../src/ledger/read-runs.js';
import { makePruneProject, model, MODELS, type PruneProject, REMEMBERING } from './prune-project.js';

describe('a prune', () => {
  it('keeps what models remember: tables are the same, also built anew from nothing', async () => {
    const project = await makePruneProject();
    await project.landAll();
    await project.build();
    const before = await project.tables();
    const report = await project.prune();
    expect(report).toMatchObject({ status: 'pruned', before: '2026-04-01', refused: [] });
    expect(report.checkpoints.map(({ model, last_date }) => [model, last_date])).toEqual(
      REMEMBERING.map((model) => [model, '2026-03-10']),
    );
    expect(report.losing).toEqual(['gold.days', 'silver.seen']);
    expect(await project.problems()).toEqual([]);
    await project.build();
    expect(await project.tables()).toEqual(before);
    expect(await project.rebuild()).toEqual(before);
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

  it('in a dry run changes no byte, and says what it would do', async () => {
    const project = await makePruneProject();
    await project.landAll();
    await project.build();
    const before = await project.bytes();
    const what = ['raw', 'ledger', 'quarantine'] as const;
    const planned = await project.prune({ apply: false, what });
    expect(await project.bytes()).toEqual(before);
    expect(planned).toMatchObject({ run_id: null, status: 'planned' });
    const done = await project.prune({ what });
    expect({ ...done, ...UNDONE(done) }).toEqual({ ...planned, ...UNDONE(done) });
    expect(done.checkpoints).toEqual(
      REMEMBERING.map((model) => ({ model, last_date: '2026-03-10', rows: expect.any(Number) as number })),
    );
  });

  it('comes again, and tables stay the same while later dates land and one lands anew', async () => {
    const project = await makePruneProject();
    await project.landAll();
    const whole = await makePruneProject();
    await whole.landAll();
    await project.prune({ olderThanDays: 150 });
    await project.build();
    const change = async (one: PruneProject): Promise<void> => {
      await one.landThings('2026-05-10', [{ key: 'd', colour: 'red' }]);
      await one.landThings('2026-06-20', [{ key: 'b', colour: 'green' }]);
    };
    await change(project);
    await change(whole);
    await project.prune({ olderThanDays: 120 });
    await project.prune({ olderThanDays: 90 });
    await project.build();
    await whole.build();
    expect(await project.tables()).toEqual(await whole.tables());
    expect(await project.rebuild()).toEqual(await whole.tables());
    expect(await project.build('full')).toMatchObject({ 'silver.latest': 'full' });
    expect(await project.tables()).toEqual(await whole.tables());
    expect(await project.prune()).toMatchObject({ status: 'nothing', zones: [] });
    const kept = Object.keys(await project.bytes()).filter((path) => path.includes('/silver.latest/'));
    expect(kept).toEqual(
      ['2026-04-01.parquet', 'checkpoint.json'].map((name) => `data_lake/_checkpoints/silver.latest/${name}`),
    );
  });

  it('refuses where a checkpoint could not stand for raw files, and removes nothing', async () => {
    const counted = model(
      'upsert on key\n-- deletes: keep',
      'key, count(*) over () as found, _ingest_date, _slot, _position from bronze.things',
    );
    const project = await makePruneProject({ ...MODELS, 'silver/counted': counted });
    await project.landAll();
    const lake = async () =>
      Object.keys(await project.bytes()).filter((path) => !/_runs\/|^db\/\.cache\//.test(path));
    const before = await lake();
    await expect(project.prune()).rejects.toMatchObject({
      code: 'E_PRUNE_REFUSED',
      where: { model: 'silver.counted', pipeline: '*' },
      message: expect.stringMatching(
        /^pruning would lose rows of silver\.counted .* depend on other dates$/,
      ) as string,
    });
    expect((await lake()).filter((path) => !path.includes('_lock'))).toEqual(
      before.filter((path) => !path.includes('_lock')),
    );
    const joined = model(
      'upsert on key\n-- deletes: keep',
      'things.key, days.things, _ingest_date, _slot, _position from bronze.things as things left join gold.days as days on days.day = _ingest_date',
    );
    const other = await makePruneProject({ ...MODELS, 'silver/joined': joined });
    await other.landAll();
    const planned = await other.prune({ apply: false });
    expect(planned.refused).toEqual([
      { model: 'silver.joined', reason: 'it reads gold.days, whose rows have no date' },
    ]);
    expect(evaluatePrune(planned)).toMatchObject({ code: 'E_PRUNE_REFUSED', exit: 2 });
    await expect(other.prune()).rejects.toMatchObject({ code: 'E_PRUNE_REFUSED' });
    expect(await other.prune({ what: ['ledger'] })).toMatchObject({ status: 'nothing' });
  });

  it('takes the quarantine alone, or along with its raw files; a rerun brings it back', async () => {
    const project = await makePruneProject({});
    const refused = { key: 'a', colour: 'none' };
    await project.landThings('2026-03-10', [{ key: 'a', colour: 'red' }, refused]);
    await project.landThings('2026-05-10', [{ key: 'a', colour: 'red' }, refused]);
    const quarantine = async () =>
      Object.keys(await project.bytes()).filter((path) => path.includes('/quarantine/'));
    expect(await quarantine()).toHaveLength(2);
    const zone = {
      zone: 'quarantine',
      dataset: 'things',
      partitions: 1,
      rows: 1,
      from: '2026-03-10',
      to: '2026-03-10',
    };
    expect(await project.prune({ what: ['quarantine'] })).toMatchObject({ zones: [zone], checkpoints: [] });
    expect(await quarantine()).toEqual(['data_lake/quarantine/2026/05/10/things.parquet']);
    expect(await project.problems()).toEqual([]);
    await project.landThings('2026-03-10', [{ key: 'a', colour: 'red' }, refused]);
    expect(await quarantine()).toHaveLength(2);
    expect(await project.problems()).toEqual([]);
    expect((await project.prune()).zones.map((one) => one.zone)).toEqual(['raw', 'quarantine']);
    expect(await quarantine()).toHaveLength(1);
    expect(await project.problems()).toEqual([]);
  });

  it('takes old entries of the ledger, but none that says that it is running', async () => {
    const project = await makePruneProject();
    await project.landAll();
    const lakeDir = join(project.dir, 'data_lake');
    const start = { command: 'run', pipeline: 'shop', date: null, slot: null, tool_version: '0' };
    const old = new Date('2026-02-01T00:00:00Z');
    const end = {
      status: 'failed',
      stages: [],
      datasets: [],
      models: [],
      checks: [],
      releases: [],
      error: null,
      healed: [],
    } as const;
    await finishRun(lakeDir, old, await openRun(lakeDir, old, start), end);
    const other = await openRun(lakeDir, old, { ...start, pipeline: 'people' });
    await finishRun(lakeDir, old, other, end);
    const running = await openRun(lakeDir, new Date('2026-02-02T00:00:00Z'), start);
    const entries = async () =>
      Object.keys(await project.bytes()).filter((path) => path.includes('_runs/2026/02'));
    expect(await entries()).toHaveLength(3);
    const zone = {
      zone: 'ledger',
      dataset: null,
      partitions: 1,
      files: 1,
      from: '2026-02-01',
      to: '2026-02-01',
    };
    expect(await project.prune({ what: ['ledger'], pipeline: 'shop' })).toMatchObject({ zones: [zone] });
    expect(await entries()).toHaveLength(2);
    await project.prune({ what: ['ledger'] });
    expect(await entries()).toEqual([`data_lake/_runs/2026/02/02/${running.run_id}.json`]);
    expect(await readdir(join(lakeDir, '_runs/2026/02'))).toEqual(['02']);
    await project.build();
    expect(await project.query('select count(*) from ops.partitions')).toEqual([['5']]);
  });
});

const UNDONE = ({ run_id, status, checkpoints }: PruneReport) => ({ run_id, status, checkpoints });
