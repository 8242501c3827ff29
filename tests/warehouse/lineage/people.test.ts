import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadReports } from '../../../src/report/report-file.js';
import { evaluateReports } from '../../../src/warehouse/evaluate-reports.js';
import type { WarehousePipeline } from '../../../src/warehouse/landed-partition.js';
import { withProject } from '../../../src/warehouse/project.js';
import { describePipeline, landed, makeProject, type Project, writeSql } from '../lake-fixture.js';
import { head } from './load-models.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const token = { ...landed('owner', 'VARCHAR'), treatment: 'token', class: 'direct' } as const;
const DATASETS: WarehousePipeline['datasets'] = [
  {
    columns: [
      token,
      { ...landed('order_token', 'VARCHAR'), treatment: 'token', class: 'quasi' as const },
      landed('city', 'VARCHAR'),
      landed('n', 'BIGINT'),
    ],
    name: 'visits',
  },
  {
    columns: [{ ...landed('street', 'VARCHAR'), class: 'quasi' as const }, landed('n', 'BIGINT')],
    name: 'homes',
  },
  { columns: [landed('city', 'VARCHAR'), landed('people', 'BIGINT')], name: 'cities' },
].map((own) => ({ ...own, time: 'by_date', tokens: [], checks: [] }));

const MODELS = {
  'silver/visitors': 'select owner as visitor, city, n from bronze.visits',
  'silver/places': 'select city, people from bronze.cities',
  'gold/by_city': `with counted as (select city, count(distinct visitor) as visitors, count(*) as visits, sum(n) as n,
      1 as one from silver.visitors group by city)
    select city, coalesce(visitors, 0) as visitors, visits, n, one from counted`,
};

async function evaluate(sql: string, people: string, minCell: number | null = 5) {
  for (const [name, select] of Object.entries(MODELS))
    await writeSql(project, `persons/${name}.sql`, head() + select);
  await writeSql(project, 'persons/reports/r.sql', `-- title: T\n-- people: ${people}\n${sql}`);
  const pipeline = describePipeline(project, DATASETS);
  const reports = await loadReports('persons', pipeline.sqlDir, minCell);
  return withProject([pipeline], async (loaded, lineage) =>
    (await evaluateReports(loaded, lineage, reports, ['visits', 'cities', 'homes'])).rejected.get('r'),
  );
}

describe('the people of a report are', () => {
  it.each([
    ['counted in it', 'select city, count(distinct visitor) as p from silver.visitors group by city'],
    ['counted where some are', 'select count(distinct owner) filter (n > 1) as p from bronze.visits'],
    ['of a gold table', 'select city, visitors as p from gold.by_city'],
    ['the largest count of a gold table', 'select cast(max(visitors) as bigint) as p from gold.by_city'],
    ['a count, or 0', 'select coalesce(count(distinct owner), 0) as p from bronze.visits'],
    [
      'counted in a CTE, under another name',
      'with a as (select v.visitor as who from silver.visitors as v), b as (select count(distinct who) as c from a) select c as p from b',
    ],
  ])('%s', async (_, sql) => {
    expect(await evaluate(`${sql} order by p`, 'p')).toBeUndefined();
  });

  it('the counts of both sides', async () => {
    const sql = 'select visitors as p from gold.by_city union all select max(visitors) from gold.by_city';
    expect(await evaluate(`${sql} order by p`, 'p', null)).toBeUndefined();
  });

  it('a sum of counts, which may count one twice, only without min_cell', async () => {
    const sql = 'select cast(sum(visitors) as bigint) as p from gold.by_city order by p';
    expect(await evaluate(sql, 'p', null)).toBeUndefined();
    expect(await evaluate(sql, 'p')).toMatchObject({ code: 'E_MODEL' });
  });

  it('of a gold table, under its name', async () => {
    expect(await evaluate('select * from gold.by_city order by all', 'visitors')).toBeUndefined();
  });

  it.each(['none', 'none because cities are counted'])(
    '%s, where no dataset is about people',
    async (none) => {
      const sql = 'select city, people from silver.places order by city';
      expect(await evaluate(sql, none)).toBeUndefined();
    },
  );

  it('not named, where the report is internal', async () => {
    await writeSql(project, 'persons/reports/r.sql', '-- title: T\n-- internal\nselect 1 as a order by a');
    const pipeline = describePipeline(project, DATASETS);
    const [report] = await loadReports('persons', pipeline.sqlDir, 5);
    expect(report).toMatchObject({ problem: null, people: null, internal: true });
  });
});

