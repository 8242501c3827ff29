import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WarehousePipeline } from '../../src/warehouse/landed-partition.js';
import { loadWarehouseProject } from '../../src/warehouse/project.js';
import { describePipeline, landed, makeProject, type Project, writeSql } from './lake-fixture.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const DATASETS: WarehousePipeline['datasets'] = ['persons', 'orders'].map((name) => ({
  name,
  time: 'by_date',
  tokens: [],
  checks: [],
  columns: [
    ...['city', 'land', 'id'].map((column) => landed(column, 'VARCHAR')),
    ...['since', 'until'].map((column) => landed(column, 'TIMESTAMPTZ')),
  ],
}));
const model = (sql: string, materialize = 'table') =>
  `-- description: something\n-- materialize: ${materialize}\n${sql}`;
const load = () => loadWarehouseProject([describePipeline(project, DATASETS)]);

describe('the order of models', () => {
  it('puts each after what it reads, in CTEs, subqueries and set operations too', async () => {
    const files = {
      'gold/a': 'with z as (select city from silver.d) select city from z',
      'gold/b': 'select city from bronze.orders where city in (select city from gold.c)',
      'gold/c': 'select city from gold.a union all select city from silver.d order by city',
      'silver/d': 'select city from bronze.persons',
    };
    for (const [name, sql] of Object.entries(files))
      await writeSql(project, `persons/${name}.sql`, model(sql));
    const { models } = await load();
    expect(models.map(({ name }) => name)).toEqual(['silver.d', 'gold.a', 'gold.c', 'gold.b']);
  });

  it('takes the name of a CTE for the CTE only where it is in scope', async () => {
    const sql = 'with persons as (select city from bronze.persons) select p.city from persons as p';
    await writeSql(project, 'persons/silver/x.sql', model(sql));
    expect((await load()).models[0]?.reads).toEqual(['bronze.persons']);
    await writeSql(
      project,
      'persons/silver/x.sql',
      model('with a as (select city from a) select city from a'),
    );
    await expect(load()).rejects.toMatchObject({ code: 'E_MODEL', message: 'there is no table a' });
  });
});

describe('a model may', () => {
  it.each([
    [
      'read a list of values',
      `select p.city, v.land from bronze.persons as p
       inner join (values ('Bonn', 'DE'), ('Lyon', 'FR')) as v(city, land) on p.city = v.city`,
    ],
    [
      'pivot into columns that it lists',
      `select land, a, b from bronze.persons pivot (count(id) for city in ('a', 'b') group by land)`,
    ],
    ['take the time between two moments', 'select age(until, since) as a from bronze.persons'],
  ])('%s', async (_, sql) => {
    await writeSql(project, 'persons/silver/x.sql', model(sql));
    expect((await load()).models.map(({ reads }) => reads)).toEqual([['bronze.persons']]);
  });
});

