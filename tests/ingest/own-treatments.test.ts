import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeEach, describe, expect, it } from 'vitest';
import { adoptFile } from '../../src/actions/adopt/adopt-file.js';
import { explainPipeline } from '../../src/actions/explain/explain-pipeline.js';
import { verifyLake } from '../../src/actions/verify/verify-lake.js';
import { FAKE_LISTS } from '../../src/anonymize/fake-lists.js';
import { LakeveilError } from '../../src/base/errors.js';
import { DATE, makeProject, type SmallProject } from './land-project.js';

const BAND = "case when value < 50 then 'low' else 'high' end";

function writePage(band = BAND): string {
  return `
pipeline: shop
source: { base_url: 'file:data' }
datasets:
  shop_stays:
    time: by_date
    request: { path: '/{date}.ndjson', format: ndjson }
    contract:
      schema:
        type: object
        required: [guest, from, till, name, paid]
        properties:
          guest: { type: string, minLength: 6, maxLength: 40, x-pii: direct }
          from: { type: string, format: date, x-pii: quasi }
          till: { type: string, format: date-time, x-pii: quasi }
          name: { type: string, maxLength: 100, x-pii: direct }
          paid: { type: number, format: decimal, x-scale: 2, minimum: 0, maximum: 100000, x-pii: none }
    landing:
      guest_token: { from: guest, treat: token, scope: guest }
      from: { from: from, treat: shift_date, subject: guest, days: 200 }
      till: { from: till, treat: shift_date, subject: guest, days: 200 }
      name: { from: name, treat: fake, kind: last_name }
      paid: { from: paid, treat: bucket, min: 0, max: 100, width: 25 }
      band:
        from: paid
        treat: sql
        expression: ${band}
        shape: value in ('low', 'high')
`;
}

const GUESTS = [
  { guest: 'kanary-ann', from: '2026-02-01', till: '2026-02-08T10:00:00Z', name: 'Kanaryann', paid: 12.5 },
  { guest: 'kanary-bo', from: '2026-02-01', till: '2026-02-03T10:00:00Z', name: 'Kanarybo', paid: 75 },
  { guest: 'kanary-ann', from: '2026-02-10', till: '2026-02-11T23:59:00Z', name: 'Kanaryann', paid: 100 },
];
const LINES = GUESTS.map((guest) => JSON.stringify(guest)).join('\n');

let project: SmallProject;
beforeEach(async () => {
  project = await makeProject({ 'pipelines/shop.yaml': writePage(), [`data/${DATE}.ndjson`]: LINES });
});

const FILE = '2026/03/01/shop_stays.parquet';

interface Stay {
  readonly guest_token: string;
  readonly from: string;
  readonly till: string;
  readonly name: string;
  readonly paid: string;
  readonly band: string;
}

describe('ranges, made-up names, shifted dates and expressions', () => {
  it('land, with what is theirs, and nothing of the records', async () => {
    await project.land();
    const rows = (await project.rows(FILE)) as Stay[];
    const days = ({ from, till }: Stay) => (Date.parse(till) - Date.parse(from)) / 86_400_000;
    expect(rows.map(days)).toEqual([7, 2, 1]);
    expect(Date.parse(rows[2]?.from ?? '') - Date.parse(rows[0]?.from ?? '')).toBe(9 * 86_400_000);
    expect(rows.map(({ paid }) => paid)).toEqual(['[0-25]', '[75-100]', '>=100']);
    expect(rows.map(({ band }) => band)).toEqual(['low', 'high', 'high']);
    expect(rows[0]?.name).toBe(rows[2]?.name);
    for (const { name } of rows) expect(FAKE_LISTS.last_name).toContain(name);
    for (const { from } of rows) expect(['2026-02-01', '2026-02-10']).not.toContain(from);
    expect(JSON.stringify(rows).toLowerCase()).not.toContain('kanary');
  });

  it('are verified by what the manifest says', async () => {
    await project.land();
    const { columns, key_id: keyId } = await project.manifest('2026/03/01/shop_stays.manifest.json');
    expect(keyId).toBe('k1');
    expect(columns.find(({ name }) => name === 'name')?.params).toEqual({
      kind: 'last_name',
      list_sha256: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    });
    expect(await verifyLake(await project.open(), { date: null })).toMatchObject({
      status: 'clean',
      rows: 3,
    });
  });

  it.each([
    ['name', "'Kanaryann'"],
    ['paid', "'12.50'"],
    ['band', "'12.50'"],
    ['from', "date '99999-01-01'"],
  ])('are not adopted where %s lacks its shape', async (column, cell) => {
    await project.land();
    const other = join(project.dir, 'other.parquet');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const landed = join(project.dir, 'data_lake', 'raw', FILE);
    await connection.run(`copy (select * replace (${cell} as "${column}") from '${landed}') to '${other}'`);
    instance.closeSync();
    const adopted = adoptFile(await project.open(), { file: other, dataset: 'shop_stays', date: DATE });
    await expect(adopted).rejects.toMatchObject({ code: 'E_SHAPE', exit: 5 });
  });

  it('are explained with what they still tell', async () => {
    const { datasets } = explainPipeline(await project.open(), 'shop');
    const columns = datasets[0]?.columns ?? [];
    expect(columns.map(({ column, reveals }) => [column, reveals]).slice(1)).toEqual([
      ['from', 'days between the dates of a subject, and each date within 200 days'],
      ['till', 'days between the dates of a subject, and each date within 200 days'],
      ['name', 'equality, loosely: several values share a made-up one'],
      ['paid', 'the range'],
      ['band', 'what its expression lets through, as its author states'],
    ]);
    expect(JSON.stringify(datasets)).not.toContain('Abbott');
  });
});

describe('an expression', () => {
  async function refusalOf(work: Promise<unknown>): Promise<LakeveilError> {
    const error: unknown = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (error instanceof LakeveilError) return error;
    throw new Error('nothing was refused');
  }

  it('that an engine refuses is told with its place in the page', async () => {
    const text = writePage('value * 2');
    await writeFile(join(project.dir, 'pipelines/shop.yaml'), text);
    const { code, message, where } = await refusalOf(project.open());
    const line = text.split('\n').findIndex((one) => one.includes('expression:')) + 1;
    expect([code, where.file, where.line]).toEqual(['E_DEFINITION', 'pipelines/shop.yaml', line]);
    expect(message).toContain('`expression` of column band: it gives');
  });

  it('that fails for a value fails the run, and tells nothing of it', async () => {
    const text = writePage().replace(
      'band:\n        from: paid',
      'band:\n        reviewed: "a test"\n        from: name',
    );
    const failing = text.replace(BAND, "case when cast(value as bigint) < 50 then 'low' else 'high' end");
    await writeFile(join(project.dir, 'pipelines/shop.yaml'), failing);
    const error = await refusalOf(project.land());
    expect(error).toMatchObject({ code: 'E_MASK' });
    expect(`${JSON.stringify(error)} ${error.message} ${error.stack ?? ''}`).not.toContain('Kanary');
    await expect(project.rows(FILE)).rejects.toThrow();
  });

  it('whose output misses its shape lands nothing', async () => {
    const wrong = writePage("case when value < 50 then 'low' else 'other' end");
    await writeFile(join(project.dir, 'pipelines/shop.yaml'), wrong);
    expect(await refusalOf(project.land())).toMatchObject({ code: 'E_SHAPE', exit: 5 });
    await expect(project.rows(FILE)).rejects.toThrow();
  });
});
