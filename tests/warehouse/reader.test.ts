import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReader, queryWarehouse } from '../../src/warehouse/published/open-reader.js';
import {
  describePipeline,
  landed,
  landedPerson,
  landRows,
  makeProject,
  type Project,
  transform,
} from './lake-fixture.js';

const ORDERS = [landed('item', 'VARCHAR')];
let project: Project;
let openFile: string;
let restrictedFile: string;
beforeAll(async () => {
  project = await makeProject();
  const persons = await landRows(project, '2026-11-20', [
    landedPerson(1),
    landedPerson(2, { country: 'Peru' }),
  ]);
  const orders = await landRows(project, '2026-11-20', [{ item: 'a hat' }], {
    dataset: 'orders',
    columns: ORDERS,
  });
  [restrictedFile, openFile] = [persons.files[0] ?? '', orders.files[0] ?? ''];
  const shipped = describePipeline(null);
  const datasets = [
    ...shipped.datasets,
    { name: 'orders', time: 'by_date' as const, columns: ORDERS, tokens: [], checks: [] },
  ];
  await transform(project, { partitions: [persons, orders], pipelines: [{ ...shipped, datasets }] });
});
afterAll(() => project.remove());

async function query(sql: string) {
  const reader = await openReader({ ...project, openZones: ['orders'], writeDir: null });
  try {
    return await queryWarehouse(reader, sql);
  } finally {
    reader.close();
  }
}

