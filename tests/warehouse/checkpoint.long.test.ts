import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BronzeDataset, LandedPartition } from '../../src/warehouse/landed-partition.js';
import type { BuildScope } from '../../src/warehouse/transform-input.js';
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
import { expectHistory, expectUpsert, newestOf, type Landed, sortRows, type Thing } from './oracle.js';
import { type PrunedLake, pruneHere } from './prune-lake.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const COLUMNS = (['key', 'colour', 'note'] as const).map((name) => landed(name));
const THINGS: BronzeDataset = { name: 'things', time: 'snapshot', columns: COLUMNS, tokens: [], checks: [] };
const OTHERS: BronzeDataset = { ...THINGS, name: 'others' };
const PLACE = '_ingest_date, _slot, _position';
const model = (materialize: string, select = `key, colour, note, ${PLACE} from bronze.things`) =>
  `-- description: things\n-- materialize: ${materialize}\nselect ${select}`;
const DATED = {
  latest: model('upsert on key\n-- deletes: keep'),
  known: model('history on key (colour)\n-- deletes: keep'),
  lasting: model('history on key (colour)\n-- deletes: close'),
  seen: model('incremental by day', `key, colour, note, _ingest_date as day, ${PLACE} from bronze.things`),
  known_seen: model(
    'history on key (colour)\n-- deletes: keep',
    `key, colour, note, ${PLACE} from silver.seen`,
  ),
};
const NEWEST = { current: model('upsert on key\n-- deletes: close'), newest: model('latest') };
const MODELS = { ...DATED, ...NEWEST };

const land = (date: string, rows: readonly Thing[], dataset = 'things') =>
  landRows(
    project,
    date,
    rows.map((row) => ({ ...row })),
    { dataset, columns: COLUMNS },
  );
const pipelines = () => [describePipeline(project, [THINGS, OTHERS])];
const build = (lake: PrunedLake, dates: BuildScope = []) =>
  transform(project, { ...lake, dates, pipelines: pipelines() });
const prune = (lake: PrunedLake, before: string) => pruneHere(project, pipelines(), lake, before);
const write = async (models: Readonly<Record<string, string>>) => {
  for (const [name, sql] of Object.entries(models))
    await writeSql(project, `persons/silver/${name}.sql`, sql);
};
const readTable = async (table: string) => sortRows(await readPublished(project, `from silver.${table}`));
const row = (key: string, colour: string, note = 'x') => ({ key, colour, note });

const DAYS = ['14', '15', '16', '17', '18', '19', '20'].map((day) => `2026-11-${day}`);
const thing = fc.record({
  key: fc.constantFrom('a', 'b', 'c', null),
  colour: fc.constantFrom('red', 'blue', null),
  note: fc.constantFrom('x', 'y', 'z'),
});
const landing = fc.record({
  day: fc.constantFrom(...DAYS),
  rows: fc.option(fc.array(thing, { maxLength: 4 }), { freq: 6 }),
});
const step = fc.record({
  landings: fc.array(landing, { minLength: 1, maxLength: 3 }),
  pruneBefore: fc.option(fc.constantFrom(...DAYS.slice(1)), { freq: 2 }),
  scope: fc.constantFrom<BuildScope>([], [], 'full', 'all'),
});

