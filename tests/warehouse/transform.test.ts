import { rename, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LandedPartition } from '../../src/warehouse/landed-partition.js';
import {
  landPeople,
  makeProject,
  type Project,
  readPublished,
  RUN,
  transform,
  WHO,
  writeModel,
} from './lake-fixture.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const ROWS = 'select person_token, country, ingest_date from silver.who order by all';
const BUILDS = 'select date, run_id from ops.builds order by all';

const writeWho = (text?: string, name?: string) => writeModel(project, text, name);
const land = (date: string, country?: string, people?: number) => landPeople(project, date, country, people);

describe('a transform', () => {
  it('gives the models with their rows, over all dates', async () => {
    await writeWho();
    const partitions = [await land('2026-11-19'), await land('2026-11-20', 'Peru', 3)];
    expect(await transform(project, { partitions })).toEqual([
      { model: 'silver.who', pipeline: 'persons', rows: 5, built: 'full', dates: 2, singled_out: null },
    ]);
  });

  it('makes anew the dates that changed, are asked for or are new, and no others', async () => {
    await writeWho();
    const gone = await land('2026-11-15');
    const changed = await land('2026-11-16');
    const asked = await land('2026-11-17');
    const same = await land('2026-11-18');
    await transform(project, { partitions: [gone, changed, asked, same], runId: 'a' });
    const partitions = [await land('2026-11-16', 'Peru'), asked, same, await land('2026-11-19')];
    await transform(project, { partitions, dates: ['2026-11-17'], runId: 'b' });
    expect(await readPublished(project, BUILDS)).toEqual([
      ['2026-11-16', 'b'],
      ['2026-11-17', 'b'],
      ['2026-11-18', 'a'],
      ['2026-11-19', 'b'],
    ]);
    expect(await readPublished(project, 'select ingest_date, country from silver.who order by all')).toEqual(
      [
        ['2026-11-16', 'Peru'],
        ['2026-11-17', 'Germany'],
        ['2026-11-18', 'Germany'],
        ['2026-11-19', 'Germany'],
      ].flatMap((row) => [row, row]),
    );
  });

  it('leaves a table alone whose inputs and SQL are as they were', async () => {
    await writeWho();
    await writeWho(
      '-- description: n\n-- materialize: table\nselect count(*) as people from silver.who',
      'counted',
    );
    const partitions = [await land('2026-11-19')];
    await transform(project, { partitions, runId: 'a' });
    await transform(project, { partitions, runId: 'b' });
    expect(await readPublished(project, BUILDS)).toEqual([
      ['2026-11-19', 'a'],
      [null, 'a'],
    ]);
    await transform(project, { partitions: [...partitions, await land('2026-11-20')], runId: 'c' });
    expect(await readPublished(project, 'select people from silver.counted')).toEqual([['4']]);
  });

  it('makes all dates anew when the SQL text has changed, its own or that of what it reads', async () => {
    await writeWho();
    await writeWho(
      '-- description: n\n-- materialize: incremental by day\nselect country, ingest_date as day from silver.who',
      'countries',
    );
    const partitions = [await land('2026-11-18'), await land('2026-11-19')];
    await transform(project, { partitions });
    await writeWho(WHO.replace(' country,', ` upper(country) as country,`));
    await transform(project, { partitions });
    expect(await readPublished(project, 'select distinct country from silver.countries')).toEqual([
      ['GERMANY'],
    ]);
  });

  it('ends tables and views of models that are gone', async () => {
    await writeWho(WHO.replace('who\n', 'who\n-- publish: main.everybody\n'));
    await transform(project, { partitions: [await land('2026-11-18')] });
    await unlink(join(project.root, 'sql/persons/silver/who.sql'));
    await transform(project, {});
    const sql = `select table_schema || '.' || table_name from information_schema.tables
      where table_schema in ('silver', 'gold', 'main')`;
    expect(await readPublished(project, sql)).toEqual([]);
  });

  it('reads no part that is a link, not even to the same bytes', async () => {
    await writeWho();
    const partition = await land('2026-11-18');
    const [part = ''] = partition.files;
    await rename(part, `${part}.elsewhere`);
    await symlink(`${part}.elsewhere`, part);
    await expect(transform(project, { partitions: [partition] })).rejects.toMatchObject({
      code: 'E_LAKE_DAMAGED',
      message: expect.stringContaining('a link') as string,
    });
  });

  it('keeps manifests and ledger as tables', async () => {
    await transform(project, { partitions: [await land('2026-11-18')], runs: [RUN] });
    const tables = {
      'select file, "rows", fetched, landed, rejected, key_id, adopted, source from ops.partitions': [
        [
          'raw/2026/11/18/persons.parquet',
          '2',
          '3',
          '2',
          '1',
          'k1',
          false,
          'https://api.example/api/v2/persons',
        ],
      ],
      'select run_id, status, date, landed, rejected, error_code from ops.runs': [
        ['r1', 'succeeded', '2026-11-18', '2', '1', null],
      ],
      'select * from ops.rejects': [['r1', 'persons', 'persons', '2026-11-18', 'missing', 'email', '1']],
      'select * from ops.drift': [['r1', 'persons', 'persons', '2026-11-18', 'new_field', 'ssn', '3']],
    };
    for (const [sql, rows] of Object.entries(tables)) expect(await readPublished(project, sql)).toEqual(rows);
  });

  it('gives equal tables whatever the order and repetition of dates', async () => {
    await writeWho();
    const days = ['2026-11-16', '2026-11-17', '2026-11-18'];
    const landed = new Map<string, readonly LandedPartition[]>();
    for (const [index, day] of days.entries())
      landed.set(day, [await land(day, `Country ${index}`, index + 1)]);
    const all = [...landed.values()].flat();
    await transform(project, { partitions: all, dates: 'all' });
    const expected = await readPublished(project, ROWS);
    expect(expected).toHaveLength(6);
    const steps = fc.array(fc.subarray(days, { minLength: 1 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(steps, async (order) => {
        await transform(project, { dates: 'all' });
        for (const dates of order) {
          await transform(project, { partitions: dates.flatMap((day) => landed.get(day) ?? []), dates });
        }
        await transform(project, { partitions: all, dates: [] });
        expect(await readPublished(project, ROWS)).toEqual(expected);
      }),
      { numRuns: 6, seed: 7 },
    );
  });
});
