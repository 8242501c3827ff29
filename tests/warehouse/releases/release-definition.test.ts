import { describe, expect, it } from 'vitest';
import { withInstance } from '../../../src/base/duckdb.js';
import type { LadderStep } from '../../../src/base/types/release.js';
import { makeLevels } from '../../../src/warehouse/releases/ladder.js';
import { type Bench, people, person, RELEASE, useBenches } from './release-bench.js';

const make = useBenches();

const D1 = '2026-11-20';

describe('a definition', () => {
  const refused = async (changes: Parameters<Bench['run']>[1], files: Record<string, string> = {}) => {
    const bench = await make({ files });
    return bench.run({ [D1]: people(1, 3, 'Bonn', 31) }, changes).then(
      () => 'accepted',
      (error: unknown) => (error instanceof Error ? error.message : ''),
    );
  };
  const table = { ladders: new Map([['city', { kind: 'table', file: 'h/city.csv' } as const]]) };

  it.each([
    [
      'leaves a quasi-identifier out without a reason',
      { quasi: ['city'], ladders: new Map() },
      /age derives from a direct or quasi field/,
    ],
    ['gives a reason for nothing', { reviewed: 'why' }, /no quasi-identifier is left out/],
    ['reads a table that is not there', { from: 'silver.other' }, /there is no table silver\.other/],
    ['names a person that is no token', { person: 'illness' }, /illness does not name a person/],
    ['names a person that is no column', { person: 'who' }, /has no column who/],
    ['releases a column that is not there', { columns: ['city', 'height'], ladders: new Map() }, /height/],
  ] as const)('%s', async (_, changes, text) => {
    expect(await refused(changes)).toMatch(text);
  });

  it('gives too many combinations', async () => {
    const steps = Array.from(
      { length: 50 },
      (_, index) => ({ kind: 'width', label: '', width: 2 ** index }) as const,
    );
    const ladders = new Map(['city', 'age'].map((column) => [column, { kind: 'steps', steps } as const]));
    expect(await refused({ ladders })).toMatch(/2500 combinations of levels, and at most 2000/);
  });

  it.each([
    ['value twice', 'city,land\nBonn,NRW\nBonn,Bayern\n', /a value stands twice/],
    ['two coarser values', 'city,land,state\nBonn,W,DE\nKöln,W,AT\n', /belongs to two coarser values/],
    ['an empty cell', 'city,land\nBonn,\n', /a cell is empty/],
    ['one column', 'city\nBonn\n', /fewer than two columns/],
    ['uneven lines', 'city,land\nBonn\n', /as many cells in each line/],
  ])('has a table with %s', async (_, text, found) => {
    expect(await refused(table, { 'h/city.csv': text })).toMatch(found);
  });

  it('has a table, of which values that it lacks become *', async () => {
    const bench = await make({ files: { 'h/city.csv': 'city,land\nBonn,West\nKöln,West\n' } });
    const ladders = new Map([
      ...table.ladders,
      ...[...RELEASE.ladders].filter(([column]) => column === 'age'),
    ]);
    await bench.run(
      { [D1]: [person(1, 'Bonn', 31), person(2, 'Köln', 31), person(3, 'Rom', 31), person(4, 'Ulm', 31)] },
      { ladders },
    );
    expect(await bench.rows()).toEqual([
      ['*', '[30-40]', 2],
      ['West', '[30-40]', 2],
    ]);
  });
});

describe('a ladder', () => {
  const labels = async (steps: LadderStep[], values: readonly string[]) => {
    const ladder = { column: 'x', levels: steps, table: [] };
    return withInstance({}, async (connection) => {
      const list = values.map((value) => `('${value}')`).join(', ');
      await makeLevels(connection, 'made', ladder, `(select * from (values ${list}) as v(value))`);
      const texts = steps.map((_, index) => `t${index}`).join(', ');
      const reader = await connection.runAndReadAll(`select value, ${texts} from made`);
      const rows = new Map(reader.getRowsJson().map(([value, ...own]) => [value, own]));
      return values.map((value) => rows.get(value));
    });
  };
  const width = (size: number): LadderStep => ({ kind: 'width', label: '', width: size });

  it.each([
    ['31', ['[30-40]', '[20-40]']],
    ['-3', ['[-10-0]', '[-20-0]']],
    ['20', ['[20-30]', '[20-40]']],
    ['19.99', ['[10-20]', '[0-20]']],
    ['[30-40]', ['[30-40]', '[20-40]']],
    ['[90+]', ['[90+]', '[80+]']],
    ['[0-100]', ['[0-100]', '[0-100]']],
    ['unknown', ['unknown', 'unknown']],
  ])('writes %s as a range', async (value, expected) => {
    expect(await labels([width(10), width(20)], [value])).toEqual([expected]);
  });

  it('writes dates by month, quarter and year, and the first characters of texts', async () => {
    const dates = (['month', 'quarter', 'year'] as const).map((kind) => ({ kind, label: kind }));
    expect(await labels(dates, ['2026-11-05', '2026-01-31 10:00:00+00', 'never'])).toEqual([
      ['2026-11', '2026-Q4', '2026'],
      ['2026-01', '2026-Q1', '2026'],
      ['never', 'never', 'never'],
    ]);
    const two: LadderStep = { kind: 'characters', label: '', count: 2 };
    expect(await labels([two, { kind: 'all', label: '*' }], ['10115', 'é1', 'x'])).toEqual([
      ['10*', '*'],
      ['é1', '*'],
      ['x', '*'],
    ]);
  });
});

describe('what is known of a person', () => {
  it('is the landing date too, where a table of all dates shows it', async () => {
    const sql = `-- description: x
-- materialize: table
select person_token, city, age, _ingest_date as ingest_date from bronze.people
`;
    const bench = await make({ sql });
    const dates = { [D1]: people(1, 1, 'Bonn', 31), '2026-11-21': people(2, 2, 'Bonn', 31) };
    const result = await bench.run(dates, { maxSuppressed: 0.5 });
    expect(result.quasi).toEqual(['city', 'age', 'ingest_date']);
    expect(result).toMatchObject({ suppressed: 1 });
    expect(result.dates[0]?.before.k).toBe(1);
  });

  it('is what a token shows beside a person', async () => {
    const sql = `-- description: x
-- materialize: incremental by ingest_date
select person_token || city as tag, person_token, _ingest_date as ingest_date from bronze.people
`;
    const bench = await make({ sql });
    const refused = bench.run(
      { [D1]: people(1, 4, 'Bonn', 31) },
      { columns: ['tag', 'ingest_date'], person: 'person_token', ladders: new Map() },
    );
    await expect(refused).rejects.toThrow(/it releases the token tag, and counts people by person_token/);
  });

  it('is measured of the values of the table, which level 0 may not show', async () => {
    const bench = await make();
    const result = await bench.run({ [D1]: [31, 32, 33].map((age, index) => person(index, 'Bonn', age)) });
    expect(result).toMatchObject({
      outcome: 'met',
      levels: [{ as_is: true }, { label: '10 years', as_is: false }],
    });
    expect(result.dates[0]).toMatchObject({ before: { k: 1, unique_people: 3 }, after: { k: 3 } });
  });
});
