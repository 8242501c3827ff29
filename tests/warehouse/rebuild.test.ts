import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BronzeDataset } from '../../src/warehouse/landed-partition.js';
import {
  describePipeline,
  landed,
  landPeople,
  landRows,
  makeProject,
  type Project,
  readPublished,
  transform,
  WHO,
  writeModel,
  writeSql,
} from './lake-fixture.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const COUNTED = '-- description: n\n-- materialize: table\nselect count(*) as people from silver.who';
const told = (results: Awaited<ReturnType<typeof transform>>) =>
  Object.fromEntries(results.map(({ model, built, dates }) => [model, `${built} ${dates}`]));

describe('a transform says of each model', () => {
  it('that it is made anew where another run landed the same bytes, since audit columns tell of the run', async () => {
    await writeModel(project);
    const landing = await landPeople(project, '2026-11-18');
    await transform(project, { partitions: [landing] });
    const again = { ...landing, manifest: { ...landing.manifest, run_id: 'another' } };
    expect(told(await transform(project, { partitions: [again] }))).toEqual({
      'silver.who': 'incremental 1',
    });
  });

  it('whether it was skipped, added to or made anew, and of how many dates', async () => {
    await writeModel(project);
    await writeModel(project, COUNTED, 'counted');
    await writeModel(project, COUNTED.replace('table', 'view'), 'seen');
    const first = await landPeople(project, '2026-11-18');
    const second = await landPeople(project, '2026-11-19');
    const third = await landPeople(project, '2026-11-20');
    expect(told(await transform(project, { partitions: [first, second] }))).toEqual({
      'silver.who': 'full 2',
      'silver.counted': 'full 2',
      'silver.seen': 'full 2',
    });
    expect(told(await transform(project, { partitions: [first, second] }))).toEqual({
      'silver.who': 'skipped 0',
      'silver.counted': 'skipped 0',
      'silver.seen': 'skipped 0',
    });
    expect(told(await transform(project, { partitions: [first, second, third] }))).toEqual({
      'silver.who': 'incremental 1',
      'silver.counted': 'full 3',
      'silver.seen': 'full 3',
    });
  });

  it('that all of it was made anew when that is asked for, in the file that is there', async () => {
    await writeModel(project);
    const partitions = [await landPeople(project, '2026-11-18'), await landPeople(project, '2026-11-19')];
    await transform(project, { partitions, runId: 'a' });
    expect(told(await transform(project, { partitions, runId: 'b', dates: 'full' }))).toEqual({
      'silver.who': 'full 2',
    });
    const sql = 'select distinct run_id from ops.builds';
    expect(await readPublished(project, sql)).toEqual([['b']]);
    expect(await readPublished(project, 'select count(*) from silver.who')).toEqual([['4']]);
  });
});

describe('a model of dates of which none has landed', () => {
  const KEYED = ', _ingest_date, _slot, _position from bronze.persons';
  const MODELS = {
    'silver.who': WHO,
    'silver.last': `-- description: l\n-- materialize: upsert on person_token\nselect person_token${KEYED}`,
    'silver.was': `-- description: h\n-- materialize: history on person_token (country)
select person_token, country${KEYED}`,
  };
  const each = (what: string) => Object.fromEntries(Object.keys(MODELS).map((name) => [name, what]));

  it('is made once, and again when one has, when its SQL changes, and when all are gone', async () => {
    for (const [name, text] of Object.entries(MODELS)) {
      await writeModel(project, text, name.replace('silver.', ''));
    }
    const partitions = [await landPeople(project, '2026-11-18')];
    expect(told(await transform(project, {}))).toEqual(each('full 0'));
    expect(told(await transform(project, {}))).toEqual(each('skipped 0'));
    expect(told(await transform(project, { partitions }))).toEqual(each('full 1'));
    expect(await readPublished(project, 'select count(*) from silver.was')).toEqual([['2']]);
    const emptied = await transform(project, {});
    expect(emptied.map(({ rows }) => rows)).toEqual([0, 0, 0]);
    expect(told(await transform(project, {}))).toEqual(each('skipped 0'));
    await writeModel(project, WHO.replace(' country,', ' upper(country) as country,'));
    expect(told(await transform(project, {}))).toEqual({ ...each('skipped 0'), 'silver.who': 'full 0' });
  });
});

describe('a model that fails', () => {
  it('leaves the published file as it was, and names what waits for it', async () => {
    await writeModel(project);
    await writeModel(project, COUNTED, 'counted');
    await writeModel(project, COUNTED.replace('silver.who', 'silver.counted'), 'twice');
    await writeModel(project, COUNTED.replace('silver.who', 'bronze.persons'), 'apart');
    const partitions = [await landPeople(project, '2026-11-18')];
    await transform(project, { partitions });
    await writeModel(project, WHO.replace(' country,', ' cast(country as integer) as country,'));
    const later = [...partitions, await landPeople(project, '2026-11-19')];
    await expect(transform(project, { partitions: later })).rejects.toMatchObject({
      code: 'E_SQL_RUN',
      where: { model: 'silver.who' },
      remedy: expect.stringMatching(/; models that depend on it: silver\.counted, silver\.twice$/) as string,
    });
    expect(await readPublished(project, 'select people from silver.counted')).toEqual([['2']]);
  });
});

