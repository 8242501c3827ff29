import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
      'country is not made of anything raw only',
    ],
    [
      'of a column that there is not',
      '-- exposes: p because A\n-- exposes: q because B\n',
      'E_LINEAGE',
      'names q, which it has no column of',
    ],
    ['without a reason', '-- exposes: p\n', 'E_MODEL', 'names no column, or no reason'],
    ['with an empty reason', '-- exposes: p because\n', 'E_MODEL', 'names no column, or no reason'],
    [
      'twice of one column',
      '-- exposes: p because A\n-- exposes: p because B\n',
      'E_MODEL',
      'names no column, or no reason',
    ],
  ])('is refused: %s', async (_, lines, code, message) => {
    const error = await failureOf(gold(lines));
    expect(error).toMatchObject({ code, exit: 2 });
    expect(error.message).toContain(message);
  });

  it('is refused in silver, which shows nothing', async () => {
    const error = await failureOf({
      'silver/s': `${head('table', '-- exposes: born because WHY\n')}${PEOPLE}`,
    });
    expect(error).toMatchObject({ code: 'E_MODEL' });
    expect(error.message).toContain('`exposes` is for gold only');
  });
});

describe('the lineage of models', () => {
  it('is that of the tables as they are kept', async () => {
    const { lineage } = await load({
      'silver/latest': `${head('upsert on person_token')}select person_token, upper(city) as city, _ingest_date, _slot, _position from bronze.persons where country is not null`,
      'silver/known': `${head('history on person_token (city)')}select person_token, city, gender, _ingest_date, _slot, _position from bronze.persons`,
      'gold/g': 'select city, count(*) as people, 1 as one from silver.latest group by city',
    });
    const told = lineage.map(({ model, columns, indirect }) => [
      model,
      columns.map(({ name, landed }) => [name, ...landed.map(({ column }) => column)].join(' ')),
      indirect.map(({ column }) => column).join(' '),
    ]);
    const chosen = '_ingest_date _position _slot';
    expect(told).toEqual([
      ['silver.latest', ['person_token person_token', 'city city'], `${chosen} country person_token`],
      ['gold.g', ['city city', 'people', 'one'], `${chosen} city country person_token`],
      [
        'silver.known',
        [
          ...['person_token person_token', 'city city', 'gender gender'],
          ...['valid_from _ingest_date city person_token', 'valid_to _ingest_date city person_token'],
        ],
        `${chosen} city person_token`,
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
    const { lineage } = await loadProject([{ ...pipeline, datasets: [persons] }]);
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
