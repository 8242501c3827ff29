import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it } from 'vitest';
import { quoteText } from '../../src/base/duckdb.js';
import { type LandedParts, LandingRoom } from '../../src/lake/landing-room.js';
import { makeTempFolder, removeTempFolders } from './lake-fixture.js';
import { landPeople, type Masked, maskPeople, type Person, readParquet } from './people.js';

afterAll(removeTempFolders);

/** Cities of the landed rows, in order. */
async function readCities({ stagingDir }: Masked, { files }: LandedParts): Promise<unknown[]> {
  return (
    await readParquet(
      files.map(({ name }) => join(stagingDir, name)),
      'city',
    )
  ).flat();
}

const people = (...cities: readonly (readonly [who: number, city: string])[]): Person[] =>
  cities.map(([who, city]) => ({ who, city }));

/** Person 1 is met four times: twice in a page, then in another segment, then in another part. */
const REPEATED = [
  people([1, 'Aa'], [2, 'Bb'], [1, 'Cc']),
  people([3, 'Dd'], [1, 'Ee']),
  people([4, 'Ff'], [1, 'Gg'], [5, 'Hh']),
];

describe('landing', () => {
  it('keeps the order of the source, though pages were masked in another', async () => {
    const masked = await maskPeople({
      pages: [people([1, 'Aa'], [2, 'Bb']), people([3, 'Cc']), people([4, 'Dd'])],
    });
    expect(masked.segments).toHaveLength(3);
    const landed = await landPeople(masked);
    expect(landed.files.map(({ name, rows }) => [name, rows])).toEqual([['persons.part-0000.parquet', 4]]);
    expect(await readCities(masked, landed)).toEqual(['Aa', 'Bb', 'Cc', 'Dd']);
    expect(landed).toMatchObject({ duplicates: 0, quarantine: null });
  });

  it('makes a part of every range of pages, whatever survives in it', async () => {
    const masked = await maskPeople({ pages: REPEATED, pagesPerPart: 2 });
    const landed = await landPeople(masked);
    expect(landed.files.map(({ rows }) => rows)).toEqual([2, 3]);
  });

  it('lands an empty part of nothing', async () => {
    const landed = await landPeople(await maskPeople({ pages: [] }));
    expect(landed.files.map(({ rows }) => rows)).toEqual([0]);
    expect(landed).toMatchObject({ duplicates: 0, singledOut: null });
  });

  it('keeps reasons in quarantine by page and position, and no value', async () => {
    const masked = await maskPeople({ pages: [people([1, 'Aa'])] });
    const room = await LandingRoom.open({ ...masked, compression: 'zstd', memoryLimitMb: 400, threads: 2 });
    const reject = { code: 'pattern', path: 'address.city', keyword: 'pattern' };
    await room.quarantine('persons', [{ page: 2, position: 0, ...reject }]);
    await room.quarantine('persons', [
      { page: 1, position: 7, ...reject },
      { page: 1, position: 3, ...reject },
    ]);
    const { quarantine } = await room.land(masked.plan, masked.segments, 3);
    room.close();
    expect(quarantine?.rows).toBe(3);
    expect(await readParquet([join(masked.stagingDir, quarantine?.name ?? '')])).toEqual([
      [1, 3, 'pattern', 'address.city', 'pattern'],
      [1, 7, 'pattern', 'address.city', 'pattern'],
      [2, 0, 'pattern', 'address.city', 'pattern'],
    ]);
  });
});

describe('duplicates', () => {
  it.each([
    ['keep_last', ['Bb', 'Dd', 'Ff', 'Gg', 'Hh']],
    ['keep_first', ['Aa', 'Bb', 'Dd', 'Ff', 'Hh']],
  ] as const)('by %s leave one row a key, across pages, segments and parts', async (onDuplicate, cities) => {
    const masked = await maskPeople({ pages: REPEATED, pagesPerPart: 2 });
    const landed = await landPeople({ ...masked, plan: { ...masked.plan, onDuplicate } });
    expect(landed.duplicates).toBe(3);
    expect(await readCities(masked, landed)).toEqual(cities);
  });

  it('stop the landing where the definition says so, and are counted', async () => {
    const masked = await maskPeople({ pages: REPEATED });
    await expect(
      landPeople({ ...masked, plan: { ...masked.plan, onDuplicate: 'fail' } }),
    ).rejects.toMatchObject({
      code: 'E_DUPLICATES',
      exit: 4,
      message: expect.stringContaining('3') as string,
    });
  });

  it('are not looked for without a key', async () => {
    const masked = await maskPeople({ pages: REPEATED });
    const landed = await landPeople({ ...masked, plan: { ...masked.plan, primaryKey: [] } });
    expect(landed).toMatchObject({ duplicates: 0, files: [{ rows: 8 }] });
  });

  it('are rows that agree in every part of the key, and a null agrees with none', async () => {
    const pages = [
      [
        { who: 1, latitude: 1 },
        { who: 1, latitude: 1 },
        { who: 1, latitude: 2 },
      ],
      [
        { who: 1, latitude: null },
        { who: 1, latitude: null },
      ],
    ];
    const masked = await maskPeople({ pages });
    const primaryKey = ['person_token', 'latitude'];
    const landed = await landPeople({ ...masked, plan: { ...masked.plan, primaryKey } });
    expect(landed).toMatchObject({ duplicates: 1, files: [{ rows: 4 }] });
  });
});

