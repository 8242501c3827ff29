import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import parquet from 'parquetjs-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adoptFile } from '../../src/actions/adopt/adopt-file.js';
import { verifyLake } from '../../src/actions/verify/verify-lake.js';
import { transform } from '../../src/pipeline.js';
import { DATE, makeTempFolder, removeTempFolders, snapshot } from '../lake/lake-fixture.js';
import { landPeople, maskPeople, type Person, readParquet } from '../lake/people.js';
import { makeProject } from '../lake/project.js';

/** Other implementations of Parquet: they read what we land, and we take in what they wrote. */

afterAll(removeTempFolders);

const TEXTS = [
  ...['person_token', 'email_token', 'firstname', 'lastname', 'email', 'phone'],
  ...['gender', 'street', 'city', 'zipcode', 'country', 'country_code'],
];
const NUMBERS = ['latitude', 'longitude'];
const COLUMNS = [...TEXTS.slice(0, 6), 'birthday', ...TEXTS.slice(6), ...NUMBERS];

type Row = Readonly<Record<string, unknown>>;

/**
 * A row in the words in which DuckDB gives JSON: days as text, nulls as null, and numbers as such (parquetjs-lite makes
 * text of what a dictionary holds).
 */
function normalize(row: Row): unknown[] {
  return COLUMNS.map((name) => {
    const value = row[name] ?? null;
    if (value instanceof Date) return value.toISOString().slice(0, 10);
    return value !== null && NUMBERS.includes(name) ? Number(value) : value;
  });
}

describe('what we land', () => {
  let files: string[] = [];
  let rows: unknown[][] = [];

  beforeAll(async () => {
    const person = (who: number): Person => ({
      who,
      birthday: who % 2 === 0 ? '1936-02-29' : '2004-12-31',
      city: who % 3 === 0 ? 'Köln' : 'Saint-Étienne',
      latitude: who % 5 === 0 ? null : -(who % 90),
    });
    const pages = Array.from({ length: 4 }, (_, page) =>
      Array.from({ length: 250 }, (__, i) => person(page * 250 + i)),
    );
    const masked = await maskPeople({ pages, pagesPerPart: 2 });
    const landed = await landPeople(masked, { compression: 'snappy' });
    files = landed.files.map(({ name }) => join(masked.stagingDir, name));
    const list = COLUMNS.map((name) => (name === 'birthday' ? 'birthday::varchar' : name)).join(', ');
    rows = await readParquet(files, list);
    expect(files).toHaveLength(2);
    expect(rows).toHaveLength(1_000);
  });

  it('is read by hyparquet with the same rows', async () => {
    const read: Row[] = [];
    for (const file of files) {
      read.push(...((await parquetReadObjects({ file: await asyncBufferFromFile(file) })) as Row[]));
    }
    expect(read.map(normalize)).toEqual(rows);
  });

  it('is read by parquetjs-lite with the same rows', async () => {
    const read: Row[] = [];
    for (const file of files) {
      const reader = await parquet.ParquetReader.openFile(file);
      const cursor = reader.getCursor();
      for (let row = await cursor.next(); row !== null; row = await cursor.next()) read.push(row);
      await reader.close();
    }
    expect(read.map(normalize)).toEqual(rows);
  });
});

/** Writes people as an older pipeline did. */
async function writeWithParquetJs(people: readonly Row[]): Promise<string> {
  const path = join(await makeTempFolder(), 'people.parquet');
  const text = { type: 'UTF8', optional: true, compression: 'SNAPPY' } as const;
  const schema = new parquet.ParquetSchema({
    ...Object.fromEntries(TEXTS.map((name) => [name, text])),
    birthday: { type: 'DATE' },
    latitude: { type: 'DOUBLE', optional: true },
    longitude: { type: 'DOUBLE', optional: true },
  });
  const writer = await parquet.ParquetWriter.openFile(schema, path);
  for (const person of people) await writer.appendRow(person);
  await writer.close();
  return path;
}

function maskedPerson(who: number, email: string): Row {
  return {
    person_token: `old_${String(who).padStart(32, '0')}`,
    email_token: `old_${String(who).padStart(32, 'e')}`,
    ...{ firstname: '***', lastname: '***', email, phone: '+49*****', gender: 'female', street: '***' },
    ...{ city: 'Köln', zipcode: '50', country: 'Germany', country_code: 'DE', latitude: 51 },
    birthday: new Date('1990-05-17T00:00:00.000Z'),
  };
}

describe('a partition that parquetjs-lite wrote', () => {
  it('is adopted, verified and transformed', async () => {
    const project = await makeProject();
    const file = await writeWithParquetJs([
      maskedPerson(1, '***@gmail.com'),
      maskedPerson(2, '***@other'),
      maskedPerson(3, '***@gmail.com'),
    ]);
    expect(await adoptFile(project, { file, dataset: 'persons', date: DATE })).toMatchObject({ landed: 3 });
    expect(await verifyLake(project, { date: null })).toMatchObject({ status: 'clean', rows: 3 });

    const { models } = await transform(project, { pipeline: 'persons', dates: 'all' });
    const built = { model: 'silver.persons_anonymized', rows: 3 };
    expect(models).toContainEqual(expect.objectContaining(built));
    const instance = await DuckDBInstance.create(project.config.databasePath, { access_mode: 'READ_ONLY' });
    const connection = await instance.connect();
    const query = `select person_token[:4], country, city, age_group, email, ingest_date::varchar
      from main.persons_anonymized order by person_token`;
    const rows = (await connection.runAndReadAll(query)).getRowsJson();
    instance.closeSync();
    const person = (email: string) => ['old_', 'Germany', 'Köln', '[30-40]', email, DATE];
    expect(rows).toEqual([person('gmail.com'), person('other'), person('gmail.com')]);
  });

  it('with raw values under the right names is refused, and leaves nothing', async () => {
    const project = await makeProject();
    const file = await writeWithParquetJs([
      {
        ...maskedPerson(1, 'maja.oeztuerk@gmail.com'),
        ...{
          firstname: 'Maja',
          lastname: 'Öztürk',
          phone: '+4930123456',
          street: '12 Long Road',
          zipcode: '04753',
        },
      },
    ]);
    const adopted = adoptFile(project, { file, dataset: 'persons', date: DATE });
    await expect(adopted).rejects.toMatchObject({
      code: 'E_SHAPE',
      exit: 5,
      message: '1 cells of column firstname in persons do not match the output of redact',
    });
    expect(await snapshot(project.config.lakeDir, ['raw', 'quarantine', '_staging'])).toEqual({});
  });
});