const SALES: BronzeDataset = {
  name: 'sales',
  time: 'by_date',
  tokens: [],
  checks: [],
  columns: [
    landed('price', 'DOUBLE'),
    landed('cents', 'BIGINT'),
    landed('amount', 'DECIMAL(18,2)'),
    landed('day', 'DATE'),
  ],
};

describe('a sum of DOUBLE', () => {
  const build = async (sql: string) => {
    await writeSql(project, 'persons/gold/x.sql', `-- description: x\n-- materialize: table\n${sql}`);
    const partition = await landRows(
      project,
      '2026-11-18',
      [{ price: 0.1, cents: 1, amount: 2, day: '2026-11-18' }],
      {
        dataset: 'sales',
        columns: SALES.columns,
      },
    );
    return transform(project, { partitions: [partition], pipelines: [describePipeline(project, [SALES])] });
  };

  it.each([
    ['of a column', 'select sum(price) as s from bronze.sales', 'sum'],
    ['by its mean', 'select day, avg(price) as s from bronze.sales group by day', 'avg'],
    ['of an expression', 'select sum(cents * 0.5::double) / 2 as s from bronze.sales', 'sum'],
    ['through a CTE', 'with a as (select price as p from bronze.sales) select sum(p) as s from a', 'sum'],
    ['in a subquery', 'select s from (select sum(price) as s from bronze.sales) as x', 'sum'],
    ['over a window', 'select sum(price) over (partition by day) as s from bronze.sales', 'sum'],
    ['beside one that is rounded', 'select round(sum(price), 2) + avg(price) as s from bronze.sales', 'avg'],
    ['in having', 'select day from bronze.sales group by day having sum(price) > 1', 'sum'],
    [
      'in a pivot',
      'select x, y from (select day::varchar as d, price from bronze.sales) pivot (sum(price) for d in (x, y))',
      'sum',
    ],
    [
      'in a correlated query',
      'select day, (select sum(o.price) from bronze.sales as o where o.day = s.day) as s from bronze.sales as s',
      'sum',
    ],
    [
      'in a lateral join',
      'select s.day, l.s from bronze.sales as s, lateral (select sum(o.price * s.cents) as s from bronze.sales as o) as l',
      'sum',
    ],
    ['by the spread of whole numbers', 'select stddev(cents) as s from bronze.sales', 'stddev'],
    ['by another name', 'select geomean(price) as s from bronze.sales', 'avg'],
    [
      'of rounded sums',
      'select sum(round(sum(price), 2)) over () as s from bronze.sales group by day',
      'sum',
    ],
    [
      'of a struct with a name of ours',
      'select sum(struct_pack(rounded := price).rounded) as s, round(sum(cents)) from bronze.sales',
      'sum',
    ],
    [
      'that is rounded later',
      'with a as (select sum(price) as s from bronze.sales) select round(s) from a',
      'sum',
    ],
  ])('%s is refused', async (_, sql, name) => {
    await expect(build(sql)).rejects.toMatchObject({
      code: 'E_MODEL',
      message: `gold.x: \`${name}\` of DOUBLE is non-deterministic: the last digit can differ between runs`,
      where: { file: 'sql/persons/gold/x.sql' },
    });
  });

  it.each([
    ['rounded', 'select round(sum(price), 2) as s from bronze.sales'],
    ['cast to a decimal', 'select cast(avg(price) as decimal(18, 2)) as s from bronze.sales'],
    ['of a decimal', 'select sum(amount) as s, avg(amount) as a from bronze.sales'],
    ['of a whole number', 'with a as (select cents from bronze.sales) select sum(cents), avg(cents) from a'],
    [
      'in a pivot',
      'select x, y from (select day::varchar as d, cents from bronze.sales) pivot (sum(cents) for d in (x, y))',
    ],
    [
      'in a pivot of decimals',
      `select d, "1", "2" from (select day::varchar as d, cents, amount from bronze.sales)
         pivot (sum(amount) for cents in (1, 2) group by d)`,
    ],
    [
      'in a correlated query',
      `select day, (select sum(o.amount) from bronze.sales as o where o.day = s.day and o.cents < s.cents) as s
         from bronze.sales as s`,
    ],
    [
      'in a lateral join',
      'select s.day, l.s from bronze.sales as s, lateral (select sum(o.amount * s.cents) as s from bronze.sales as o) as l',
    ],
    ['of an alias', 'select cents * 2 as doubled, sum(doubled) over () as s from bronze.sales'],
    ['rounded, of a mean', 'select round(sum(avg(price)) over (), 2) as s from bronze.sales group by day'],
    ['rounded, by another name', 'select round(geomean(price), 2) as s from bronze.sales'],
    [
      'rounded, in a pivot and a correlated query',
      `select round(x, 1) as x, round((select sum(o.price) from bronze.sales as o where o.day = p.day), 1) as s
         from (select day, x from (select day, day::varchar as d, cents from bronze.sales)
         pivot (sum(cents) for d in (x) group by day)) as p`,
    ],
    ['rounded, of a FLOAT', 'select round(sum(price::float), 2) as s from bronze.sales'],
    ['rounded, of two columns', 'select round(corr(price, cents), 2) as s from bronze.sales'],
    ['of a list in order', 'select list_sum(list(price order by day)) as s from bronze.sales'],
    ['of a count', 'select sum(n) as s from (select day, count(*) as n from bronze.sales group by day) as x'],
  ])('%s is built', async (_, sql) => {
    expect(told(await build(sql))).toEqual({ 'gold.x': 'full 1' });
  });
});