describe('what is pruned', () => {
  it('stays in upserts and histories, whatever lands, lands again, vanishes and is pruned after', async () => {
    await write(MODELS);
    const told = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 7 }), async (steps) => {
        let horizon = '';
        let lake: PrunedLake = { partitions: [], checkpoints: [] };
        await build(lake, 'all');
        const landed = new Map<string, readonly Thing[]>();
        for (const { landings, pruneBefore, scope } of steps) {
          for (const { day, rows } of landings.filter((one) => one.day >= horizon)) {
            const others = lake.partitions.filter(({ manifest }) => manifest.date !== day);
            lake = { ...lake, partitions: rows === null ? others : [...others, await land(day, rows)] };
            if (rows === null) landed.delete(day);
            else landed.set(day, rows);
          }
          if (pruneBefore !== null) {
            const pruned = await prune(lake, pruneBefore);
            expect(pruned.refused).toEqual([]);
            told.add(`${pruned.lake.checkpoints.length} checkpoints`);
            lake = pruned.lake;
            horizon = pruneBefore > horizon ? pruneBefore : horizon;
          }
          for (const { built } of await build(lake, scope)) told.add(built);
          await expectTables(landed);
        }
      }),
      { numRuns: 4, seed: 5 },
    );
    expect([...told].sort()).toEqual(expect.arrayContaining(['6 checkpoints', 'full', 'incremental']));
  });

  async function expectTables(landed: Landed): Promise<void> {
    const sql = (['latest', 'current', 'newest', 'known', 'lasting', 'known_seen'] as const).map(
      (table) =>
        `select '${table}' as name, key, colour, note, ${['latest', ...Object.keys(NEWEST)].includes(table) ? 'null, null' : 'valid_from, valid_to'} from silver.${table}`,
    );
    expect(sortRows(await readPublished(project, sql.join(' union all ')))).toEqual(
      sortRows([
        ...expectUpsert(landed).map((one) => ['latest', ...one, null, null]),
        ...expectUpsert(newestOf(landed)).map((one) => ['current', ...one, null, null]),
        ...[...newestOf(landed).values()]
          .flat()
          .map((one) => ['newest', one.key, one.colour, one.note, null, null]),
        ...expectHistory(landed, false).map((one) => ['known', ...one]),
        ...expectHistory(landed, false).map((one) => ['known_seen', ...one]),
        ...expectHistory(landed, true).map((one) => ['lasting', ...one]),
      ]),
    );
  }

  it('is not read a second time when its raw file is there again', async () => {
    await write({ latest: MODELS.latest });
    const first = await land('2026-11-14', [row('a', 'red'), row('b', 'red')]);
    const later = await land('2026-11-16', [row('a', 'blue')]);
    const { lake } = await prune({ partitions: [first, later], checkpoints: [] }, '2026-11-16');
    const again = await land('2026-11-15', [row('a', 'green'), row('b', 'green')]);
    const wanted = [
      ['a', 'blue', 'x'],
      ['b', 'red', 'x'],
    ];
    await build({ ...lake, partitions: [again, later] });
    expect(await readTable('latest')).toEqual(wanted);
    const next = await prune({ ...lake, partitions: [again, later] }, '2026-11-16');
    expect(next.lake).toEqual({ partitions: [later], checkpoints: lake.checkpoints });
    const last = await prune({ ...lake, partitions: [again, later] }, '2026-11-17');
    await build(last.lake, 'all');
    expect(await readTable('latest')).toEqual(wanted);
  });

  it('goes on date by date after the first build from a checkpoint', async () => {
    await write(DATED);
    const partitions = [
      await land('2026-11-14', [row('a', 'red')]),
      await land('2026-11-15', [row('a', 'blue')]),
    ];
    await build({ partitions, checkpoints: [] });
    const { lake } = await prune({ partitions, checkpoints: [] }, '2026-11-15');
    const built = async (now: PrunedLake) => [...new Set((await build(now)).map((one) => one.built))];
    expect(await built(lake)).toEqual(['full', 'incremental']);
    expect(await built(lake)).toEqual(['skipped']);
    const next = await land('2026-11-16', [row('a', 'red')]);
    expect(await built({ ...lake, partitions: [...lake.partitions, next] })).toEqual(['incremental']);
  });
});