describe('a model is refused, with its file,', () => {
  it.each([
    ['that uses a star', 'select * from bronze.persons', /`\*`/],
    ['that uses a star of columns', `select columns('c.*') from bronze.persons`, /`\*`/],
    ['that names two columns alike', 'select city as a, land as A from bronze.persons', /several columns a/],
    ['that reads an unknown table', 'select city from bronze.nobody', /no table bronze\.nobody/],
    ['that reads a file by its name', `select city from '/etc/passwd'`, /no table \/etc\/passwd/],
    [
      'that reads another database',
      'select city from other.bronze.persons',
      /no table other\.bronze\.persons/,
    ],
    ['that calls a table function', `select city from read_csv('/x')`, /table function read_csv/],
    ['that asks the clock', 'select current_date as d from bronze.persons', /`current_date`/],
    ['that asks the clock by a call', 'select now() as d from bronze.persons', /`now`/],
    ['that rolls dice', 'select random() as d from bronze.persons', /`random`/],
    ['that asks for an age today', 'select age(born) as a from bronze.persons', /`age`/],
    ['that guesses a median', 'select approx_quantile(n, 0.5) as q from bronze.persons', /`approx_quantile`/],
    ['that takes a sample', 'select city from bronze.persons using sample 10%', /`sample`/],
    ['that is two statements', 'select 1 as a; select 2 as b', /not a single SELECT/],
    ['that writes', 'create table x as select 1 as a', /not a single SELECT/],
    ['that makes a macro', 'create macro f(a) as a + 1', /not a single SELECT/],
    ['that is a dynamic pivot', 'pivot bronze.persons on city using count(city)', /not a single SELECT/],
    ['that does not parse', 'selec city from bronze.persons', /syntax error at or near "selec"/],
    ['that reads itself', 'select city from silver.x', /form a cycle: silver\.x → silver\.x/],
  ])('%s', async (_, sql, message) => {
    await writeSql(project, 'persons/silver/x.sql', model(sql));
    await expect(load()).rejects.toMatchObject({
      code: 'E_MODEL',
      exit: 2,
      message: expect.stringMatching(message) as string,
      where: { file: 'sql/persons/silver/x.sql' },
    });
  });

  it.each([
    ['without a description', '-- materialize: table\nselect city from bronze.persons', /no description/],
    ['without a materialization', '-- description: x\nselect city from bronze.persons', /materialize/],
    [
      'of an unknown materialization',
      model('select city from bronze.persons', 'cube'),
      /`materialize: cube`/,
    ],
    [
      'with a head key that means nothing',
      `-- owner: me\n${model('select 1 as a')}`,
      /`owner` means nothing/,
    ],
    ['with a head key twice', `-- description: x\n${model('select 1 as a')}`, /`description` twice/],
    ['that is a view on bronze', model('select city from bronze.persons', 'view'), /view cannot read bronze/],
    ['that is dated without dates', model('select 1 as a', 'incremental by a'), /has dates/],
    ['that is published elsewhere', `-- publish: ops.x\n${model('select 1 as a')}`, /cannot publish/],
  ])('%s', async (_, text, message) => {
    await writeSql(project, 'persons/silver/x.sql', text);
    await expect(load()).rejects.toMatchObject({
      code: 'E_MODEL',
      message: expect.stringMatching(message) as string,
      where: { file: 'sql/persons/silver/x.sql' },
    });
  });

  it.each([
    [
      'form a cycle',
      'silver/a',
      'select city from gold.b',
      'gold/b',
      'select city from silver.a',
      /form a cycle: gold\.b → /,
    ],
    [
      'of one name',
      'silver/a',
      'select 1 as a',
      'gold/a',
      'select 2 as a',
      /already defined by sql\/persons\/silver\/a\.sql/,
    ],
    [
      'named as a dataset',
      'silver/a',
      'select 1 as a',
      'gold/orders',
      'select 2 as a',
      /already defined by pipelines\/persons\.yaml/,
    ],
    [
      'named as a report',
      'silver/a',
      'select 1 as a',
      'reports/a',
      'select 2 as a',
      /a is already defined by sql\/persons\/silver\/a\.sql/,
    ],
  ])('when two are %s', async (_, first, firstSql, second, secondSql, message) => {
    await writeSql(project, `persons/${first}.sql`, model(firstSql));
    await writeSql(project, `persons/${second}.sql`, model(secondSql));
    await expect(load()).rejects.toMatchObject({
      code: 'E_MODEL',
      message: expect.stringMatching(message) as string,
    });
  });

  it('whose file name is no name', async () => {
    await writeSql(project, 'persons/silver/Bad-Name.sql', model('select 1 as a'));
    await expect(load()).rejects.toMatchObject({ code: 'E_NAME' });
  });
});

describe('a check is refused', () => {
  it.each([
    ['without a severity', 'select 1 as a'],
    ['of an unknown severity', '-- severity: fatal\nselect 1 as a'],
    ['that is no SELECT', '-- severity: warn\ndrop table silver.x'],
    ['that calls a table function', `-- severity: warn\nselect content from read_text('/etc/passwd')`],
    [
      'that names a CTE otherwise than plainly',
      '-- severity: warn\nwith "ü" as (select 1 as a) select a from "ü"',
    ],
    ['that names a table otherwise than plainly', '-- severity: warn\nselect city from bronze."per sons"'],
  ])('%s', async (_, text) => {
    await writeSql(project, 'persons/checks/c.sql', text);
    await expect(load()).rejects.toMatchObject({
      code: 'E_MODEL',
      where: { file: 'sql/persons/checks/c.sql' },
    });
  });
});
