import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeProject, type Project } from '../lake-fixture.js';
import { head, loadModels, type Models, PEOPLE, refusalOf, traceModels } from './load-models.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const load = (models: Models) => loadModels(project, models);
const failureOf = (models: Models) => refusalOf(project, models);
const BORN = 'bronze.persons.birthday';

describe('a gold column that is made of what is raw only is refused, with its way', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['as it is', { 'gold/g': 'select birthday as p from bronze.persons' }, ['gold.g.p', BORN]],
    [
      'through a table of silver',
      { 'silver/s': PEOPLE, 'gold/g': 'select born as p from silver.s' },
      ['gold.g.p', 'silver.s.born', BORN],
    ],
    [
      'through two of them, and an expression in each',
      {
        'silver/s': PEOPLE,
        'silver/r': 'select year(born) // 10 as decade, country from silver.s',
        'gold/g':
          "select country, case when min(decade) < 190 then 'old' else 'new' end as p from silver.r group by all",
      },
      ['gold.g.p', 'silver.r.decade', 'silver.s.born', BORN],
    ],
    [
      'through a CTE and a window',
      {
        'silver/s': PEOPLE,
        'gold/g': `with ranked as (select rank() over (order by born) as place from silver.s)
          select max(place) as p from ranked`,
      },
      ['gold.g.p', 'silver.s.born', BORN],
    ],
    [
      'through a filter within an aggregate',
      { 'gold/g': "select count(*) filter (where birthday < '1950-01-01') as p from bronze.persons" },
      ['gold.g.p', BORN],
    ],
    [
      'through a filter of a query that is a value',
      { 'gold/g': "select (select count(*) from bronze.persons where birthday < '1950-01-01') as p" },
      ['gold.g.p', BORN],
    ],
    [
      'through the day on which it changed',
      {
        'silver/s':
          `${head('history on person_token (born)')}${PEOPLE}, _slot, _position from bronze.persons`.replace(
            ' from bronze.persons, ',
            ', ',
          ),
        'gold/g': 'select valid_from as p from silver.s',
      },
      ['gold.g.p', 'silver.s.valid_from', BORN],
    ],
    [
      'through a whole row',
      { 'silver/s': PEOPLE, 'gold/g': 'select s as p from silver.s' },
      ['gold.g.p', 'silver.s.born', BORN],
    ],
    [
      'through a column that has no name of its own, which the arrow of JSON reads',
      {
        'silver/s': 'select to_json(birthday) from bronze.persons',
        'gold/g': `select "to_json(birthday)" -> '$' as p from silver.s`,
      },
      ['gold.g.p', 'silver.s.to_json(birthday)', BORN],
    ],
    [
      'through a gold column that says why',
      {
        'gold/f': `${head('table', '-- exposes: born because it is asked for\n')}select birthday as born from bronze.persons`,
        'gold/g': 'select born as p from gold.f',
      },
      ['gold.g.p', 'gold.f.born', BORN],
    ],
  ])('%s', async (_, models, way) => {
    const error = await failureOf(models);
    expect(error).toMatchObject({ code: 'E_LINEAGE', exit: 2, where: { file: 'sql/persons/gold/g.sql' } });
    expect(error.message).toContain('gold.g.p is made of persons.birthday, which is raw only');
    expect(error.message).toContain(way.join(' ← '));
    expect(error.remedy).toContain('-- exposes: p because WHY');
  });

  it.each<[string, Record<string, string>, string[]]>([
    [
      'a filter',
      { 'gold/g': "select country as p from bronze.persons where birthday < '1950-01-01'" },
      ['gold.g.p', BORN],
    ],
    [
      'a group',
      { 'silver/s': PEOPLE, 'gold/g': 'select country as p from silver.s group by country, born' },
      ['gold.g.p', 'silver.s.born', BORN],
    ],
    [
      'a filter in silver, which a count of rows shows',
      {
        'silver/s': "select country from bronze.persons where birthday < '1950-01-01'",
        'gold/g': 'select count(*) as p from silver.s',
      },
      ['gold.g.p', 'silver.s', BORN],
    ],
    [
      'a join of a calendar',
      {
        'silver/s': 'select _ingest_date as day from bronze.persons group by 1',
        'gold/g': `select s.day as p from silver.s as s inner join bronze.persons as q on s.day = q.birthday`,
      },
      ['gold.g.p', BORN],
    ],
    [
      'the key by which a table keeps its rows',
      {
        'silver/s': `${head('upsert on born')}select birthday as born, country, _ingest_date, _slot, _position from bronze.persons`,
        'gold/g': 'select country as p from silver.s',
      },
      ['gold.g.p', 'silver.s.country', BORN],
    ],
    [
      'a column of elements',
      { 'gold/g': 'select unnest([birthday]) as p from bronze.persons' },
      ['gold.g.p', BORN],
    ],
  ])('by rows that it decides: %s', async (_, models, way) => {
    const error = await failureOf(models);
    expect(error).toMatchObject({ code: 'E_LINEAGE', exit: 2, where: { file: 'sql/persons/gold/g.sql' } });
    expect(error.message).toBe(
      `gold.g.p is made of persons.birthday, which is raw only, or of rows that it selects: ${way.join(' ← ')}`,
    );
  });
});