describe('a report is refused whose people are', () => {
  it.each([
    ['a constant', 'select city, 5 as p from silver.visitors'],
    ['a constant of a gold table', 'select one as p from gold.by_city'],
    ['rows', 'select count(*) as p from silver.visitors'],
    ['rows of a gold table', 'select visits as p from gold.by_city'],
    ['a number that lands', 'select n as p from gold.by_city'],
    ['a count of something else', 'select count(distinct city) as p from silver.visitors'],
    ['a token', 'select visitor as p from silver.visitors'],
    ['a count on one side', 'select visitors as p from gold.by_city union all select 3 as p'],
    ['a sum of counts, which may count one twice', 'select sum(visitors) as p from gold.by_city'],
    ['a count and more', 'select 5 + count(distinct visitor) as p from silver.visitors'],
    ['a count, or a constant', 'select coalesce(count(distinct visitor), 9) as p from silver.visitors'],
    [
      'a choice',
      'select case when n > 1 then count(distinct visitor) end as p from silver.visitors group by n',
    ],
    [
      'the same name for a count and for a constant',
      'select a.p from (select 9 as p) as a, (select count(distinct visitor) as p from silver.visitors) as b',
    ],
    [
      'a constant with the name of a count by its place',
      'with a(p) as (select 9) select a.p as p from a, (select count(distinct visitor) as p from silver.visitors) as b',
    ],
    ['values', 'select p from (values (9)) as t(p), silver.visitors'],
    ['tokens of an order', 'select count(distinct order_token) as p from bronze.visits'],
    ['a count of pairs', 'select count(distinct (visitor, city)) as p from silver.visitors'],
  ])('%s', async (_, sql) => {
    expect(await evaluate(`${sql} order by p`, 'p')).toMatchObject({
      code: 'E_MODEL',
      message: 'r: the column p is not a count of distinct tokens of people',
      remedy: expect.stringContaining('tokens: bronze.visits.owner') as string,
      where: { file: 'sql/persons/reports/r.sql' },
    });
  });

  it('a number of a dataset without tokens', async () => {
    expect(await evaluate('select people as p from silver.places order by p', 'p')).toMatchObject({
      code: 'E_MODEL',
      remedy: 'it reads nothing about people: write `-- people: none`',
    });
  });

  it('none, though it reads a dataset with tokens', async () => {
    const sql = 'select city from gold.by_city order by city';
    expect(await evaluate(sql, 'none because cities are shown')).toMatchObject({
      code: 'E_MODEL',
      message: 'r: `people: none` is for reports without people, and this one reads bronze.visits.owner',
    });
  });

  it('none, though a dataset without tokens is about people', async () => {
    expect(await evaluate('select sum(n) as n from bronze.homes order by n', 'none')).toMatchObject({
      code: 'E_MODEL',
      message: 'r: `people: none` is for reports without people, and this one reads bronze.homes.street',
      remedy: 'land a token of the person and count it, or write `-- internal`, which is never published',
    });
  });

  it('neither named nor internal', async () => {
    const pipeline = describePipeline(project, DATASETS);
    await writeSql(project, 'persons/reports/r.sql', '-- title: T\nselect 1 as a order by a');
    expect((await loadReports('persons', pipeline.sqlDir, null))[0]?.problem).toMatchObject({
      code: 'E_MODEL',
      message: 'the head has no people',
      remedy: 'add `-- people: COLUMN`, or `-- people: none`, or `-- internal`',
      where: { file: 'sql/persons/reports/r.sql' },
    });
  });
});

describe('a report whose chart cannot be read', () => {
  it('fails alone, with the line of the chart', async () => {
    const sql = 'select count(distinct owner) as p from bronze.visits order by p';
    await writeSql(project, 'persons/reports/bad.sql', `-- title: T\n-- people: p\n-- chart: pie p\n${sql}`);
    expect(await evaluate(sql, 'p')).toBeUndefined();
    const reports = await loadReports('persons', describePipeline(project, DATASETS).sqlDir, null);
    expect(reports.map(({ name, problem }) => [name, problem?.where.line])).toEqual([
      ['bad', 3],
      ['r', undefined],
    ]);
  });
});
