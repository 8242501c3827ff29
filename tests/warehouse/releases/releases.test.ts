import { describe, expect, it } from 'vitest';
import { ALL, people, person, RELEASE, useBenches } from './release-bench.js';

const make = useBenches();

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
      { column: 'city', level: 0, height: 2, label: 'city', as_is: true },
      { column: 'age', level: 1, height: 2, label: '20 years', as_is: false },
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

describe('what could go around a release', () => {
  it('counts classes within a date that the release names with capitals', async () => {
    const bench = await make();
    const two = { [D1]: people(1, 1, 'Bonn', 31), [D2]: people(2, 3, 'Bonn', 31) };
    const columns = ['city', 'age', 'Ingest_Date'];
    const result = await bench.run(two, { columns, maxSuppressed: 0.5 });
    expect(result.dates.map(({ date, suppressed }) => [date, suppressed])).toEqual([
      [D1, 1],
      [D2, 0],
    ]);
    expect(await bench.rows()).toEqual([['Bonn', '[30-40]', 3]]);
  });

  it('takes the dates of rows for known where a token is released', async () => {
    const bench = await make();
    const pairs = {
      [D1]: [person(1, 'Bonn', 31), person(2, 'Bonn', 31)],
      [D2]: [person(1, 'Bonn', 31), person(3, 'Bonn', 31)],
    };
    const columns = ['person_token', 'city', 'ingest_date'];
    const result = await bench.run(pairs, { columns, ladders: new Map(), maxSuppressed: 1 });
    expect(result.dates[0]?.before).toMatchObject({ k: 1, classes: 3 });
    expect(await bench.rows('from gold.people_release')).toEqual([]);
  });

  it('takes a row without a token for no person', async () => {
    const bench = await make();
    const rows = [
      person(1, 'Bonn', 31),
      person(2, 'Bonn', 31, { person_token: null }),
      ...people(3, 9, 'Ulm', 31),
    ];
    const result = await bench.run({ [D1]: rows }, { ladders: new Map() });
    expect(result).toMatchObject({ people: 10, suppressed: 1 });
    expect(await bench.rows()).toEqual([['Ulm', '31', 9]]);
  });

  it('is built again where a column has become a quasi-identifier', async () => {
    const bench = await make();
    const columns = ['illness', 'ingest_date'];
    const rare = [person(1, 'Bonn', 31, { illness: 'rare' }), ...people(2, 10, 'Bonn', 31)];
    const change = { columns, ladders: new Map() };
    expect(await bench.run({ [D1]: rare }, change)).toMatchObject({ quasi: [], suppressed: 0 });
    bench.reclass('illness', 'quasi');
    expect(await bench.run({}, change)).toMatchObject({ quasi: ['illness'], suppressed: 1, built: 'full' });
    expect(await bench.rows('select distinct illness from gold.people_release')).toEqual([['flu']]);
    expect(await bench.run({}, change)).toMatchObject({ built: 'skipped' });
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
