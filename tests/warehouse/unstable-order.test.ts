import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WarehousePipeline } from '../../src/warehouse/landed-partition.js';
import { loadWarehouseProject } from '../../src/warehouse/project.js';
import { describePipeline, landed, makeProject, type Project, writeSql } from './lake-fixture.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const COLUMNS = [
  ...['city', 'land', 'id', 'first'].map((column) => landed(column, 'VARCHAR')),
  landed('n', 'BIGINT'),
];
const DATASETS: WarehousePipeline['datasets'] = [
  { name: 'persons', time: 'by_date', tokens: [], checks: [], columns: COLUMNS },
];

async function load(sql: string) {
  const text = `-- description: something\n-- materialize: table\n${sql}`;
  await writeSql(project, 'persons/silver/x.sql', text);
  return loadWarehouseProject([describePipeline(project, DATASETS)]);
}

describe('a model may', () => {
  it.each([
    [
      'keep the first rows of an order',
      'select city from (select city from bronze.persons order by city, id limit 3 offset 1) as p',
    ],
    [
      'keep the first rows of an order over a union',
      'select city from bronze.persons union select land from bronze.persons order by 1 limit 3',
    ],
    ['keep all rows, or none', 'select city from (select city from bronze.persons limit all) as p limit 0'],
    [
      'number rows in an order, of the window or inside',
      `select row_number() over (partition by city order by id) as a, lag(n order by id) over (partition by city) as b,
         first_value(n) over w as c from bronze.persons window w as (partition by city order by id)`,
    ],
    [
      'rank and count in a window without an order',
      `select rank() over (partition by city) as a, count(*) over () as b, sum(n) over (partition by city
         rows between unbounded preceding and unbounded following) as c from bronze.persons`,
    ],
    [
      'list and pick rows in an order',
      `select list(city order by city) as a, array_agg(distinct city order by city desc) as b,
         string_agg(city, ',' order by id) as c, first(city order by id) filter (n > 1) as d, mode(city order by city) as e,
         list_sort(array_agg(distinct city)) as f, list(id order by city) as g from bronze.persons`,
    ],
    [
      'pick of equal rows in an order',
      'select arg_max(land, n order by land) as a, min_by(land, n order by land) as b from bronze.persons group by city',
    ],
    [
      'use lists of other things than rows',
      `select array_position([1, 2], 2) as a, list_value(n, 2) as b, unnest([city]) as c, list_aggregate([n], 'first') as d,
         array(select q.city from bronze.persons as q order by q.city, q.id) as e, p.first as f from bronze.persons as p`,
    ],
    [
      'keep one row of each in an order',
      'select distinct on (city) city, id from bronze.persons order by city, id',
    ],
    ['leave out what is there twice', 'select distinct city from bronze.persons'],
  ])('%s', async (_, sql) => {
    expect((await load(sql)).models.map(({ reads }) => reads)).toEqual([['bronze.persons']]);
  });
});

describe('a model is refused, with its file,', () => {
  it.each([
    ['that cuts rows in no order', 'select city from bronze.persons limit 3', /`limit` without `order by`/],
    [
      'that cuts a share of rows in no order',
      'select city from (select city from bronze.persons limit 10%) as p order by city',
      /`limit` without `order by`/,
    ],
    [
      'that leaves out rows in no order',
      'with a as (select city from bronze.persons offset 3) select city from a',
      /`offset` without `order by`/,
    ],
    ...[
      'row_number()',
      'ntile(4)',
      'lag(n)',
      'lead(n)',
      'first_value(n)',
      'last_value(n)',
      'nth_value(n, 2)',
    ].map((call): [string, string, RegExp] => [
      `that has ${call} in a window without an order`,
      `select ${call} over (partition by city) as x from bronze.persons`,
      /in a window without `order by`/,
    ]),
    [
      'that numbers rows by a constant',
      'select city from bronze.persons qualify row_number() over (partition by city order by 1) = 1',
      /`row_number` .* without `order by`/,
    ],
    [
      'that adds up row by row in no order',
      'select sum(id) over (partition by city rows between 1 preceding and current row) as x from bronze.persons',
      /`sum` uses a `rows` frame in a window without `order by`/,
    ],
    ...[
      'first',
      'last',
      'any_value',
      'arbitrary',
      'list',
      'array_agg',
      'string_agg',
      'group_concat',
      'listagg',
      'mode',
    ].map((name): [string, string, RegExp] => [
      `that has ${name} of rows in no order`,
      `select city, ${name}(land) filter (n > 1) as x from bronze.persons group by city`,
      new RegExp(`\`${name}\` without \`order by\` inside`),
    ]),
    ...['arg_max', 'arg_min', 'max_by', 'min_by', 'argmax', 'arg_min_null'].map(
      (name): [string, string, RegExp] => [
        `that has ${name} where rows can tie`,
        `select city, ${name}(land, n) as x from bronze.persons group by city`,
        new RegExp(`\`${name}\` without \`order by\` inside picks an arbitrary one`),
      ],
    ),
    [
      'that has arg_max in a window',
      'select arg_max(land, n) over (partition by city) as x from bronze.persons',
      /in a window without `order by`/,
    ],
    ['that lists distinct rows', 'select array_agg(distinct city) as x from bronze.persons', /`array_agg`/],
    [
      'that lists rows as JSON',
      'select json_group_array(city) as x from bronze.persons',
      /`json_group_array`/,
    ],
    [
      'that picks in a sorted list',
      'select list_sort([any_value(n)]) as x from bronze.persons',
      /`any_value`/,
    ],
    ['that makes an array of rows', 'select array(select city from bronze.persons) as x', /`array_agg`/],
    [
      'that keeps any row of each',
      'select distinct on (city) city, id from bronze.persons',
      /`distinct on` without `order by`/,
    ],
    [
      'that pairs rows by their place',
      'select a.city from bronze.persons as a positional join bronze.persons as b',
      /`positional join`/,
    ],
  ])('%s', async (_, sql, message) => {
    await expect(load(sql)).rejects.toMatchObject({
      code: 'E_MODEL',
      exit: 2,
      message: expect.stringMatching(message) as string,
      where: { file: 'sql/persons/silver/x.sql' },
    });
  });
});
