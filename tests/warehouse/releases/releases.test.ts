import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { withInstance } from '../../../src/base/duckdb.js';
import type { LadderStep } from '../../../src/base/types/release.js';
import { makeLevels } from '../../../src/warehouse/releases/ladder.js';
import { ALL, type Bench, openBench, people, type People, person, RELEASE } from './release-bench.js';

const open: Bench[] = [];
const make = async (...given: Parameters<typeof openBench>): Promise<Bench> => {
  const bench = await openBench(...given);
  open.push(bench);
  return bench;
};
afterEach(async () => {
  for (const { project } of open.splice(0)) await project.remove();
});

const D1 = '2026-11-20';
const D2 = '2026-11-21';

describe('a release', () => {
  it('is the table itself, without a token, where that meets the thresholds', async () => {
    const bench = await make();
    const result = await bench.run({ [D1]: [...people(1, 3, 'Bonn', 31), ...people(9, 2, 'Ulm', 47)] });
    expect(result).toMatchObject({ outcome: 'met', suppressed: 0, tried: 9, loss: 0, counts: 'people' });
    expect(await bench.rows()).toEqual([
      ['Bonn', '[30-40]', 3],
      ['Ulm', '[40-50]', 2],
    ]);
  });

  it('takes the levels that lose least, and leaves the table as it is', async () => {
    const bench = await make();
    const result = await bench.run({
      [D1]: [person(1, 'Bonn', 31), person(2, 'Bonn', 25), person(3, 'Ulm', 44), person(4, 'Ulm', 59)],
    });
    expect(result).toMatchObject({ outcome: 'generalized', people: 4, suppressed: 0 });
    expect(result.levels).toEqual([
      { column: 'city', level: 0, height: 2, label: 'city' },
      { column: 'age', level: 1, height: 2, label: '20 years' },
    ]);
    expect(await bench.rows()).toEqual([
      ['Bonn', '[20-40]', 2],
      ['Ulm', '[40-60]', 2],
    ]);
    expect(await bench.rows('select count(distinct age)::integer from silver.people_by_date')).toEqual([[4]]);
  });

  it('removes the rows of small classes, as far as it is allowed', async () => {
    const bench = await make();
    const many = [...people(1, 9, 'Bonn', 31), ...people(20, 10, 'Ulm', 31), person(99, 'Kiel', 88)];
    const result = await bench.run(
      { [D1]: many },
      { maxSuppressed: 0.05, onBreach: 'suppress', ladders: new Map() },
    );
    expect(result).toMatchObject({ outcome: 'suppressed', suppressed: 1, people: 20 });
    expect(
      await bench.rows(
        'select count(*)::integer, count(*) filter (city = $$Kiel$$)::integer from gold.people_release',
      ),
    ).toEqual([[19, 0]]);
    await expect(
      bench.run(
        { [D1]: [...many, person(98, 'Jena', 7)] },
        { maxSuppressed: 0.05, onBreach: 'suppress', ladders: new Map() },
      ),
    ).rejects.toMatchObject({ code: 'E_RELEASE' });
    expect(bench.last()).toMatchObject({ outcome: 'failed', suppressed: 2 });
  });

  it('keeps the last release where it may not generalize', async () => {
    const bench = await make();
    const fixed = { onBreach: 'fail', ladders: new Map() } as const;
    await bench.run({ [D1]: people(1, 4, 'Bonn', 31) }, fixed);
    const before = await bench.digest();
    const failing = bench.run({ [D2]: [...people(1, 4, 'Bonn', 31), person(9, 'Ulm', 31)] }, fixed);
    await expect(failing).rejects.toMatchObject({ code: 'E_RELEASE' });
    await expect(failing).rejects.toThrow(/gold\.people_release was not published: 11\.2 % of people/);
    expect(await bench.digest()).toBe(before);
  });

  it('counts people, not rows', async () => {
    const bench = await make({ sql: ALL });
    const columns = ['city', 'age'];
    const trips = Array.from({ length: 5 }, () => person(1, 'Bonn', 31));
    const result = await bench.run(
      { [D1]: [...trips, ...people(2, 2, 'Ulm', 31)] },
      { columns, maxSuppressed: 0.5 },
    );
    expect(result.dates[0]?.before).toMatchObject({ k: 1, unique_people: 1 });
    expect(result).toMatchObject({ people: 3 });
    expect(result.dates[0]?.after.k).toBeGreaterThan(1);
  });

  it('counts rows where no column names people, and says so', async () => {
    const sql = '-- description: x\n-- materialize: table\nselect city, age from bronze.people\n';
    const bench = await make({ sql });
    const result = await bench.run({ [D1]: people(1, 3, 'Bonn', 31) }, { columns: ['city', 'age'] });
    expect(result).toMatchObject({ counts: 'rows', people: 3, outcome: 'met' });
  });

  it('counts the classes of each date by themselves', async () => {
    const bench = await make();
    const one = (id: number) => [person(id, 'Bonn', 31), ...people(10, 4, 'Bonn', 55)];
    const result = await bench.run({ [D1]: one(1), [D2]: one(2) });
    expect(result.dates.map(({ before }) => before.k)).toEqual([1, 1]);
    expect(result.levels.map(({ level }) => level)).not.toEqual([0, 0]);
    expect(result.dates.map(({ after }) => after.k)).toEqual([5, 5]);
  });

  it('has one level for all dates: a date that needs a coarser one changes the others', async () => {
    const bench = await make();
    await bench.run({ [D1]: [...people(1, 2, 'Bonn', 31), ...people(5, 2, 'Ulm', 31)] });
    const result = await bench.run({
      [D2]: [person(1, 'Bonn', 31), person(2, 'Bonn', 25), person(3, 'Ulm', 31), person(4, 'Ulm', 39)],
    });
    expect(result).toMatchObject({ built: 'full' });
    expect(result.dates.map(({ date }) => date)).toEqual([D1, D2]);
    expect(await bench.rows('select distinct age from gold.people_release')).toEqual([['[20-40]']]);
  });

  it('measures and writes a new date alone where the levels stay, and forgets one that is gone', async () => {
    const bench = await make();
    await bench.run({ [D1]: people(1, 4, 'Bonn', 31) });
    const result = await bench.run({ [D2]: people(1, 4, 'Bonn', 35) });
    expect(result).toMatchObject({ built: 'incremental', people: 8, outcome: 'met' });
    expect(result.dates.map(({ date }) => date)).toEqual([D2]);
    expect(
      await bench.rows(
        'select ingest_date::varchar, count(*)::integer from gold.people_release group by all order by 1',
      ),
    ).toEqual([
      [D1, 4],
      [D2, 4],
    ]);
    expect(await bench.run({})).toMatchObject({ built: 'skipped', people: 8 });
  });

  it('releases no one of fewer than k people, without an error', async () => {
    const bench = await make();
    const result = await bench.run({ [D1]: [person(1, 'Bonn', 31)] });
    expect(result).toMatchObject({ outcome: 'suppressed', suppressed: 1 });
    expect(await bench.rows()).toEqual([]);
  });

  it('is empty where nothing has landed', async () => {
    const bench = await make();
    expect(await bench.run({})).toMatchObject({ outcome: 'met', people: 0, dates: [] });
    expect(await bench.rows()).toEqual([]);
  });

  it('takes null for a value of its own', async () => {
    const bench = await make();
    await bench.run({ [D1]: [...people(1, 2, 'Bonn', 31), person(7, null, null), person(8, null, null)] });
    expect(
      await bench.rows(
        'select city, age, count(*)::integer from gold.people_release group by all order by city nulls first',
      ),
    ).toEqual([
      [null, null, 2],
      ['Bonn', '[30-40]', 2],
    ]);
  });

  it('counts a provider of mail among what is known of a person', async () => {
    const bench = await make();
    const result = await bench.run(
      { [D1]: [...people(1, 2, 'Bonn', 31), person(3, 'Bonn', 31, { provider: 'rare.example' })] },
      { columns: ['city', 'provider', 'ingest_date'], ladders: new Map(), maxSuppressed: 0.5 },
    );
    expect(result.quasi).toEqual(['city', 'provider']);
    expect(result.dates[0]?.before.k).toBe(1);
  });

  it('knows a person by all rows where a token is released', async () => {
    const bench = await make();
    const columns = ['person_token', 'city', 'ingest_date'];
    const ladders = new Map([...RELEASE.ladders].filter(([column]) => column === 'city'));
    const twice = {
      [D1]: [person(1, 'Bonn', 31), person(2, 'Bonn', 31), person(3, 'Bonn', 31)],
      [D2]: [person(1, 'Ulm', 31), person(2, 'Ulm', 31), person(3, 'Aue', 31)],
    };
    const result = await bench.run(twice, { columns, ladders, maxSuppressed: 0 });
    expect(result.dates).toHaveLength(1);
    expect(result.dates[0]?.before).toMatchObject({ k: 1, classes: 2 });
    expect(result.levels).toMatchObject([{ column: 'city', label: '*' }]);
  });
});

