import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BronzeDataset, LandedPartition } from '../../src/warehouse/landed-partition.js';
import {
  describePipeline,
  landed,
  landRows,
  makeProject,
  type Project,
  readPublished,
  transform,
  writeSql,
} from './lake-fixture.js';
import { expectHistory, expectUpsert, type Landed, sortRows, type Thing } from './oracle.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const COLUMNS = (['key', 'colour', 'note'] as const).map((name) => landed(name));
const THINGS: BronzeDataset = { name: 'things', time: 'snapshot', columns: COLUMNS, tokens: [], checks: [] };
const model = (materialize: string, columns = 'key, colour, note, _ingest_date, _slot, _position') =>
  `-- description: things\n-- materialize: ${materialize}\nselect ${columns} from bronze.things`;
const MODELS = {
  latest: model('upsert on key\n-- deletes: keep'),
  known: model('history on key (colour)\n-- deletes: keep'),
  lasting: model('history on key (colour)\n-- deletes: close'),
};

const land = (date: string, rows: readonly Thing[], slot: string | null = null) =>
  landRows(
    project,
    date,
    rows.map((row) => ({ ...row })),
    { dataset: 'things', columns: COLUMNS, slot },
  );
const build = (partitions: readonly LandedPartition[], dates: 'all' | 'full' | readonly string[] = []) =>
  transform(project, { partitions, dates, pipelines: [describePipeline(project, [THINGS])] });
const write = async (models: Readonly<Record<string, string>>) => {
  for (const [name, sql] of Object.entries(models))
    await writeSql(project, `persons/silver/${name}.sql`, sql);
};
const readTable = async (table: string, columns: string) =>
  sortRows(await readPublished(project, `select ${columns} from silver.${table}`));

const thing = fc.record({
  key: fc.constantFrom('a', 'b', 'c', null),
  colour: fc.constantFrom('red', 'blue', null),
  note: fc.constantFrom('x', 'y', 'z'),
});
const date = fc.constantFrom('2026-11-14', '2026-11-15', '2026-11-16', '2026-11-17', '2026-11-18');
const step = fc.record({
  landings: fc.array(fc.tuple(date, fc.option(fc.array(thing, { maxLength: 4 }), { freq: 5 })), {
    minLength: 1,
    maxLength: 3,
  }),
  asked: fc.subarray(['2026-11-15', '2026-11-17'], { maxLength: 1 }),
});

