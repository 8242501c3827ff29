import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { queryWarehouse, openReader } from '../../src/warehouse/published/open-reader.js';
import type { BronzeDataset, LandedPartition } from '../../src/warehouse/landed-partition.js';
import { traceLineage } from '../../src/warehouse/lineage/trace-lineage.js';
import { loadWarehouseProject, withProject } from '../../src/warehouse/project.js';
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
import { expectUpsert, newestOf, sortRows, type Thing } from './oracle.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const COLUMNS = (['key', 'colour', 'note'] as const).map((name) => landed(name));
const THINGS: BronzeDataset = { name: 'things', time: 'snapshot', columns: COLUMNS, tokens: [], checks: [] };
const PLACE = '_ingest_date, _slot, _position';
const model = (materialize: string, select = `key, colour, note, ${PLACE} from bronze.things`) =>
  `-- description: things\n-- materialize: ${materialize}\nselect ${select}`;
const write = async (models: Readonly<Record<string, string>>) => {
  for (const [name, sql] of Object.entries(models)) await writeSql(project, `persons/${name}.sql`, sql);
};
const pipelines = () => [describePipeline(project, [THINGS])];
const land = (date: string, rows: readonly Thing[], slot: string | null = null) =>
  landRows(
    project,
    date,
    rows.map((row) => ({ ...row })),
    { dataset: 'things', columns: COLUMNS, slot },
  );
const build = (partitions: readonly LandedPartition[], dates: 'all' | readonly string[] = []) =>
  transform(project, { partitions, dates, pipelines: pipelines() });

const MODELS = {
  'silver/newest': model('latest'),
  'silver/current': model('upsert on key\n-- deletes: close'),
  'silver/read': model('table', 'key, colour, note from bronze.things_latest'),
};

const thing = fc.record({
  key: fc.constantFrom('a', 'b', 'c', null),
  colour: fc.constantFrom('red', null),
  note: fc.constantFrom('x', 'y'),
});
const DAYS = ['2026-11-14', '2026-11-15', '2026-11-16'];
const landing = fc.tuple(fc.constantFrom(...DAYS), fc.option(fc.array(thing, { maxLength: 4 }), { freq: 5 }));

describe('tables of the newest snapshot', () => {
  it('hold its rows alone, in whatever order dates land, land again and vanish', async () => {
    await write(MODELS);
    const extents = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(landing, { minLength: 3, maxLength: 8 }), async (landings) => {
        await build([], 'all');
        const lake = new Map<string, readonly Thing[]>();
        const partitions = new Map<string, LandedPartition>();
        for (const [day, rows] of landings) {
          lake.delete(day);
          partitions.delete(day);
          if (rows !== null) {
            lake.set(day, rows);
            partitions.set(day, await land(day, rows));
          }
          for (const { built } of await build([...partitions.values()])) extents.add(built);
          const newest = [...newestOf(lake).values()].flat().map((row) => [row.key, row.colour, row.note]);
          for (const [table, rowsOf] of [
            ['newest', sortRows(newest)],
            ['read', sortRows(newest)],
            ['current', expectUpsert(newestOf(lake))],
          ] as const)
            expect(sortRows(await readPublished(project, `from silver.${table}`))).toEqual(rowsOf);
        }
      }),
      { numRuns: 2, seed: 7 },
    );
    expect([...extents].sort()).toEqual(['full', 'skipped']);
  });

  it('hold the last hour of the newest date', async () => {
    await write(MODELS);
    const row = (key: string) => ({ key, colour: null, note: 'x' });
    await build([
      await land('2026-11-15', [row('a')], '23'),
      await land('2026-11-16', [row('a'), row('b')], '08'),
      await land('2026-11-16', [row('b'), row('c')], '20'),
    ]);
    for (const table of ['newest', 'current', 'read'])
      expect(await readPublished(project, `select key from silver.${table} order by key`), table).toEqual([
        ['b'],
        ['c'],
      ]);
  });

  it('can be queried where the raw zone is open', async () => {
    await build([
      await land('2026-11-15', [{ key: 'a', colour: null, note: 'x' }]),
      await land('2026-11-16', [{ key: 'b', colour: null, note: 'x' }]),
    ]);
    const query = async (openZones: readonly string[]) => {
      const reader = await openReader({ ...project, openZones, writeDir: null });
      try {
        return (await queryWarehouse(reader, 'select key from bronze.things_latest')).rows;
      } finally {
        reader.close();
      }
    };
    expect(await query(['things', 'things_latest'])).toEqual([['b']]);
    await expect(query([])).rejects.toMatchObject({ code: 'E_EXPORT_RAW' });
  });

  it('are traced to the snapshot', async () => {
    await write(MODELS);
    const lineage = await withProject(pipelines(), ({ datasets }, { instance, bound }) =>
      traceLineage(instance, bound, datasets),
    );
    const read = lineage
      .find((one) => one.model === 'silver.read')
      ?.columns.find(({ name }) => name === 'key');
    expect(read?.landed.map(({ dataset, column }) => `${dataset}.${column}`)).toEqual(['things.key']);
    expect(read?.reads).toEqual(['bronze.things_latest.key']);
  });

  it('take no name of another dataset', async () => {
    const datasets = [THINGS, { ...THINGS, name: 'things_latest', time: 'by_date' as const }];
    await expect(loadWarehouseProject([describePipeline(project, datasets)])).rejects.toMatchObject({
      code: 'E_MODEL',
      message: expect.stringContaining('things_latest is already defined') as string,
    });
  });
});