describe('l and t', () => {
  const sick = (id: number, illness: string) => person(id, 'Bonn', 31, { illness });

  it('are measured of each sensitive column beside k', async () => {
    const bench = await make();
    const rows = [sick(1, 'flu'), sick(2, 'cold'), person(3, 'Ulm', 31), person(4, 'Ulm', 31)];
    const columns = [...RELEASE.columns, 'illness'];
    const result = await bench.run({ [D1]: rows }, { columns, sensitive: ['illness'] });
    expect(result.dates[0]?.before.sensitive).toEqual([{ column: 'illness', l: 1, t: 0.25 }]);
  });

  it('are met by the levels that are chosen', async () => {
    const bench = await make();
    const rows = [sick(1, 'flu'), sick(2, 'cold'), person(3, 'Ulm', 31), person(4, 'Ulm', 31)];
    const columns = [...RELEASE.columns, 'illness'];
    const sensitive = ['illness'];
    const wanted = { columns, sensitive, require: { k: 2, l: 2, t: null }, maxSuppressed: 0 };
    const diverse = await bench.run({ [D1]: rows }, wanted);
    expect(diverse.dates[0]?.after.sensitive).toEqual([{ column: 'illness', l: 2, t: 0 }]);
    const close = await bench.run({}, { ...wanted, require: { k: 2, l: null, t: 0.1 } });
    expect(close.levels).toMatchObject([
      { column: 'city', label: '*' },
      { column: 'age', level: 0 },
    ]);
    const far = bench.run({}, { ...wanted, require: { k: 2, l: null, t: 0.1 }, ladders: new Map() });
    await expect(far).rejects.toThrow(/further from the whole table than t = 0\.1/);
  });
});

