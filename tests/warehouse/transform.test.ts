import { mkdir, readFile, readdir, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/run-record.js';
import type { LandedPartition } from '../../src/warehouse/landed-partition.js';
import {
  describePipeline,
  landRows,
  landedPerson,
  makeProject,
  quietEffects,
  readPublished,
  transform,
  writeSql,
} from './lake-fixture.js';
import type { Project } from './lake-fixture.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const MODEL = `-- description: who
-- materialize: incremental by ingest_date
select person_token, country, _ingest_date as ingest_date from bronze.persons`;
const ROWS = 'select person_token, country, ingest_date from silver.who order by all';
const BUILDS = 'select date, run_id from ops.builds order by all';

const writeModel = (text = MODEL, name = 'who') => writeSql(project, `persons/silver/${name}.sql`, text);
const land = (date: string, country = 'Germany', people = 2) =>
  landRows(
    project,
    date,
    Array.from({ length: people }, (_, person) => landedPerson(person, { country })),
  );
const bytesOf = (path: string) => readFile(path).then((bytes) => bytes.toString('base64'));

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
    const old = [
      { name: 'person_token', type: 'VARCHAR' },
      { name: 'zipcode', type: 'BIGINT' },
    ] as const;
    const partitions = [
      await landRows(project, '2026-11-18', [{ person_token: 'a', zipcode: 7 }], { columns: old }),
      await land('2026-11-19', 'Peru', 1),
    ];
    const columns = [
      { name: 'zipcode', type: 'VARCHAR' },
      { name: 'country', type: 'VARCHAR' },
      { name: 'added_later', type: 'DOUBLE' },
    ] as const;
    await transform(project, {
      partitions,
      pipelines: [describePipeline(project, [{ name: 'persons', columns }])],
    });
    const sql = 'select zipcode, country, added_later from bronze.persons order by _ingest_date';
    expect(await readPublished(project, sql)).toEqual([
      ['7', null, null],
      ['10', 'Peru', null],
    ]);
  });

  it('show a landing column that bears the name of DuckDB’s own column for the path', async () => {
    const columns = [{ name: 'filename', type: 'VARCHAR' }] as const;
    const pipelines = [describePipeline(project, [{ name: 'persons', columns }])];
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

describe('a transform', () => {
  it('gives the models with their rows, over all dates', async () => {
    await writeModel();
    const partitions = [await land('2026-11-19'), await land('2026-11-20', 'Peru', 3)];
    expect(await transform(project, { partitions })).toEqual([{ model: 'silver.who', rows: 5 }]);
  });

  it('makes anew the dates that changed, are asked for or are new, and no others', async () => {
    await writeModel();
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
    await writeModel();
    await writeModel(
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
    await writeModel();
    await writeModel(
      '-- description: n\n-- materialize: incremental by day\nselect country, ingest_date as day from silver.who',
      'countries',
    );
    const partitions = [await land('2026-11-18'), await land('2026-11-19')];
    await transform(project, { partitions });
    await writeModel(MODEL.replace(' country,', ` upper(country) as country,`));
    await transform(project, { partitions });
    expect(await readPublished(project, 'select distinct country from silver.countries')).toEqual([
      ['GERMANY'],
    ]);
  });

  it('ends tables and views of models that are gone', async () => {
    await writeModel(MODEL.replace('who\n', 'who\n-- publish: main.everybody\n'));
    await transform(project, { partitions: [await land('2026-11-18')] });
    await unlink(join(project.root, 'sql/persons/silver/who.sql'));
    await transform(project, {});
    const sql = `select table_schema || '.' || table_name from information_schema.tables
      where table_schema in ('silver', 'gold', 'main')`;
    expect(await readPublished(project, sql)).toEqual([]);
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
    await writeModel();
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

describe('the published file', () => {
  it('stays as it was, with nothing left beside it, when a check fails', async () => {
    await writeModel();
    await transform(project, { partitions: [await land('2026-11-18')] });
    const before = await bytesOf(project.databasePath);
    await writeSql(
      project,
      'persons/checks/no_peru.sql',
      `-- severity: error\nselect country from silver.who where country = 'Peru'`,
    );
    const broken = transform(project, { partitions: [await land('2026-11-19', 'Peru')] });
    await expect(broken).rejects.toMatchObject({ code: 'E_CHECK_FAILED', exit: 4 });
    expect(await bytesOf(project.databasePath)).toBe(before);
    expect(await readdir(dirname(project.databasePath))).toEqual(['lake.duckdb']);
  });

  it('is published in spite of a check that only warns, which ops.checks shows', async () => {
    await writeModel();
    await writeSql(
      project,
      'persons/checks/any.sql',
      '-- severity: warn\nselect person_token from silver.who',
    );
    await transform(project, { partitions: [await land('2026-11-18')] });
    expect(await readPublished(project, 'select * from ops.checks')).toEqual([['any', 'warn', '2']]);
  });

  it('stays as it was when a model fails while it runs, and the error has no cell in it', async () => {
    await writeModel();
    await transform(project, { partitions: [await land('2026-11-18')] });
    const before = await bytesOf(project.databasePath);
    await writeModel(MODEL.replace('country', 'cast(country as integer) as country'));
    const error: unknown = await transform(project, {
      partitions: [await land('2026-11-19', 'Kanarienvogel')],
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'E_SQL_RUN', where: { file: 'sql/persons/silver/who.sql' } });
    expect(JSON.stringify([error, String(error), (error as Error).stack])).not.toMatch(
      /Kanarienvogel|Germany/,
    );
    expect(await bytesOf(project.databasePath)).toBe(before);
  });

  it('is swapped under an open reader, which goes on with the old one', async () => {
    await writeModel();
    await transform(project, { partitions: [await land('2026-11-18')] });
    const reader = await DuckDBInstance.create(project.databasePath, { access_mode: 'READ_ONLY' });
    const connection = await reader.connect();
    await transform(project, { partitions: [await land('2026-11-18'), await land('2026-11-19')] });
    const old = await connection.runAndReadAll('select count(*) from silver.who');
    expect(old.getRowsJson()).toEqual([['2']]);
    reader.closeSync();
    expect(await readPublished(project, 'select count(*) from silver.who')).toEqual([['4']]);
  });

  it('sweeps what a dead transform left', async () => {
    const leftover = join(dirname(project.databasePath), '.next', 'dead.duckdb');
    await mkdir(dirname(leftover), { recursive: true });
    await writeFile(leftover, 'half a file');
    await transform(project, {});
    expect(await readdir(dirname(project.databasePath))).toEqual(['lake.duckdb']);
  });

  it('is built from nothing when another version made it', async () => {
    await writeModel();
    const partitions = [await land('2026-11-18')];
    await transform(project, { partitions, runId: 'a', toolVersion: '1' });
    await transform(project, { partitions, runId: 'b', toolVersion: '2' });
    expect(await readPublished(project, BUILDS)).toEqual([['2026-11-18', 'b']]);
  });

  it('is never put in the place of something else', async () => {
    await mkdir(dirname(project.databasePath));
    await writeFile(project.databasePath, 'a letter to my grandmother');
    for (const dates of ['all', []] as const) {
      const broken = transform(project, { dates });
      await expect(broken).rejects.toMatchObject({ code: 'E_NOT_A_DATABASE', exit: 6 });
    }
    expect(await readFile(project.databasePath, 'utf8')).toBe('a letter to my grandmother');
  });

  it('is never put in the place of the database of another program', async () => {
    await mkdir(dirname(project.databasePath));
    const other = await DuckDBInstance.create(project.databasePath);
    await (await other.connect()).run('create table accounts as select 1 as id');
    other.closeSync();
    const { size } = await stat(project.databasePath);
    await expect(transform(project, { dates: 'all' })).rejects.toMatchObject({
      code: 'E_DATABASE_FOREIGN',
      exit: 6,
    });
    expect((await stat(project.databasePath)).size).toBe(size);
  });

  it('is not touched when a landed file is gone', async () => {
    const partition = await land('2026-11-18');
    for (const file of partition.files) await unlink(file);
    const broken = transform(project, { partitions: [partition] });
    await expect(broken).rejects.toMatchObject({ code: 'E_LAKE_DAMAGED', exit: 6 });
    await expect(stat(project.databasePath)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is not touched when the transform is interrupted', async () => {
    await writeModel();
    const abort = new AbortController();
    abort.abort(new Error('stopped'));
    await expect(transform(project, { effects: quietEffects(abort.signal) })).rejects.toThrow('stopped');
    expect(await readdir(dirname(project.databasePath))).toEqual([]);
  });
});

const RUN: RunRecord = {
  format: 1,
  run_id: 'r1',
  command: 'run',
  pipeline: 'persons',
  date: '2026-11-18',
  slot: null,
  status: 'succeeded',
  started_at: '2026-11-20T00:00:00.000Z',
  finished_at: '2026-11-20T00:00:01.000Z',
  tool_version: '1',
  stages: [],
  datasets: [
    {
      dataset: 'persons',
      fetched: 3,
      landed: 2,
      rejected: 1,
      duplicates: 0,
      forgotten: 0,
      partition: null,
      partitions: [],
      rejects: [{ code: 'missing', path: 'email', count: 1 }],
      nulled: [],
      drift: [{ kind: 'new_field', path: 'ssn', count: 3 }],
      singled_out: 0.5,
      unchanged: false,
    },
  ],
  models: [],
  error: null,
  healed: [],
  cpu_ms: 1.5,
  peak_memory_bytes: 1000,
};