describe('a query', () => {
  it.each([
    ['select country from main.persons_anonymized order by country;', [['Germany'], ['Peru']]],
    ['select country from persons_anonymized order by country -- done;\n', [['Germany'], ['Peru']]],
    ['select item from bronze.orders', [['a hat']]],
    ['with persons as (select 1 as a) select a from persons', [[1]]],
    [
      `select '\ufeffa' as a, '\ufeff' || repeat('long', 9) as b, ['\ufeffa'] as c`,
      [['\ufeffa', `\ufeff${'long'.repeat(9)}`, '["\ufeffa"]']],
    ],
    ["select count(*) from information_schema.tables where table_schema = 'silver'", [[1]]],
  ])('answers %s', async (sql, rows) => {
    expect((await query(sql)).rows).toEqual(rows);
  });

  it.each(['show all tables', 'describe silver.persons_anonymized', 'summarize silver.persons_anonymized'])(
    'takes %s',
    async (sql) => {
      expect((await query(sql)).rows.length).toBeGreaterThan(0);
    },
  );

  it('gives values as JSON can hold them', async () => {
    const { columns, rows } = await query(`select 9007199254740991 as a, 9007199254740992::bigint as b,
      1.50::decimal(18, 2) as c, date '2026-01-02' as d, timestamptz '2026-01-02 03:04:05.678901+02' as e,
      'NaN'::double as f, null as g, true as h, 0.5::double as i, [1, null] as j, 'x' as k`);
    expect(rows).toEqual([
      [
        9007199254740991,
        '9007199254740992',
        '1.50',
        '2026-01-02',
        '2026-01-02T01:04:05.678901Z',
        'NaN',
        null,
        true,
        0.5,
        '[1,null]',
        'x',
      ],
    ]);
    expect(columns.map(({ kind }) => kind).join(' ')).toBe(
      'number number number text text number number boolean number nested text',
    );
  });

  it.each([
    ['select 1; select 2', /not a single SELECT/],
    ['insert into silver.persons_anonymized select * from silver.persons_anonymized', /not a single SELECT/],
    [`copy (select 1) to '/tmp/x.csv'`, /not a single SELECT/],
    [`attach '/tmp/x.db'`, /not a single SELECT/],
    ['pragma enable_profiling', /not a single SELECT/],
    [`set memory_limit = '9GB'`, /not a single SELECT/],
    ['explain analyze select 1', /not a single SELECT/],
    ['call duckdb_settings()', /not a single SELECT/],
    ['', /not a single SELECT/],
    ['selec 1', /syntax error at or near "selec"/],
    ['select nobody from silver.persons_anonymized', /"nobody" not found/],
    ['select 1 from silver.nothing', /Table with name nothing does not exist/],
    ['select $a', /parameters/],
    [`select content from read_text('/etc/passwd')`, /table function read_text/],
    [`select * from query('select 1')`, /table function query/],
    [`select (select content from read_text('/etc/passwd'))`, /table function read_text/],
    [`with a as (select * from glob('*')) select * from a`, /table function glob/],
    [`select * from '/etc/passwd'`, /is not a table/],
    [`select cast(country as integer) from silver.persons_anonymized`, /while it ran \(Conversion\)/],
    [`select error(country) from silver.persons_anonymized`, /function error, which is not on the list/],
  ])('is refused: %s', async (sql, message) => {
    const error: unknown = await query(sql).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'E_QUERY',
      exit: 2,
      message: expect.stringMatching(message) as string,
    });
    expect(JSON.stringify([error, String(error)])).not.toMatch(/Germany|Peru|root:/);
  });

  it.each([
    'select * from bronze.persons',
    'select * from BRONZE."Persons"',
    'select * from lake.bronze.persons',
    'select 1 where exists (select 1 from bronze.persons)',
    'with persons as (select * from bronze.persons) select * from persons',
    'select 1 order by (select count(*) from bronze.persons)',
    'summarize bronze.persons',
    "from (pivot bronze.persons on gender in ('male') using count(*))",
    'values ((select min(birthday) from bronze.persons))',
  ])('cannot reach a restricted raw zone: %s', async (sql) => {
    await expect(query(sql)).rejects.toMatchObject({ code: 'E_EXPORT_RAW', exit: 2 });
  });

  it('cannot open a file of a restricted raw zone even if its text were let through', async () => {
    const { enterPublished } = await import('../../src/warehouse/published/published-instance.js');
    const { connection, close } = await enterPublished({ ...project, openZones: ['orders'], writeDir: null });
    const count = (path: string) => connection.run(`select count(*) from read_parquet('${path}')`);
    await expect(count(restrictedFile)).rejects.toThrow(/Permission/);
    await expect(connection.run('select birthday from bronze.persons')).rejects.toThrow(/Permission/);
    await expect(connection.run(`copy (select 1) to '${project.root}/x.csv'`)).rejects.toThrow(/Permission/);
    await expect(connection.run('set enable_external_access = true')).rejects.toThrow();
    await expect(count(openFile)).resolves.toBeDefined();
    close();
  });

  it('says that there is no warehouse before there is one', async () => {
    const missing = { ...project, databasePath: join(project.root, 'elsewhere', 'lake.duckdb') };
    await expect(openReader({ ...missing, openZones: [], writeDir: null })).rejects.toMatchObject({
      code: 'E_NO_WAREHOUSE',
      exit: 2,
    });
    await mkdir(missing.databasePath, { recursive: true });
    await expect(openReader({ ...missing, openZones: [], writeDir: null })).rejects.toMatchObject({
      code: 'E_NOT_A_DATABASE',
      exit: 6,
    });
  });
});

describe('readers of one process', () => {
  it('see the file that was published when they were opened', async () => {
    const other = await makeProject();
    const sql = 'select count(*) from silver.persons_anonymized';
    const open = () => openReader({ ...other, openZones: [], writeDir: null });
    const land = (date: string) => landRows(other, date, [landedPerson(1)]);
    const pipelines = [describePipeline(null)];
    const partitions = [await land('2026-11-18')];
    await transform(other, { partitions, pipelines });
    const [old, beside] = [await open(), await open()];
    await transform(other, { partitions: [...partitions, await land('2026-11-19')], pipelines });
    const fresh = await open();
    expect((await queryWarehouse(old, sql)).rows).toEqual([[1]]);
    old.close();
    expect((await queryWarehouse(beside, sql)).rows).toEqual([[1]]);
    expect((await queryWarehouse(fresh, sql)).rows).toEqual([[2]]);
    beside.close();
    fresh.close();
    await other.remove();
  });
});