const SEEN = model('incremental by day', 'key, colour, _ingest_date as day from bronze.things');

describe('a table over a snapshot is refused', () => {
  it.each([
    ['that shows every date', 'key, colour from bronze.things'],
    ['that counts every date', 'count(*) as n from bronze.things'],
    ['that groups every date', 'colour, count(*) as n from bronze.things group by colour'],
    ['that knows the last date only', 'max(_ingest_date) as day, count(*) as n from bronze.things'],
    ['that reads it through dates', 'colour, count(*) as n from silver.seen group by colour'],
    ['that joins it', 'a.key from bronze.things as a inner join bronze.things_latest as b on a.key = b.key'],
  ])('%s', async (_, select) => {
    await write({ 'silver/seen': SEEN, 'gold/x': model('table', select) });
    await expect(loadWarehouseProject(pipelines())).rejects.toMatchObject({
      code: 'E_MODEL',
      exit: 2,
      message: expect.stringMatching(
        /over all landed dates, .* snapshot things counts once for each date/,
      ) as string,
      remedy: expect.stringMatching(/`bronze\.things_latest`, or write `-- materialize: latest`/) as string,
      where: { file: 'sql/persons/gold/x.sql', line: 2, model: 'gold.x' },
    });
  });

  it.each(['latest', 'upsert on key\n-- deletes: keep', 'incremental by _ingest_date'])(
    'if nothing but its newest date is read, for `%s`',
    async (materialize) => {
      await write({ 'gold/x': model(materialize, `key, ${PLACE} from bronze.things_latest`) });
      await expect(loadWarehouseProject(pipelines())).rejects.toMatchObject({
        code: 'E_MODEL',
        message: 'none of its inputs has dates',
      });
    },
  );

  it.each(['upsert on key', 'history on key (colour)'])('through dates, for `%s`', async (materialize) => {
    await write({
      'silver/seen': model(
        'incremental by day',
        `key, colour, _ingest_date as day, ${PLACE} from bronze.things`,
      ),
      'gold/x': model(materialize, `key, colour, ${PLACE} from silver.seen`),
    });
    await expect(loadWarehouseProject(pipelines())).rejects.toMatchObject({
      code: 'E_MODEL',
      message: expect.stringMatching(/reads the snapshot things, and does not say/) as string,
      remedy: expect.stringMatching(/`-- deletes: close`.*`-- deletes: keep`/) as string,
      where: { line: 2 },
    });
  });
});

describe('a table over a snapshot may', () => {
  it.each([
    ['show the date', 'key, _ingest_date as day from bronze.things'],
    ['group by the date', 'count(*) as n from bronze.things group by _ingest_date'],
    [
      'choose a date',
      'key from bronze.things where _ingest_date = (select max(_ingest_date) from bronze.things)',
    ],
    [
      'join by the date',
      'a.key from bronze.things as a inner join silver.seen as b on a._ingest_date = b.day and b.day is not null',
    ],
    ['show the date of an incremental model', 'key, day from silver.seen'],
    ['read its newest date', 'colour, count(*) as n from bronze.things_latest group by colour'],
  ])('%s', async (_, select) => {
    await write({ 'silver/seen': SEEN, 'gold/x': model('table', select) });
    expect((await loadWarehouseProject(pipelines())).models).toHaveLength(2);
  });
});
