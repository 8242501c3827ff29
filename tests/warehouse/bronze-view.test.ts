import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  describePipeline,
  landed,
  landPeople,
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

const land = (date: string, country?: string, people?: number) => landPeople(project, date, country, people);

describe('bronze views', () => {
  it('are typed and empty before anything has landed', async () => {
    await transform(project, {});
    const sql = `select column_type from (describe bronze.persons) where column_name in
      ('birthday', 'latitude', '_ingest_date', '_landed_at', '_run_id')`;
    expect(await readPublished(project, sql)).toEqual([
      ['DATE'],
      ['DOUBLE'],
      ['DATE'],
      ['VARCHAR'],
      ['TIMESTAMP WITH TIME ZONE'],
    ]);
    expect(await readPublished(project, 'select count(*) from bronze.persons')).toEqual([['0']]);
  });

  it('show date, run, source and time of landing of each row', async () => {
    await transform(project, { partitions: [await land('2026-11-19', 'Peru', 1)] });
    const sql = `select country, _ingest_date, _slot, _run_id, _source,
      epoch_ms(_landed_at) = epoch_ms(timestamptz '2026-11-20 01:02:03+00') from bronze.persons`;
    expect(await readPublished(project, sql)).toEqual([
      ['Peru', '2026-11-19', null, 'run', 'https://api.example/api/v2/persons', true],
    ]);
  });

  it('cast old files to the landing list of now, with null for what they lack', async () => {
    const old = [landed('person_token', 'VARCHAR'), landed('zipcode', 'BIGINT')];
    const partitions = [
      await landRows(project, '2026-11-18', [{ person_token: 'a', zipcode: 7 }], { columns: old }),
      await land('2026-11-19', 'Peru', 1),
    ];
    const columns = [
      landed('zipcode', 'VARCHAR'),
      landed('country', 'VARCHAR'),
      landed('added_later', 'DOUBLE'),
    ];
    await transform(project, {
      partitions,
      pipelines: [
        describePipeline(project, [{ name: 'persons', time: 'seeded', columns, tokens: [], checks: [] }]),
      ],
    });
    const sql = 'select zipcode, country, added_later from bronze.persons order by _ingest_date';
    expect(await readPublished(project, sql)).toEqual([
      ['7', null, null],
      ['10', 'Peru', null],
    ]);
  });

  it('show a landing column that bears the name of DuckDB’s own column for the path', async () => {
    const columns = [landed('filename', 'VARCHAR')];
    const pipelines = [
      describePipeline(project, [{ name: 'persons', time: 'seeded', columns, tokens: [], checks: [] }]),
    ];
    const partitions = [await landRows(project, '2026-11-18', [{ filename: 'mine' }], { columns })];
    await transform(project, { partitions, pipelines });
    const sql = 'select filename, _ingest_date, _run_id from bronze.persons';
    expect(await readPublished(project, sql)).toEqual([['mine', '2026-11-18', 'run']]);
  });

  it('read one file of many when a date is asked for', async () => {
    const dates = Array.from({ length: 5 }, (_, day) => `2026-11-0${day + 1}`);
    await transform(project, { partitions: await Promise.all(dates.map((date) => land(date))) });
    const sql = `explain analyze select country from bronze.persons where _ingest_date = date '2026-11-03'`;
    expect(JSON.stringify(await readPublished(project, sql))).toMatch(/Scanning Files: 1\/5/);
  });
});