describe('a model over pruned dates whose SQL has changed', () => {
  const setUp = async (models: Readonly<Record<string, string>>) => {
    await write(models);
    const partitions = [
      await land('2026-11-14', [row('a', 'red')]),
      await land('2026-11-15', [row('b', 'red')]),
    ];
    return (await prune({ partitions, checkpoints: [] }, '2026-11-15')).lake;
  };
  const changed = (name: string) => ({
    code: 'E_MODEL',
    message: expect.stringMatching(`^silver.${name}: its SQL has changed since its checkpoint`) as string,
    remedy: expect.stringContaining(`data_lake/_checkpoints/silver.${name}`) as string,
  });

  it.each([
    ['another expression', MODELS.latest.replace('note,', 'upper(note) as note,')],
    ['another key', MODELS.latest.replace('on key', 'on key, colour')],
    ['another materialization', model('table', 'key, colour, note, _ingest_date from bronze.things')],
    ['a text with other blanks', MODELS.latest.replace('note,', `'a  b' as note,`)],
  ])('is refused: %s', async (_, sql) => {
    const lake = await setUp({ latest: MODELS.latest });
    await write({ latest: sql });
    await expect(build(lake, 'all')).rejects.toMatchObject(changed('latest'));
    const later = { ...lake, partitions: [...lake.partitions, await land('2026-11-16', [])] };
    const { refused } = await prune(later, '2026-11-16');
    expect(refused).toEqual(
      sql.includes('table') ? [] : ['silver.latest: its SQL changed after its checkpoint was created'],
    );
  });

  it('is refused where the incremental model has changed that it reads', async () => {
    const lake = await setUp({ seen: MODELS.seen, known_seen: MODELS.known_seen });
    await write({ seen: MODELS.seen.replace('note,', 'lower(note) as note,') });
    await expect(build(lake)).rejects.toMatchObject(changed('known_seen'));
  });

  it('is not where comments and blanks have', async () => {
    const lake = await setUp({ latest: MODELS.latest });
    await write({ latest: `${MODELS.latest.replace(' from', '\n\n  /* all */ from')} -- of them\n` });
    await build(lake, 'all');
    expect(await readTable('latest')).toHaveLength(2);
  });

  it('is not by a column that lands besides, and is by another type of one that it reads', async () => {
    const lake = await setUp({ latest: MODELS.latest });
    const landing = (columns: BronzeDataset['columns']) => [
      describePipeline(project, [{ ...THINGS, columns }]),
    ];
    const wider = [...COLUMNS, landed('size', 'BIGINT')];
    await transform(project, { ...lake, pipelines: landing(wider) });
    expect(await readTable('latest')).toHaveLength(2);
    const other = [...COLUMNS.slice(0, 2), landed('note', 'BIGINT')];
    await expect(
      transform(project, { ...lake, partitions: [], pipelines: landing(other) }),
    ).rejects.toMatchObject({
      code: 'E_MODEL',
      message: expect.stringContaining('its columns differ from those of its checkpoint') as string,
    });
  });
});

describe('a prune refuses', () => {
  const keep = (select: string) => model('upsert on key\n-- deletes: keep', select);
  const table = model('table', 'key, colour, _ingest_date as day from bronze.others');
  const cases: [string, Record<string, string>, RegExp][] = [
    [
      'two datasets',
      {
        latest: model(
          'upsert on key\n-- deletes: keep',
          `key, colour, ${PLACE} from bronze.things union all select key, colour, ${PLACE} from bronze.others`,
        ),
      },
      /it reads several datasets: others, things$/,
    ],
    [
      'a table on the way',
      {
        colours: table,
        latest: model(
          'upsert on key\n-- deletes: keep',
          `t.key, c.colour, ${PLACE} from bronze.things as t left join silver.colours as c using (key)`,
        ),
      },
      /it reads silver.colours, whose rows have no date$/,
    ],
    [
      'rows that depend on other dates',
      { latest: keep(`key, cast(count(*) over () as bigint) as note, ${PLACE} from bronze.things`) },
      /rows would change, because rows of one date depend on other dates$/,
    ],
    [
      'a type that Parquet does not keep',
      { latest: keep(`key, cast(1 as hugeint) as note, ${PLACE} from bronze.things`) },
      /column note is HUGEINT, which Parquet does not preserve; cast it/,
    ],
  ];

  it.each(cases)('%s', async (_, models, reason) => {
    await write(models);
    const partitions = [
      await land('2026-11-14', [row('a', 'red')]),
      await land('2026-11-15', [row('b', 'red')]),
    ];
    const { refused, lake } = await prune({ partitions, checkpoints: [] }, '2026-11-15');
    expect(refused).toEqual([expect.stringMatching(reason)]);
    expect(lake.partitions).toEqual(partitions);
  });

  it('nothing of a model whose own datasets stay, whatever it reads besides', async () => {
    await write({
      latest: MODELS.latest,
      seen_latest: model(
        'upsert on key\n-- deletes: keep',
        `o.key, l.colour, o._ingest_date, o._slot, o._position from bronze.others as o left join silver.latest as l using (key)`,
      ),
    });
    const partitions: LandedPartition[] = [
      await land('2026-11-14', [row('a', 'red')]),
      await land('2026-11-15', [row('b', 'red')]),
      await land('2026-11-15', [row('a', 'red')], 'others'),
    ];
    const { refused, lake } = await prune({ partitions, checkpoints: [] }, '2026-11-15');
    expect(refused).toEqual([]);
    expect(lake.checkpoints.map(({ checkpoint }) => checkpoint.model)).toEqual(['silver.latest']);
    await build(lake, 'all');
    expect(await readTable('seen_latest')).toEqual([['a', 'red']]);
  });
});
