import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  landPeople,
  makeProject,
  type Project,
  readPublished,
  transform,
  WHO,
  writeModel,
} from './lake-fixture.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const model = (select: string) => `-- description: x\n-- materialize: incremental by day\n${select}`;

describe('an incremental model', () => {
  it.each([
    ['a date that a record tells', 'select person_token, birthday as day from bronze.persons'],
    ['a constant', `select person_token, date '2026-11-18' as day, _ingest_date from bronze.persons`],
    ['the month', `select person_token, date_trunc('month', _ingest_date) as day from bronze.persons`],
    ['the day before', 'select person_token, _ingest_date - 1 as day from bronze.persons'],
    ['one of two dates', 'select coalesce(birthday, _ingest_date) as day from bronze.persons'],
    ['another column of a dated model', 'select country as day, ingest_date from silver.who'],
    [
      'a date of a record by a way round',
      'with people as (select birthday as day from bronze.persons) select people.day from people',
    ],
  ])('is refused by %s', async (_, select) => {
    await writeModel(project);
    await writeModel(project, model(select), 'by_day');
    await expect(transform(project, {})).rejects.toMatchObject({
      code: 'E_MODEL',
      message: 'silver.by_day: day is not the landing date of its rows',
      where: { file: 'sql/persons/silver/by_day.sql', model: 'silver.by_day' },
    });
  });

  it.each([
    ['the date of bronze', 'select person_token, _ingest_date as day from bronze.persons'],
    ['the date of a dated model', 'select country, ingest_date as day from silver.who'],
    [
      'the date by a way round',
      `with people as (select p._ingest_date as day, p.country from bronze.persons as p)
       select country, day from people union all select country, ingest_date from silver.who`,
    ],
  ])('is built by %s', async (_, select) => {
    await writeModel(project, WHO);
    await writeModel(project, model(select), 'by_day');
    const partitions = [await landPeople(project, '2026-11-18'), await landPeople(project, '2026-11-19')];
    await transform(project, { partitions });
    const days = 'select distinct day::varchar from silver.by_day order by all';
    expect(await readPublished(project, days)).toEqual([['2026-11-18'], ['2026-11-19']]);
  });
});
