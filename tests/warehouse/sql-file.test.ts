import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LakeveilError } from '../../src/base/errors.js';
import type { WarehousePipeline } from '../../src/warehouse/landed-partition.js';
import { loadWarehouseProject } from '../../src/warehouse/project.js';
import { describePipeline, landed, makeProject, type Project, writeSql } from './lake-fixture.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const dataset = (name: string, ...columns: string[]): WarehousePipeline['datasets'][number] => ({
  name,
  time: 'by_date',
  tokens: [],
  checks: [],
  columns: columns.map((column) => landed(column, 'VARCHAR')),
});
const DATASETS = [
  dataset('persons', 'city', 'land', 'id'),
  dataset('orders', 'city', 'land', 'id'),
  dataset('words', 'at', 'land'),
];
const model = (sql: string, materialize = 'table') =>
  `-- description: something\n-- materialize: ${materialize}\n${sql}`;
const load = () => loadWarehouseProject([describePipeline(project, DATASETS)]);

describe('a file of SQL', () => {
  it('loads with a byte order mark', async () => {
    await writeSql(project, 'persons/silver/x.sql', `\ufeff${model('select city from bronze.persons')}`);
    expect((await load()).models.map(({ name }) => name)).toEqual(['silver.x']);
  });

  it('is refused with all problems of all files, each with its line', async () => {
    const files = {
      'silver/a': 'select city from bronze.persons',
      'silver/b': '-- description: b\n-- materialize: upsert on id\nselect city from bronze.persons limit 3',
      'silver/c': '-- description: c\n-- owner: me\n-- materialize: table\n-- by: me\nselect 1 as a',
    };
    for (const [name, sql] of Object.entries(files)) await writeSql(project, `persons/${name}.sql`, sql);
    await writeSql(project, 'persons/checks/d.sql', 'select city from bronze.persons');
    expect(await listProblems(load())).toEqual([
      'sql/persons/silver/c.sql:2 the head key `owner` means nothing here',
      'sql/persons/silver/c.sql:4 the head key `by` means nothing here',
      'sql/persons/checks/d.sql:1 the head has no valid severity',
    ]);
    await writeSql(project, 'persons/silver/c.sql', model('select 1 as a'));
    expect(await listProblems(load())).toEqual([
      'sql/persons/silver/a.sql:1 the head has no description',
      'sql/persons/silver/a.sql:1 the head has no materialize',
      'sql/persons/silver/b.sql `limit` without `order by` keeps arbitrary rows',
      'sql/persons/checks/d.sql:1 the head has no valid severity',
    ]);
  });

  it('is refused with all columns that are missing, and with the line of one that is not there', async () => {
    const files = {
      'silver/a': model('select city from bronze.persons', 'upsert on id'),
      'silver/b': model('select city,\n  x from bronze.persons'),
      'gold/c': model('select city from silver.b'),
      'gold/d': model('select\n  city, sum(land, 1, 2)\nfrom bronze.persons'),
    };
    for (const [name, sql] of Object.entries(files)) await writeSql(project, `persons/${name}.sql`, sql);
    expect((await listProblems(load())).map((text) => text.replace(/(exist|found|types).*/, '…'))).toEqual([
      'sql/persons/silver/b.sql:4:3 silver.b: Binder Error: Referenced column "x" not …',
      'sql/persons/gold/d.sql:4:9 gold.d: Binder Error: No function matches the given name and argument …',
      ...['id', '_ingest_date', '_slot', '_position'].map(
        (name) =>
          `sql/persons/silver/a.sql:2 silver.a: the SELECT has no column ${name}, which its materialization requires`,
      ),
    ]);
  });

  it.each([
    ['of one line', 'selec city', 'x.sql:3:1'],
    ['after lines and signs', "select '🎉ü',\n  city land id from bronze.persons", 'x.sql:4:13'],
    ['below lines that are empty', '\n\nselect city,\n from bronze.persons where', 'x.sql:6:27'],
  ])('has its syntax error at line and column, %s', async (_, sql, place) => {
    await writeSql(project, 'persons/silver/x.sql', model(sql));
    expect(await listProblems(load())).toEqual([
      expect.stringMatching(new RegExp(`^sql/persons/silver/${place} syntax error`)),
    ]);
  });

  it('has its syntax error at line and column in a check', async () => {
    await writeSql(project, 'persons/checks/x.sql', '-- severity: warn\nselect city form bronze.persons p');
    expect(await listProblems(load())).toEqual([
      expect.stringMatching(/^sql\/persons\/checks\/x\.sql:2:18 syntax error/),
    ]);
  });

  it.each([
    ["select city from {{ ref('y') }}", /write `silver\.y` in place of `\{\{ ref\('y'\) \}\}`/],
    ['select city from {{ref("shop", "orders")}}', /write `bronze\.orders` in place of/],
    ["select city from {{ source('raw', 'Orders') }}", /write `bronze\.orders` in place of/],
    ["{{ config(materialized='table') }} select 1 as a", /`-- materialize: table`/],
    ['select * from bronze.orders where city = 1::text', /write `select city, land, id, _ingest/],
    ['with a as (select city, id from bronze.orders) select * from a', /write `select city, id`$/],
    ['with a as (select * from silver.y) select city from a', /name the columns: silver\.y has city, land$/],
    ['select land, at from bronze.words', /write the column at as `"at"`, or .* `t\.at`/],
  ])('says what to write in place of %s', async (sql, fix) => {
    await writeSql(project, 'persons/silver/y.sql', model('select city, land from bronze.persons'));
    await writeSql(project, 'persons/silver/z.sql', model(sql));
    await expect(load()).rejects.toMatchObject({
      code: 'E_MODEL',
      remedy: expect.stringMatching(fix) as string,
      where: { file: 'sql/persons/silver/z.sql' },
    });
  });
});

async function listProblems(work: Promise<unknown>): Promise<string[]> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof LakeveilError)) throw error instanceof Error ? error : new Error('no error');
  const problems = error.problems.length === 0 ? [error] : error.problems;
  return problems.map(
    ({ where: { file, line, column }, message }) =>
      `${[file, line, column].filter((part) => part !== undefined).join(':')} ${message}`,
  );
}
