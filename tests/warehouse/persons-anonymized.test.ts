import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  describePipeline,
  landedPerson,
  landRows,
  makeProject,
  type Project,
  readPublished,
  transform,
} from './lake-fixture.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const shipped = () => ({ pipelines: [describePipeline(null)] });

describe('persons_anonymized', () => {
  it('has exactly its eight columns, with types, before anything has landed', async () => {
    await transform(project, shipped());
    for (const table of ['silver.persons_anonymized', 'main.persons_anonymized']) {
      const columns = await readPublished(
        project,
        `select column_name, column_type from (describe ${table})`,
      );
      expect(columns).toEqual([
        ['person_token', 'VARCHAR'],
        ['country', 'VARCHAR'],
        ['country_code', 'VARCHAR'],
        ['city', 'VARCHAR'],
        ['gender', 'VARCHAR'],
        ['age_group', 'VARCHAR'],
        ['email', 'VARCHAR'],
        ['ingest_date', 'DATE'],
      ]);
      expect(await readPublished(project, `select count(*) from ${table}`)).toEqual([['0']]);
    }
  });

  it.each([
    ['2026-11-20', '[0-10]'],
    ['2016-11-21', '[0-10]'],
    ['2016-11-20', '[10-20]'],
    ['1966-11-21', '[50-60]'],
    ['1966-11-20', '[60-70]'],
    ['1936-11-21', '[80-90]'],
    ['1936-11-20', '[90+]'],
    ['1900-01-01', '[90+]'],
    ['2026-11-21', null],
    [null, null],
  ])('puts who was born on %s in group %s on the date of the partition', async (birthday, group) => {
    const partitions = [await landRows(project, '2026-11-20', [landedPerson(1, { birthday })])];
    await transform(project, { ...shipped(), partitions });
    const sql = 'select age_group, ingest_date from main.persons_anonymized';
    expect(await readPublished(project, sql)).toEqual([[group, '2026-11-20']]);
  });

  it('counts a leap day birthday as passed on the first of March', async () => {
    const person = landedPerson(1, { birthday: '2004-02-29' });
    const partitions = await Promise.all(
      ['2014-02-28', '2014-03-01'].map((date) => landRows(project, date, [person])),
    );
    await transform(project, { ...shipped(), partitions });
    const sql = 'select age_group from main.persons_anonymized order by ingest_date';
    expect(await readPublished(project, sql)).toEqual([['[0-10]'], ['[10-20]']]);
  });

  it.each([
    ['***@gmail.com', 'gmail.com'],
    ['***@other', 'other'],
    ['***', 'other'],
    ['***@', 'other'],
    [null, 'other'],
  ])('shows the masked address %s as %s', async (email, provider) => {
    const partitions = [await landRows(project, '2026-11-20', [landedPerson(1, { email })])];
    await transform(project, { ...shipped(), partitions });
    expect(await readPublished(project, 'select email from main.persons_anonymized')).toEqual([[provider]]);
  });

  it('is not published with a mail address in it', async () => {
    const person = landedPerson(1, { email: '***@jane@example.org' });
    const partitions = [await landRows(project, '2026-11-20', [person])];
    await expect(transform(project, { ...shipped(), partitions })).rejects.toMatchObject({
      code: 'E_CHECK_FAILED',
      message: 'check persons_anonymized_is_general found 1 row',
    });
  });
});
