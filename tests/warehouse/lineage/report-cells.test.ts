import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadReports } from '../../../src/report/report-file.js';
import { evaluateReports } from '../../../src/warehouse/evaluate-reports.js';
import type { LandingColumnType, WarehousePipeline } from '../../../src/warehouse/landed-partition.js';
import { withProject } from '../../../src/warehouse/project.js';
import { describePipeline, landed, makeProject, type Project, writeSql } from '../lake-fixture.js';
import { head } from './load-models.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const as = (column: LandingColumnType, pii: LandingColumnType['class']) => ({ ...column, class: pii });
const DATASETS: WarehousePipeline['datasets'] = [
  {
    columns: [
      { ...as(landed('owner'), 'direct'), treatment: 'token' },
      as(landed('city'), 'quasi'),
      as(landed('age', 'BIGINT'), 'quasi'),
      landed('note'),
      landed('n', 'BIGINT'),
    ],
    name: 'visits',
  },
].map((own) => ({ ...own, time: 'by_date', tokens: [], checks: [] }));

const MODELS = {
  'silver/visitors': `select owner, city, age, note, n, _ingest_date as day from bronze.visits`,
  'silver/latest': 'select owner, max(city) as city, max(n) as n from bronze.visits group by owner',
  'gold/by_city': `select city, count(distinct owner) as people, sum(n) as n, max(age) as oldest, max(n) as most
    from silver.visitors group by city`,
  'gold/levels': 'select city, count(distinct owner) as people from silver.visitors group by rollup (city)',
  'gold/running': `select day, people, n, sum(n) over (order by day) as n_so_far from
    (select day, count(distinct owner) as people, sum(n) as n from silver.visitors group by day)`,
  'gold/shares': `select city, people, people / sum(people) over () as share, sum(people) over () as everyone
    from (select city, count(distinct owner) as people from silver.visitors group by city)`,
};

async function evaluate(sql: string, lines: readonly string[] = [], minCell: number | null = 5) {
  for (const [name, select] of Object.entries(MODELS))
    await writeSql(project, `persons/${name}.sql`, head() + select);
  const top = ['-- title: T', '-- people: p', ...lines].join('\n');
  await writeSql(project, 'persons/reports/r.sql', `${top}\n${sql} order by p`);
  const pipeline = describePipeline(project, DATASETS);
  const reports = await loadReports('persons', pipeline.sqlDir, minCell);
  const found = await withProject([pipeline], (loaded, lineage) =>
    evaluateReports(loaded, lineage, reports, ['visits']),
  );
  return found.rejected.get('r') ?? found.cells.get('r');
}

const P = 'count(distinct owner) as p';

