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
import { sortRows } from './oracle.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const COLUMNS = [landed('key'), landed('colour'), landed('_deleted', 'BOOLEAN')];
const THINGS: BronzeDataset = { name: 'things', time: 'by_date', columns: COLUMNS, tokens: [], checks: [] };
const COLUMN_LIST = 'key, colour, _deleted, _ingest_date, _slot, _position';
const model = (materialize: string, columns = COLUMN_LIST) =>
  `-- description: things\n-- materialize: ${materialize}\nselect ${columns} from bronze.things`;

interface Thing {
  readonly key: string;
  readonly colour: string;
  readonly _deleted: boolean | null;
}
type Lake = ReadonlyMap<string, readonly Thing[]>;

const land = (date: string, rows: readonly Thing[], columns = COLUMNS) =>
  landRows(
    project,
    date,
    rows.map((row) => ({ ...row })),
    { dataset: 'things', columns },
  );
const build = (partitions: readonly LandedPartition[], dates: 'all' | readonly string[] = []) =>
  transform(project, { partitions, dates, pipelines: [describePipeline(project, [THINGS])] });
const read = async (table: string, columns: string) =>
  sortRows(await readPublished(project, `select ${columns} from silver.${table}`));
async function writeModels(): Promise<void> {
  await writeSql(project, 'persons/silver/latest.sql', model('upsert on key'));
  await writeSql(project, 'persons/silver/known.sql', model('history on key (colour)'));
}

/** One row a period: key, colour, valid_from, valid_to. */
function expectHistory(lake: Lake): unknown[][] {
  const keys = new Set([...lake.values()].flat().map(({ key }) => key));
  return sortRows([...keys].flatMap((key) => followKey(key, lake)));
}

function followKey(key: string, lake: Lake): unknown[][] {
  const rows: unknown[][] = [];
  let open: { colour: string; from: string } | null = null;
  for (const [date, things] of [...lake].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const thing = things.findLast((row) => row.key === key);
    if (thing === undefined) continue;
    const isLive = thing._deleted !== true;
    if (open !== null && isLive && open.colour === thing.colour) continue;
    if (open !== null) rows.push([key, open.colour, open.from, date]);
    open = isLive ? { colour: thing.colour, from: date } : null;
  }
  if (open !== null) rows.push([key, open.colour, open.from, null]);
  return rows;
}

const thing = fc.record({
  key: fc.constantFrom('a', 'b'),
  colour: fc.constantFrom('red', 'blue'),
  _deleted: fc.constantFrom(true, false, null),
});
const DAYS = ['2026-11-14', '2026-11-15', '2026-11-16', '2026-11-17', '2026-11-18'];
const landing = fc.tuple(fc.constantFrom(...DAYS), fc.array(thing, { maxLength: 3 }));

describe('rows that say that they are deleted', () => {
  it('leave an upsert and close in a history, in whatever order dates land', async () => {
    await writeModels();
    const extents = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(landing, { minLength: 3, maxLength: 8 }), async (landings) => {
        await build([], 'all');
        const lake = new Map<string, readonly Thing[]>();
        const partitions = new Map<string, LandedPartition>();
        for (const [day, rows] of landings) {
          lake.set(day, rows);
          partitions.set(day, await land(day, rows));
          for (const { built } of await build([...partitions.values()])) extents.add(built);
          const history = expectHistory(lake);
          expect(await read('known', 'key, colour, valid_from, valid_to')).toEqual(history);
          const current = history.filter(([, , , to]) => to === null);
          expect(await read('latest', 'key, colour')).toEqual(current.map(([key, colour]) => [key, colour]));
        }
      }),
      { numRuns: 4, seed: 3 },
    );
    expect([...extents].sort()).toEqual(['full', 'incremental', 'skipped']);
  });

  it('are not stored, and dates from before the column count as not deleted', async () => {
    await writeModels();
    const first = await land(
      '2026-11-14',
      [{ key: 'a', colour: 'red', _deleted: null }],
      COLUMNS.slice(0, 2),
    );
    await build([first]);
    expect(await read('latest', '*')).toEqual([['a', 'red']]);
    const later = await land('2026-11-15', [{ key: 'a', colour: 'red', _deleted: false }]);
    await build([first, later]);
    expect(await read('known', '*')).toEqual([['a', 'red', '2026-11-14', null]]);
  });

  it.each(['upsert on key', 'history on key (colour)'])(
    'are asked for by name where a model does not select the column: %s',
    async (materialize) => {
      const columns = COLUMN_LIST.replace('_deleted, ', '');
      await writeSql(project, 'persons/silver/latest.sql', model(materialize, columns));
      const partition = await land('2026-11-14', [{ key: 'a', colour: 'red', _deleted: true }]);
      await expect(build([partition])).rejects.toMatchObject({
        code: 'E_MODEL',
        message: expect.stringContaining('no column _deleted') as string,
        remedy: expect.stringContaining('add _deleted from bronze') as string,
      });
      const all = columns.replace('colour', 'colour, false as _deleted');
      await writeSql(project, 'persons/silver/latest.sql', model(materialize, all));
      await build([partition]);
      expect(await read('latest', 'key, colour')).toEqual([['a', 'red']]);
    },
  );
});