describe('versions', () => {
  const big = (count: number) => ({ [D1]: [...people(1, count, 'Bonn', 31), ...people(50, 6, 'Ulm', 31)] });
  const wide = { require: { k: 3, l: null, t: null } };

  it('are not compared where there is one', async () => {
    const bench = await make();
    expect((await bench.run(big(8), wide)).dates[0]?.changed_classes).toBeNull();
  });

  it('of a date are compared: a class with one person fewer singles that person out', async () => {
    const bench = await make();
    await bench.run(big(8), wide);
    expect((await bench.run(big(7), wide)).dates[0]).toMatchObject({ changed_classes: 1 });
    expect((await bench.run(big(4), wide)).dates[0]).toMatchObject({ changed_classes: 0 });
    expect((await bench.run({ [D2]: people(1, 5, 'Bonn', 31) }, wide)).dates[0]?.changed_classes).toBeNull();
  });

  it('see that one person took the place of another', async () => {
    const bench = await make();
    await bench.run(big(8), wide);
    const swapped = { [D1]: [...people(2, 8, 'Bonn', 31), ...people(50, 6, 'Ulm', 31)] };
    expect((await bench.run(swapped, wide)).dates[0]).toMatchObject({ changed_classes: 1 });
  });

  it('that differ by few people are not published where a breach fails', async () => {
    const bench = await make();
    const fixed = { ...wide, onBreach: 'fail', ladders: new Map() } as const;
    await bench.run(big(8), fixed);
    const before = await bench.digest();
    await expect(bench.run(big(7), fixed)).rejects.toMatchObject({ code: 'E_RELEASE' });
    expect(bench.last()).toMatchObject({ outcome: 'failed' });
    expect(await bench.digest()).toBe(before);
  });

  it('at other levels are compared where both can be told apart', async () => {
    const bench = await make();
    await bench.run(
      { [D1]: [...people(1, 4, 'Bonn', 31), ...people(9, 4, 'Ulm', 31), person(30, 'Berg', 31)] },
      { ...wide, maxSuppressed: 0.2 },
    );
    const again = await bench.run(
      { [D2]: [...people(1, 2, 'Bonn', 31), ...people(3, 2, 'Berg', 31), ...people(9, 4, 'Ulm', 31)] },
      { ...wide, maxSuppressed: 0.2 },
    );
    // Who lived in Berg was left out, and is now one of those in B…: five less four.
    expect(again.levels[0]?.level).toBeGreaterThan(0);
    expect(again.dates.find(({ date }) => date === D1)).toMatchObject({ changed_classes: 1 });
  });

  it('of consecutive dates are compared of a snapshot alone', async () => {
    const states = { [D1]: people(1, 8, 'Bonn', 31), [D2]: people(1, 7, 'Bonn', 31) };
    const snapshot = await make({ time: 'snapshot' });
    expect((await snapshot.run(states, wide)).dates.map((one) => one.changed_classes)).toEqual([null, 1]);
    const daily = await make();
    expect((await daily.run(states, wide)).dates.map((one) => one.changed_classes)).toEqual([null, null]);
  });
});

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

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** The definition of the choice, in JavaScript. */
function expectChoice(dates: readonly People[], k: number, maxSuppressed: number) {
  const show = [
    [(city: string) => city, (city: string) => (city.length > 1 ? `${city.slice(0, 1)}*` : city), () => '*'],
    [(age: number) => `${Math.floor(age / 10)}`, (age: number) => `${Math.floor(age / 20)}`, () => '*'],
  ] as const;
  const all = [0, 1, 2].flatMap((city) => [0, 1, 2].map((age) => [city, age] as const));
  const tried = all.map(([city, age]) => {
    let [lost, total] = [0, 0];
    for (const rows of dates) {
      const classes = new Map<string, Set<unknown>>();
      const keyOf = (row: People[number]) =>
        `${show[0][city]?.(String(row['city'])) ?? ''}|${show[1][age]?.(Number(row['age'])) ?? ''}`;
      for (const row of rows)
        classes.set(keyOf(row), (classes.get(keyOf(row)) ?? new Set()).add(row['person_token']));
      const small = rows.filter((row) => (classes.get(keyOf(row))?.size ?? 0) < k);
      lost += new Set(small.map((row) => row['person_token'])).size;
      total += new Set(rows.map((row) => row['person_token'])).size;
    }
    return { levels: [city, age], lost, total, loss: (city / 2 + age / 2) / 2 + lost / total };
  });
  return tried
    .filter(({ lost, total }) => lost / total <= maxSuppressed || total < k)
    .sort((a, b) => (Math.abs(a.loss - b.loss) < 1e-9 ? sum(a.levels) - sum(b.levels) : a.loss - b.loss))[0];
}

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

