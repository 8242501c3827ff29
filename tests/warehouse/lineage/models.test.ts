import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LakeveilError } from '../../../src/base/errors.js';
import { loadProject } from '../../../src/warehouse/project.js';
import { describePipeline, landed, makeProject, type Project, writeSql } from '../lake-fixture.js';
import { head, loadModels, type Models, PEOPLE, refusalOf } from './load-models.js';

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
      ['gold.g.p', 'silver.s.(1)', BORN],
    ],
    [
      'through one of two columns of a name, which DuckDB gives a number',
      {
        'silver/s': 'select country as c, birthday as c, city as c_1 from bronze.persons',
        'gold/g': 'select c_1 as p from silver.s',
      },
      ['gold.g.p', 'silver.s.c_1', BORN],
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

  it('by a name that is no column, and so stands for all that is read', async () => {
    const error = await failureOf({ 'gold/g': 'select rowid as p from bronze.persons' });
    expect(error).toMatchObject({ code: 'E_LINEAGE' });
    expect(error.message).toContain('(`rowid` is no column, and stands for all that is read)');
    expect(error.message).toContain(`gold.g.p ← ${BORN}`);
  });

  it('by columns that cannot be listed', async () => {
    const error = await failureOf({ 'gold/g': 'select unnest([birthday]) as p from bronze.persons' });
    expect(error).toMatchObject({ code: 'E_LINEAGE' });
    const open = await failureOf({
      'gold/g': `${head('table', '-- exposes: p because WHY\n')}select unnest([birthday]) as p from bronze.persons`,
    });
    expect(open.message).toContain('gold.g.*');
  });
});

describe('a gold column by SQL that is not known here is refused, with its way', () => {
  const strange = (of: string) => `select country as c from bronze.${of} at (version => 1)`;

  /** A project in which nothing is raw only. */
  async function failureWithoutRaw(models: Readonly<Record<string, string>>): Promise<LakeveilError> {
    for (const [name, sql] of Object.entries(models))
      await writeSql(project, `persons/${name}.sql`, head() + sql);
    const pipeline = describePipeline(project);
    const columns = [landed('country')];
    const datasets = [{ name: 'persons', time: 'seeded', tokens: [], checks: [], columns }] as const;
    const error: unknown = await loadProject([{ ...pipeline, datasets }]).catch((thrown: unknown) => thrown);
    return error as LakeveilError;
  }

  it.each<[string, Record<string, string>, string]>([
    [
      'of its own',
      { 'gold/g': 'select silver.f(country) as p from bronze.persons' },
      'gold.g.p may be made of anything: `function f` of SQL is not known to lineage',
    ],
    [
      'of a table on its way',
      { 'silver/s': strange('persons'), 'gold/g': 'select c as p from silver.s' },
      'gold.g.p may be made of anything: `BASE_TABLE.at_clause` of SQL is not known to lineage: gold.g.p ← silver.s.c',
    ],
  ])('%s', async (_, models, message) => {
    const error = await failureWithoutRaw(models);
    expect(error).toMatchObject({ code: 'E_LINEAGE', exit: 2, message });
    expect(error.remedy).toContain('-- exposes: p because WHY');
  });

  it('and told as what may be raw only, where anything is', async () => {
    const error = await failureOf({
      'silver/s': strange('persons'),
      'gold/g': 'select c as p from silver.s',
    });
    expect(error.message).toBe(
      'gold.g.p is made of persons.birthday, which is raw only (`BASE_TABLE.at_clause` is not known to lineage, ' +
        `and stands for all that is read): gold.g.p ← silver.s.c ← ${BORN}`,
    );
  });

  it('but not in silver, nor where it only chooses rows', async () => {
    const models = {
      'silver/s': strange('persons'),
      'gold/g': 'select country from bronze.persons where silver.f(birthday) group by country',
    };
    await expect(load(models)).resolves.toBeDefined();
  });
});

describe('what is raw only may', () => {
  it.each<[string, Record<string, string>]>([
    ['be in silver', { 'silver/s': PEOPLE }],
    [
      'choose rows of gold',
      {
        'silver/s': PEOPLE,
        'gold/g': "select country from silver.s where born < '1950-01-01' group by country, born",
      },
    ],
    [
      'stand beside what gold shows',
      { 'silver/s': PEOPLE, 'gold/g': 'select country, count(*) as people from silver.s group by 1' },
    ],
    [
      'be shown where the head says why, column by column',
      {
        'silver/s': PEOPLE,
        'gold/g': `${head('table', '-- exposes: p because the office asks for decades\n-- exposes: q because of the law\n')}
          select year(born) // 10 as p, max(born) as q, country from silver.s group by all`,
      },
    ],
  ])('%s', async (_, models) => {
    await expect(load(models)).resolves.toBeDefined();
  });

  it('be shown with the reason beside it', async () => {
    const { lineage } = await load({
      'gold/g': `${head('table', '-- exposes: p because of the law\n')}select birthday as p, country from bronze.persons`,
    });
    expect(lineage[0]?.columns.map(({ name, exposes }) => [name, exposes])).toEqual([
      ['p', 'of the law'],
      ['country', null],
    ]);
  });
});