describe('custody', () => {
  /** Writes a segment anew with one thing in it changed, as a bad disk or somebody else might. */
  async function tamper({ stagingDir, segments: [segment] }: Masked, query: string): Promise<void> {
    const path = segment?.path ?? '';
    const was = join(stagingDir, 'was.parquet');
    await copyFile(path, was);
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const rows = query.replaceAll('segment', `read_parquet(${quoteText(was)})`);
    await connection.run(`copy (${rows}) to ${quoteText(path)} (format parquet)`);
    instance.closeSync();
  }

  it.each([
    [
      'a cell was changed',
      `select * replace (case when "position" = 0 then 'Xx' else city end as city) from segment`,
      'city',
    ],
    [
      'a cell was emptied',
      `select * replace (case when "position" = 0 then null else city end as city) from segment`,
      'city',
    ],
    ['a row was lost', 'select * from segment where "position" > 0', '(rows)'],
    ['a row came in', 'select * from segment union all select * from segment where "position" = 0', '(rows)'],
  ])('fails the run when %s between the rooms', async (_, query, column) => {
    const masked = await maskPeople({ pages: [people([1, 'Aa'], [2, 'Bb'], [3, 'Cc'])] });
    await tamper(masked, query);
    const plan = { ...masked.plan, primaryKey: [] };
    await expect(landPeople({ ...masked, plan })).rejects.toMatchObject({
      code: 'E_CUSTODY',
      exit: 1,
      message: expect.stringContaining(`column ${column} of persons`) as string,
      where: { dataset: 'persons', stage: 'land' },
    });
  });
});

describe('shape', () => {
  it('is asked of every cell, and a miss is counted by column', async () => {
    const masked = await maskPeople({ pages: [people([1, 'Aa'], [2, 'Bb'], [3, 'Cc'])] });
    const columns = masked.plan.columns.map((column) =>
      column.name === 'city' ? { ...column, shape: `city in ('Aa')` } : column,
    );
    await expect(landPeople({ ...masked, plan: { ...masked.plan, columns } })).rejects.toMatchObject({
      code: 'E_SHAPE',
      exit: 5,
      message: '2 cells of column city in persons do not match the output of keep',
      where: { dataset: 'persons', stage: 'land' },
    });
  });

  it('is missed where the predicate is null, but not by a null', async () => {
    const masked = await maskPeople({
      pages: [
        [
          { who: 1, latitude: null },
          { who: 2, latitude: 3 },
        ],
      ],
    });
    const shapeOf = (shape: string) => ({
      ...masked,
      plan: {
        ...masked.plan,
        columns: masked.plan.columns.map((column) =>
          column.name === 'latitude' ? { ...column, shape } : column,
        ),
      },
    });
    await expect(landPeople(shapeOf('null'))).rejects.toMatchObject({ code: 'E_SHAPE' });
    expect((await landPeople(shapeOf('latitude = 3'))).files).toMatchObject([{ rows: 2 }]);
  });
});

describe('singled out', () => {
  it.each([
    // Combinations of birthday and city by number of people: 2, 1, 1 of 4.
    [['birthday', 'city'], 0.5],
    // Birthdays: 3, 1 of 4.
    [['birthday'], 0.25],
    // One city has 2 people, two have 1 each; latitude is the same for all.
    [['city', 'latitude'], 0.5],
    [['latitude'], 0],
    [[], null],
  ])('by %j is %s', async (quasiColumns, share) => {
    const masked = await maskPeople({
      pages: [
        [
          { who: 1, city: 'Aa', birthday: '1990-01-01' },
          { who: 2, city: 'Aa', birthday: '1990-01-01' },
          { who: 3, city: 'Bb', birthday: '1990-01-01' },
          { who: 4, city: 'Cc', birthday: '1991-01-01' },
        ],
      ],
    });
    const landed = await landPeople({ ...masked, plan: { ...masked.plan, quasiColumns } });
    expect(landed.singledOut).toBe(share);
  });
});

describe('the same input', () => {
  it('gives the same bytes, on one thread or more, with duplicates and several parts', async () => {
    const pages = Array.from({ length: 6 }, (_, page) =>
      Array.from({ length: 300 }, (__, i): Person => ({ who: i % 10 === 0 ? i : page * 300 + i })),
    );
    const hashes: (readonly string[])[] = [];
    for (const threads of [1, 4]) {
      const masked = await maskPeople({ pages, pagesPerPart: 3, pagesPerSegment: 2, threads });
      const { files, duplicates } = await landPeople(masked, { threads });
      expect(duplicates).toBe(150);
      expect(files).toHaveLength(2);
      hashes.push(files.map(({ sha256 }) => sha256));
    }
    expect(hashes[1]).toEqual(hashes[0]);
  });

  it('gives the same bytes also where a part is longer than a row group', async () => {
    const pages = Array.from({ length: 5 }, (_, page) =>
      Array.from({ length: 25_000 }, (__, i): Person => ({ who: i === 0 ? 0 : page * 25_000 + i })),
    );
    const masked = await maskPeople({ pages, pagesPerSegment: 2 });
    const [one, four] = [await landPeople(masked, { threads: 1 }), await landPeople(masked, { threads: 4 })];
    expect(one.files).toMatchObject([{ rows: 124_996 }]);
    expect(four.files).toEqual(one.files);
  });
});

describe('a full or missing disk', () => {
  it('is told as such', async () => {
    const masked = await maskPeople({ pages: [people([1, 'Aa'])] });
    const elsewhere = { ...masked, stagingDir: await makeTempFolder() };
    // The segments lie outside of the room that is asked to read them.
    await expect(landPeople(elsewhere)).rejects.toMatchObject({ code: 'E_DISK', exit: 6 });
  });
});