describe('the choice', () => {
  const row = fc.record({
    id: fc.integer({ min: 1, max: 12 }),
    city: fc.constantFrom('Aachen', 'Aalen', 'Bonn', 'Berlin'),
    age: fc.integer({ min: 0, max: 79 }),
  });
  const day = fc.array(row, { minLength: 1, maxLength: 25 });

  it('follows its definition, with people who have several rows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(day, { minLength: 1, maxLength: 2 }),
        fc.integer({ min: 2, max: 4 }),
        async (days, k) => {
          const dates = days.map((rows) => rows.map(({ id, city, age }) => person(id, city, age)));
          const bench = await openBench();
          try {
            const expected = expectChoice(dates, k, 0.3);
            const run = bench.run(
              Object.fromEntries(dates.map((rows, index) => [`2026-11-2${index}`, rows])),
              {
                require: { k, l: null, t: null },
                maxSuppressed: 0.3,
              },
            );
            if (expected === undefined) return await expect(run).rejects.toMatchObject({ code: 'E_RELEASE' });
            const result = await run;
            expect(result.levels.map(({ level }) => level)).toEqual(expected.levels);
            expect(result.suppressed).toBe(expected.lost);
            const found = await bench.rows('select city, age, ingest_date::varchar from gold.people_release');
            expect(found.length).toBeLessThanOrEqual(dates.flat().length);
          } finally {
            await bench.project.remove();
          }
        },
      ),
      { numRuns: 15, seed: 7 },
    );
  });
});