describe('upsert and history', () => {
  it('give what plain loops give, in whatever order dates land, land again and vanish', async () => {
    await write(MODELS);
    const told = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 8 }), async (steps) => {
        await build([], 'all');
        const landed = new Map<string, readonly Thing[]>();
        const partitions = new Map<string, LandedPartition>();
        for (const { landings, asked } of steps) {
          for (const [day, rows] of landings) {
            landed.delete(day);
            partitions.delete(day);
            if (rows === null) continue;
            landed.set(day, rows);
            partitions.set(day, await land(day, rows));
          }
          for (const result of await build([...partitions.values()], asked)) told.add(result.built);
          await expectTables(landed);
        }
      }),
      { numRuns: 3, seed: 11 },
    );
    expect([...told].sort()).toEqual(expect.arrayContaining(['full', 'incremental']));
  });

  async function expectTables(landed: Landed): Promise<void> {
    const sql = Object.keys(MODELS).map(
      (table) =>
        `select '${table}' as name, key, colour, note, ${table === 'latest' ? 'null, null' : 'valid_from, valid_to'} from silver.${table}`,
    );
    expect(sortRows(await readPublished(project, sql.join(' union all ')))).toEqual(
      sortRows([
        ...expectUpsert(landed).map((row) => ['latest', ...row, null, null]),
        ...expectHistory(landed, false).map((row) => ['known', ...row]),
        ...expectHistory(landed, true).map((row) => ['lasting', ...row]),
      ]),
    );
  }

  it('take in a later date alone, and begin anew for an earlier one', async () => {
    await write(MODELS);
    const row = { key: 'a', colour: 'red', note: 'x' };
    const first = await land('2026-11-15', [row]);
    const later = await land('2026-11-16', [{ ...row, colour: 'blue' }]);
    await build([first]);
    const merged = await build([first, later]);
    expect(merged.map(({ built, dates }) => [built, dates])).toEqual(Array(3).fill(['incremental', 1]));
    const again = await build([first, later]);
    expect(again.map(({ built, dates }) => [built, dates])).toEqual(Array(3).fill(['skipped', 0]));
    const anew = await build([await land('2026-11-14', [row]), first, later]);
    expect(anew.map(({ built, dates }) => [built, dates])).toEqual(Array(3).fill(['full', 3]));
  });

  it('take the last row of a date by slot, then by place in the file', async () => {
    await write(MODELS);
    const row = { key: 'a', colour: 'red', note: 'x' };
    const day = '2026-11-15';
    await build([
      await land(
        day,
        [
          { ...row, note: 'evening 1' },
          { ...row, note: 'evening 2' },
        ],
        '20',
      ),
      await land(day, [{ ...row, note: 'morning' }], '08'),
      await land(day, [{ ...row, note: 'no slot' }]),
    ]);
    for (const table of Object.keys(MODELS)) {
      expect(await readTable(table, 'note')).toEqual([['evening 2']]);
    }
  });

  it('keep nothing of where a row landed but what the SELECT names otherwise', async () => {
    await write({
      latest: model('upsert on key\n-- deletes: keep', 'key, _ingest_date, _slot, _position, _slot as hour'),
    });
    await build([await land('2026-11-15', [{ key: 'a', colour: null, note: '' }], '08')]);
    expect(await readPublished(project, 'from silver.latest')).toEqual([['a', '08']]);
  });

  it.each([
    ['upsert on key\n-- deletes: keep', 'key, _ingest_date, _slot', /no column _position/],
    ['upsert on key\n-- deletes: keep', 'colour, _ingest_date, _slot, _position', /no column key/],
    ['history on key (colour)\n-- deletes: keep', 'key, _ingest_date, _slot, _position', /no column colour/],
    ['incremental by day', 'key, _ingest_date', /no column day/],
  ])('refuse `%s` over %s', async (materialize, columns, message) => {
    await write({ latest: model(materialize, columns) });
    await expect(build([])).rejects.toMatchObject({
      code: 'E_MODEL',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each(['upsert on key\n-- deletes: keep', 'history on key (colour)\n-- deletes: close'])(
    'refuse, for `%s`, rows of which none is the last',
    async (materialize) => {
      const sql = `${model(materialize)} cross join (select 1 as n union all select 2 as n) as twice`;
      await write({ latest: sql });
      const partition = await land('2026-11-15', [{ key: 'a', colour: 'red', note: 'x' }]);
      await expect(build([partition])).rejects.toMatchObject({
        code: 'E_MODEL',
        message: expect.stringMatching(/several rows per key/) as string,
      });
    },
  );

  it.each([
    ['upsert on', /`materialize: upsert on` is not supported/],
    ['upsert on key; drop', /is not supported/],
    ['upsert on key, key', /is not supported/],
    ['history on key', /is not supported/],
    ['history on key ()', /is not supported/],
    ['history on key (colour)\n-- deletes: forget', /`deletes` has an unknown value/],
    ['upsert on key\n-- deletes: forget', /`deletes` has an unknown value/],
    ['table\n-- deletes: close', /`deletes` applies only to upsert and history/],
    ['latest\n-- deletes: close', /`deletes` applies only to upsert and history/],
    ['upsert on key', /does not say what becomes of rows that a later snapshot lacks/],
    ['history on key (colour)', /does not say what becomes of rows that a later snapshot lacks/],
  ])('refuse the head `%s`', async (materialize, message) => {
    await write({ latest: model(materialize) });
    await expect(build([])).rejects.toMatchObject({
      code: 'E_MODEL',
      message: expect.stringMatching(message) as string,
    });
  });

  it('refuse to close what a dataset that is no snapshot lacks', async () => {
    await write({ lasting: MODELS.lasting });
    const pipelines = [describePipeline(project, [{ ...THINGS, time: 'by_date' }])];
    await expect(transform(project, { pipelines })).rejects.toMatchObject({
      code: 'E_MODEL',
      message: expect.stringMatching(/`deletes: close`/) as string,
    });
  });
});