describe('with min_cell a report is refused that shows', () => {
  it.each([
    [
      'the least of a quasi-identifier',
      `select city, ${P}, min(age) as a from silver.visitors group by city`,
      /`min` shows .*visits\.age/,
    ],
    [
      'the largest of a text',
      `select city, ${P}, max(note) as a from silver.visitors group by city`,
      /visits\.note/,
    ],
    [
      'a token',
      `select city, ${P}, max(upper(owner)) as a from silver.visitors group by city`,
      /visits\.owner/,
    ],
    ['a first value', `select ${P}, first(city order by n) as a from silver.visitors`, /`first`/],
    ['a last value', `select ${P}, last(city order by n) as a from silver.visitors`, /`last`/],
    ['any value', `select ${P}, any_value(city order by n) as a from silver.visitors`, /`any_value`/],
    [
      'the value beside a largest one',
      `select ${P}, arg_max(city, n order by n) as a from silver.visitors`,
      /`arg_max`/,
    ],
    ['the value beside a least one', `select ${P}, min_by(city, n) as a from silver.visitors`, /`min_by`/],
    ['a list', `select ${P}, list(age order by age) as a from silver.visitors`, /`list`/],
    ['an array', `select ${P}, array_agg(city order by city) as a from silver.visitors`, /`array_agg`/],
    [
      'a joined text',
      `select ${P}, string_agg(city, ',' order by city) as a from silver.visitors`,
      /`string_agg`/,
    ],
    ['the most frequent value', `select ${P}, mode(city) as a from silver.visitors`, /`mode`/],
    ['a histogram', `select ${P}, histogram(age) as a from silver.visitors`, /`histogram`/],
    [
      'a value of a CTE',
      `with c as (select city as place, n, owner from silver.visitors) select ${P}, max(place) as a from c`,
      /visits\.city/,
    ],
    [
      'a largest value of a gold table',
      'select people as p, oldest from gold.by_city',
      /`max` .*visits\.age \(in gold\.by_city\)/,
    ],
    ['a value in its order', `select ${P} from silver.visitors group by n order by max(city), p --`, /`max`/],
    [
      'a row of a subquery',
      `select ${P}, (select city from silver.visitors order by age limit 1) as a from silver.visitors`,
      /a subquery/,
    ],
  ])('%s', async (_, sql, message) => {
    expect(await evaluate(sql)).toMatchObject({
      code: 'E_MODEL',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['subtotals', `select city, note, ${P} from silver.visitors group by rollup (city, note)`, /rollup/],
    ['a cube', `select city, note, ${P} from silver.visitors group by cube (city, note)`, /cube/],
    [
      'grouping sets',
      `select city, ${P} from silver.visitors group by grouping sets ((city), ())`,
      /grouping sets/,
    ],
    ['subtotals of a gold table', 'select city, people as p from gold.levels', /in gold\.levels/],
    [
      'a total below its parts',
      `select city, ${P} from silver.visitors group by city union all select 'all', count(distinct owner) from silver.visitors`,
      /several SELECTs/,
    ],
    [
      'the same in a CTE',
      `with c as (select city, ${P} from silver.visitors group by city union all select 'all', count(distinct owner) as p from silver.visitors) select city, p from c`,
      /several SELECTs/,
    ],
    [
      'several groups in a row',
      `from (select owner, city from silver.visitors) pivot (count(distinct owner) as p for city in ('a', 'b'))`,
      /pivot|not a count/,
    ],
    [
      'a running total',
      `select n, ${P}, sum(count(distinct owner)) over (order by n) as s from silver.visitors group by n`,
      /`sum` over an order/,
    ],
    [
      'the row before',
      `select n, ${P}, lag(sum(n)) over (order by n) as s from silver.visitors group by n`,
      /`lag` over an order/,
    ],
    [
      'a running total of a gold table',
      'select day, people as p, n_so_far from gold.running',
      /in gold\.running/,
    ],
    [
      'a share without its denominator',
      `select city, ${P}, 100 * p / sum(p) over () as s from silver.visitors group by city`,
      /share of people/,
    ],
    [
      'a share of a gold table without it',
      'select city, people as p, share from gold.shares',
      /share of people/,
    ],
  ])('%s', async (_, sql, message) => {
    expect(await evaluate(sql)).toMatchObject({
      code: 'E_MODEL',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['unknown', 'nothing', /unknown column nothing/],
    ['not a number of people', 's', /the total s is not made of counts/],
  ])('a total that is %s', async (_, total, message) => {
    const found = await evaluate(`select ${P}, sum(n) as s from silver.visitors`, [`-- total: ${total}`]);
    expect(found).toMatchObject({ code: 'E_MODEL', message: expect.stringMatching(message) as string });
  });
});

describe('with min_cell a report may show', () => {
  it.each([
    ['counts and sums by text', `select city, ${P}, sum(n) as s from silver.visitors group by city`],
    [
      'the largest of a number that tells nobody apart',
      `select city, ${P}, max(n) as s from silver.visitors group by city`,
    ],
    [
      'columns of a gold table besides one that it may not',
      'select city, people as p, most from gold.by_city',
    ],
    [
      'people by a value that one row of each has',
      'select city, count(distinct owner) as p from silver.latest group by city',
    ],
    [
      'the same in a CTE',
      `with c as (select owner, max(city) as city from silver.visitors group by owner) select city, ${P} from c group by city`,
    ],
    [
      'ranks',
      `select city, ${P}, rank() over (order by count(distinct owner) desc) as r from silver.visitors group by city`,
    ],
    [
      'rows of people of two kinds',
      `with c as (select owner, city from silver.visitors where n > 1 union all select owner, city from silver.visitors where n < 1) select city, ${P} from c group by city`,
    ],
    [
      'an average',
      `select city, ${P}, sum(n) / count(distinct owner) as a from silver.visitors group by city`,
    ],
  ])('%s', async (_, sql) => {
    expect(await evaluate(sql)).toMatchObject({ minCell: 5, people: 'p' });
  });

  it('a share with its denominator', async () => {
    const sql = 'select city, people as p, share, everyone from gold.shares';
    expect(await evaluate(sql, ['-- total: everyone'])).toEqual({
      minCell: 5,
      people: 'p',
      counts: ['p'],
      totals: ['everyone'],
      labels: ['city'],
    });
  });
});

it('counts of a part of the people are held to the minimum too, and what is made of aggregates is no label', async () => {
  const sql = `select city, n, ${P}, count(distinct owner) filter (age > 60) as old,
    case when count(*) > 3 then 'many' else 'few' end as word, day from silver.visitors group by city, n, day`;
  expect(await evaluate(sql)).toMatchObject({ counts: ['p', 'old'], labels: ['city', 'n', 'day'] });
});

it('without min_cell nothing is hidden, and nothing of this is refused', async () => {
  expect(await evaluate(`select ${P}, max(city) as a from silver.visitors`, [], null)).toBeNull();
});
