import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { traceLineage } from '../../../src/warehouse/lineage/trace-lineage.js';
import { withProject } from '../../../src/warehouse/project.js';
import { describePipeline, landed, makeProject, type Project, writeSql } from '../lake-fixture.js';
import { head, loadModels, type Models, PEOPLE, refusalOf, traceModels } from './load-models.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const load = (models: Models) => loadModels(project, models);
const failureOf = (models: Models) => refusalOf(project, models);

describe('a head that says `exposes`', () => {
  const gold = (lines: string, sql = 'select birthday as p, country from bronze.persons') => ({
    'gold/g': `${head('table', lines)}${sql}`,
  });

  it.each([
    [
      'of another column than the one that shows it',
      '-- exposes: country because WHY\n',
      'E_LINEAGE',
      'gold.g.p',
    ],
    [
      'of a column that shows no such thing',
      '-- exposes: p because A\n-- exposes: country because B\n',
      'E_LINEAGE',
      'country does not derive from a raw-only column',
    ],
    [
      'of a column that there is not',
      '-- exposes: p because A\n-- exposes: q because B\n',
      'E_LINEAGE',
      'names q, which is not a column',
    ],
    ['without a reason', '-- exposes: p\n', 'E_MODEL', 'needs a column and a reason'],
    ['with an empty reason', '-- exposes: p because\n', 'E_MODEL', 'needs a column and a reason'],
    [
      'twice of one column',
      '-- exposes: p because A\n-- exposes: p because B\n',
      'E_MODEL',
      'needs a column and a reason',
    ],
  ])('is refused: %s', async (_, lines, code, message) => {
    const error = await failureOf(gold(lines));
    expect(error).toMatchObject({ code, exit: 2 });
    expect(error.message).toContain(message);
  });

  it('may name several columns with one reason', async () => {
    const sql = 'select birthday as p, birthday - 1 as q from bronze.persons';
    await expect(load(gold('-- exposes: p, q because of the law\n', sql))).resolves.toBeDefined();
    const error = await failureOf(gold('-- exposes: p, p because of the law\n', sql));
    expect(error).toMatchObject({ code: 'E_MODEL' });
  });
});

describe('`exposes` in silver', () => {
  const silver = (lines: string) => ({ 'silver/s': `${head('table', lines)}${PEOPLE}` });
  const ages = {
    'gold/g': 'select born, count(*) as people from silver.s where born is not null group by born',
  };

  it('ends the restriction for all that is built on the column', async () => {
    await expect(load({ ...silver('-- exposes: born because WHY\n'), ...ages })).resolves.toBeDefined();
  });

  it('ends it for no other column', async () => {
    const error = await failureOf({ ...silver('-- exposes: country because WHY\n'), ...ages });
    expect(error).toMatchObject({ code: 'E_LINEAGE', where: { file: 'sql/persons/silver/s.sql' } });
    expect(error.message).toContain('country does not derive from a raw-only column');
  });

  it('may be said again where it has ended', async () => {
    const again = { 'gold/g': `${head('table', '-- exposes: born because AGAIN\n')}${ages['gold/g']}` };
    await expect(load({ ...silver('-- exposes: born because WHY\n'), ...again })).resolves.toBeDefined();
  });

  it('ends it for rows that a filter chooses where every column says why', async () => {
    const sql = "select country, city from bronze.persons where birthday < '1950-01-01'";
    const count = { 'gold/g': 'select count(*) as people from silver.s' };
    const one = await failureOf({
      'silver/s': `${head('table', '-- exposes: city because WHY\n')}${sql}`,
      ...count,
    });
    expect(one.message).toContain('gold.g.people ← silver.s ← bronze.persons.birthday');
    const all = { 'silver/s': `${head('table', '-- exposes: city, country because WHY\n')}${sql}`, ...count };
    await expect(load(all)).resolves.toBeDefined();
  });
});

describe('the lineage of models', () => {
  it('is that of the tables as they are kept', async () => {
    const lineage = await traceModels(project, {
      'silver/latest': `${head('upsert on person_token')}select person_token, upper(city) as city, _ingest_date, _slot, _position from bronze.persons where country is not null`,
      'silver/known': `${head('history on person_token (city)')}select person_token, city, gender, _ingest_date, _slot, _position from bronze.persons`,
      'gold/g': 'select city, count(*) as people, 1 as one from silver.latest group by city',
    });
    const told = lineage.map(({ model, columns, indirect }) => [
      model,
      columns.map(({ name, landed }) => [name, ...landed.map(({ column }) => column)].join(' ')),
      indirect.map(({ column }) => column).join(' '),
    ]);
    const latest = '_ingest_date _position _slot';
    const byCity = `${latest} city country person_token`;
    const islands = `${latest} city person_token`;
    expect(told).toEqual([
      [
        'silver.latest',
        [`person_token ${latest} country person_token`, `city ${byCity}`],
        `${latest} country person_token`,
      ],
      ['gold.g', [`city ${byCity}`, `people ${byCity}`, `one ${byCity}`], byCity],
      [
        'silver.known',
        [
          ...[`person_token ${islands}`, `city ${islands}`, `gender ${latest} city gender person_token`],
          ...[`valid_from ${islands}`, `valid_to ${islands}`],
        ],
        islands,
      ],
    ]);
  });

  it('bears the strictest class, with treatments', async () => {
    await writeSql(
      project,
      'persons/silver/s.sql',
      `${head()}select city || phone as p, city as q, 1 as r from bronze.persons`,
    );
    const pipeline = describePipeline(project);
    const columns = [
      { ...landed('city'), class: 'quasi' },
      { ...landed('phone'), class: 'direct', treatment: 'mask' },
    ] as const;
    const persons = { name: 'persons', time: 'seeded', tokens: [], checks: [], columns } as const;
    const lineage = await withProject([{ ...pipeline, datasets: [persons] }], ({ datasets }, open) =>
      traceLineage(open.instance, open.bound, datasets),
    );
    const told = lineage[0]?.columns.map(({ name, class: pii, landed }) => [
      name,
      pii,
      landed.map(({ treatment }) => treatment),
    ]);
    expect(told).toEqual([
      ['p', 'direct', ['keep', 'mask']],
      ['q', 'quasi', ['keep']],
      ['r', 'none', []],
    ]);
  });
});