describe('a model that does not bind is refused when it is loaded', () => {
  it.each<[string, string]>([
    ['a row id', 'select rowid as p from bronze.persons'],
    ['a column that there is not', 'select nothing as p from bronze.persons'],
    ['a function that somebody may have made', 'select silver.f(country) as p from bronze.persons'],
    ['another version of a table', 'select country as p from bronze.persons at (version => 1)'],
    ['a summary of a table that comes later', 'select column_name from (summarize bronze.persons)'],
  ])('%s', async (_, sql) => {
    const error = await failureOf({ 'silver/s': sql });
    expect(error).toMatchObject({ code: 'E_MODEL', exit: 2, where: { file: 'sql/persons/silver/s.sql' } });
  });
});

describe('names of CTEs that another folding of letters takes for one', () => {
  const two = (first: string, second: string) => `with ${first} as (select birthday as x from bronze.persons),
      ${second} as (select gender as x from bronze.persons) select ${first}.x as p from ${first}, ${second}`;

  it.each<[string, string]>([
    ['two CTEs', two('"Ü"', '"ü"')],
    ['two CTEs, of which one bears the sign for Kelvin', two('"\u212A"', 'k')],
    ['a CTE within a CTE', `with v as (${two('"Ü"', '"ü"')}) select p from v`],
    [
      'a recursive CTE',
      `with recursive "Ü"(x) as (select birthday from bronze.persons union select x from "Ü"),
        "ü"(x) as (select date '2000-01-01') select "Ü".x as p from "Ü", "ü"`,
    ],
  ])('are refused, with their line: %s', async (_, sql) => {
    const error = await failureOf({ 'gold/g': sql });
    expect(error).toMatchObject({ code: 'E_MODEL', exit: 2, where: { file: 'sql/persons/gold/g.sql' } });
    expect(error.message).toBe(
      'the name of a CTE on line 3 contains characters other than A to Z, digits and `_`',
    );
  });

  it.each<[string, string]>([
    [
      'of tables',
      `select "Ü".x as p from (select birthday as x from bronze.persons) as "Ü",
      (select gender as x from bronze.persons) as "ü"`,
    ],
    [
      'of columns',
      `select p from (select "Ü" as p, "ü" as q from (select birthday as "Ü", gender as "ü" from bronze.persons))`,
    ],
  ])('may be %s, which DuckDB tells apart', async (_, sql) => {
    const error = await failureOf({ 'gold/g': sql });
    expect(error).toMatchObject({ code: 'E_LINEAGE' });
    expect(error.message).toContain(`gold.g.p ← ${BORN}`);
  });
});

describe('what is raw only may', () => {
  it.each<[string, Record<string, string>]>([
    ['be in silver', { 'silver/s': PEOPLE }],
    [
      'stand beside what gold shows',
      { 'silver/s': PEOPLE, 'gold/g': 'select country, count(*) as people from silver.s group by 1' },
    ],
    [
      'be shown where the head says why, column by column',
      {
        'silver/s': PEOPLE,
        'gold/g': `${head('table', '-- exposes: p because the office asks for decades\n-- exposes: q, country because of the law\n')}
          select year(born) // 10 as p, max(born) as q, country from silver.s group by all`,
      },
    ],
  ])('%s', async (_, models) => {
    await expect(load(models)).resolves.toBeDefined();
  });

  it('be shown with the reason beside it', async () => {
    const lineage = await traceModels(project, {
      'gold/g': `${head('table', '-- exposes: p because of the law\n')}select birthday as p, country from bronze.persons`,
    });
    expect(lineage[0]?.columns.map(({ name, exposes }) => [name, exposes])).toEqual([
      ['p', 'of the law'],
      ['country', null],
    ]);
  });
});
