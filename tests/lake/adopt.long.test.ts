import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { adoptFile } from '../../src/actions/adopt/adopt-file.js';
import { evaluateVerify, verifyLake } from '../../src/actions/verify/verify-lake.js';
import { adoptRows } from '../../src/anonymize/adopt-rows.js';
import { compilePolicy } from '../../src/anonymize/compile-policy.js';
import type { Manifest } from '../../src/base/types/manifest.js';
import { readRuns } from '../../src/ledger/read-runs.js';
import type { Project } from '../../src/project.js';
import { DATE, FOLDER, makeTempFolder, removeTempFolders, snapshot } from './lake-fixture.js';
import { type Columns, MASKED_COLUMNS, writeMaskedFile, writeParquet } from './masked-file.js';
import { loadPersons, readParquet } from './people.js';
import { makeProject } from './project.js';

/** Stands in raw values; nothing may show it. */
const CANARY = 'canary-4711';

let project: Project;
let file = '';
beforeEach(async () => {
  project = await makeProject();
  file = join(await makeTempFolder(), 'people.parquet');
});
afterAll(removeTempFolders);

const adopt = (path = file) => adoptFile(project, { file: path, dataset: 'persons', date: DATE });
const landed = () => join(project.config.lakeDir, 'raw', FOLDER, 'persons.parquet');

async function readManifest(): Promise<Manifest> {
  const manifest = await project.lake.read({ dataset: 'persons', date: DATE, slot: null });
  if (manifest === null) throw new Error('nothing has landed');
  return manifest;
}

/** What an attempt threw; and that it left nothing in the lake, and told no value. */
async function refusal(path = file): Promise<unknown> {
  const error: unknown = await adopt(path).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(Object.keys(await snapshot(project.config.lakeDir, ['raw', 'quarantine', '_staging']))).toEqual([]);
  const { runs } = await readRuns(project.config.lakeDir, 10);
  expect(JSON.stringify([error, String(error), runs])).not.toContain(CANARY);
  return error;
}

describe('adopting', () => {
  it('lands the rows in the order of the file, under the landing list’s names, order and types', async () => {
    const { person_token, latitude, ...others } = MASKED_COLUMNS;
    const shuffled = Object.entries({ latitude, ...others, person_token }).map(
      ([name, sql]) => `${sql} as ${name}`,
    );
    await writeParquet(file, `select ${shuffled.join(', ')} from range(5) as r(i) order by i % 2, i`);
    const result = await adopt();
    expect(result).toMatchObject({ fetched: 5, landed: 5, rejected: 0, duplicates: 0, forgotten: 0 });
    const columns = 'person_token[-1], birthday::varchar';
    expect(await readParquet([landed()], columns)).toEqual([
      ['0', '1990-05-17'],
      ['2', '1990-05-19'],
      ['4', '1990-05-21'],
      ['1', '1990-05-18'],
      ['3', '1990-05-20'],
    ]);
    const names = `(describe select * from read_parquet('${landed()}'))`;
    expect((await readParquet([landed()], `(select list(column_name) from ${names})`))[0]).toEqual([
      Object.keys(MASKED_COLUMNS),
    ]);
  });

  it('says so in the manifest, which names no key, and in the ledger', async () => {
    await writeMaskedFile(file, 3);
    const { unchanged } = await adopt();
    expect(unchanged).toBe(false);
    expect(await readManifest()).toMatchObject({
      adopted: true,
      source: { kind: 'adopted', origin: null, path: null },
      ...{ key_id: null, key_check: null, observed_sha256: null, as_of: null },
      counts: { fetched: 3, landed: 3, rejected: 0, duplicates: 0, forgotten: 0 },
    });
    const { runs } = await readRuns(project.config.lakeDir, 10);
    expect(runs).toMatchObject([
      {
        command: 'adopt',
        pipeline: 'persons',
        date: DATE,
        status: 'succeeded',
        stages: [{ stage: 'land', rows_in: 3, rows_out: 3 }],
      },
    ]);
  });

  it('brings nothing of the foreign file along but its rows', async () => {
    await writeMaskedFile(file, 3);
    const foreign = await readFile(file);
    await writeParquet(
      file,
      `from read_parquet('${file}')) to '${file}.kv' (format parquet, kv_metadata {note: '${CANARY}'}); copy (select 1`,
    );
    expect((await readFile(`${file}.kv`)).includes(CANARY)).toBe(true);
    await adopt(`${file}.kv`);
    expect((await readFile(landed())).includes(CANARY)).toBe(false);
    expect((await readFile(landed())).equals(foreign)).toBe(false);
  });

  it('leaves what the same file landed before, and replaces what another one did', async () => {
    await writeMaskedFile(file, 3);
    await adopt();
    const before = await snapshot(project.config.lakeDir);
    expect(await adopt()).toMatchObject({ unchanged: true });
    expect(await snapshot(project.config.lakeDir)).toEqual(before);
    await writeMaskedFile(file, 2);
    expect(await adopt()).toMatchObject({ unchanged: false, landed: 2 });
    expect((await readManifest()).counts.landed).toBe(2);
  });

  it('treats repeated keys as the definition says', async () => {
    await writeMaskedFile(file, 6, { person_token: `'k1_' || lpad((i % 2)::varchar, 32, '0')` });
    expect(await adopt()).toMatchObject({ fetched: 6, landed: 2, duplicates: 4 });
    expect(await readParquet([landed()], 'birthday::varchar')).toEqual([['1990-05-21'], ['1990-05-22']]);
  });

  it('lands a file without rows', async () => {
    await writeMaskedFile(file, 0);
    expect(await adopt()).toMatchObject({ fetched: 0, landed: 0, singled_out: null });
  });

  it('gives a lake that verify finds clean', async () => {
    await writeMaskedFile(file, 20);
    await adopt();
    const report = await verifyLake(project, { date: null });
    expect(report).toMatchObject({ status: 'clean', partitions: 1, files: 1, rows: 20, problems: [] });
    expect(evaluateVerify(report)).toBeNull();
  });

  it.each<[string, Columns]>([
    ['dates as text', { birthday: `'1990-05-17'` }],
    ['dates as midnights', { birthday: `timestamp '1990-05-17 00:00:00'` }],
    ['dates as midnights in UTC', { birthday: `timestamptz '1990-05-17 00:00:00+00'` }],
    ['whole numbers for fractions', { latitude: '52::tinyint' }],
    ['text without the mark that it is text', { city: `encode('Köln')` }],
    ['nulls', { city: 'null::varchar', birthday: 'null::date' }],
  ])('takes %s', async (_, changes) => {
    await writeMaskedFile(file, 2, changes);
    expect(await adopt()).toMatchObject({ landed: 2 });
    const [row] = await readParquet([landed()], 'birthday::varchar, city, latitude');
    const isNull = changes['birthday']?.startsWith('null') === true;
    expect(row).toEqual(isNull ? [null, null, 52] : ['1990-05-17', 'Köln', 52]);
  });

  it('goes through a link, for that is how the file was named', async () => {
    await writeMaskedFile(file, 1);
    await symlink(file, `${file}.link`);
    expect(await adopt(`${file}.link`)).toMatchObject({ landed: 1 });
  });

  it('takes no column from the names of folders', async () => {
    await writeMaskedFile(file, 1);
    const folder = join(await makeTempFolder(), 'year=2026');
    await mkdir(folder);
    await rename(file, join(folder, 'people.parquet'));
    expect(await adopt(join(folder, 'people.parquet'))).toMatchObject({ landed: 1 });
  });
});

describe('adopted rows', () => {
  it('are parted by their number, in the order of the file', async () => {
    await writeMaskedFile(file, 5);
    const stagingDir = await makeTempFolder();
    const policy = compilePolicy(await loadPersons(), 'k1');
    const options = { path: file, pipeline: 'persons', policy, stagingDir, memoryLimitMb: 400, threads: 2 };
    const { segments, rows } = await adoptRows({ ...options, rowsPerPart: 2 });
    expect(rows).toBe(5);
    expect(segments.map(({ part, firstPage, custody }) => [part, firstPage, custody.rows])).toEqual([
      [0, 0, 2],
      [1, 1, 2],
      [2, 2, 1],
    ]);
    const paths = segments.map(({ path }) => path);
    expect(await readParquet(paths, '"page", "position", person_token[-1]')).toEqual([
      ...[
        [0, 0, '0'],
        [0, 1, '1'],
        [1, 0, '2'],
      ],
      ...[
        [1, 1, '3'],
        [2, 0, '4'],
      ],
    ]);
  });
});

describe('a file whose cells lack their shape', () => {
  it.each<[string, string, number]>([
    ['firstname', `case when i = 1 then '${CANARY}' else '***' end`, 1],
    ['person_token', `'${CANARY}'`, 3],
    ['email', `'***@${CANARY}.de'`, 3],
    ['email', `'maja@gmail.com'`, 3],
    ['phone', `'+4930123456'`, 3],
    ['zipcode', `'04753'`, 3],
    ['gender', `case when i < 2 then '${CANARY}' else 'male' end`, 2],
    ['city', `'${CANARY}'`, 3],
    ['latitude', '52.52', 3],
    ['latitude', `'52.52'`, 3],
    ['latitude', `'nan'::double`, 3],
  ])('(%s as %s) is refused with column and count', async (column, sql, count) => {
    await writeMaskedFile(file, 3, { [column]: sql });
    expect(await refusal()).toMatchObject({
      code: 'E_SHAPE',
      exit: 5,
      message: expect.stringContaining(`${count} cells of column ${column} in persons`) as string,
      where: { dataset: 'persons', stage: 'adopt' },
    });
  });

  it('leaves what had landed before', async () => {
    await writeMaskedFile(file, 3);
    await adopt();
    const before = await snapshot(project.config.lakeDir);
    await writeMaskedFile(file, 3, { firstname: `'${CANARY}'` });
    await expect(adopt()).rejects.toMatchObject({ code: 'E_SHAPE' });
    expect(await snapshot(project.config.lakeDir)).toEqual(before);
  });
});

describe('a file that does not fit', () => {
  it.each<[string, Columns, string]>([
    ['lacks a column', { city: null }, 'it has no column city'],
    ['has columns besides', { [CANARY.replace('-', '_')]: '1', more: '2' }, 'it has 2 columns that'],
    ['has text that is no date', { birthday: `'${CANARY}'` }, '2 cells of column birthday are not DATE'],
    ['has dates in another form', { birthday: `'1990-5-17'` }, '2 cells of column birthday'],
    ['has dates with a time', { birthday: `timestamp '1990-05-17 12:00:00'` }, '2 cells of column birthday'],
    [
      'has fractions with more digits than fit',
      { latitude: `'52.0000000000000000001'` },
      '2 cells of column latitude',
    ],
    ['has lists', { city: `['${CANARY}']` }, 'column city does not hold plain values'],
    [
      'has structures',
      { city: `{'${CANARY.replace('-', '_')}': 1}` },
      'column city does not hold plain values',
    ],
  ])('because it %s is refused', async (_, changes, why) => {
    await writeMaskedFile(file, 2, changes);
    expect(await refusal()).toMatchObject({
      code: 'E_ADOPT',
      exit: 2,
      message: expect.stringContaining(why) as string,
    });
  });

  it('because it is no Parquet, or torn, is refused', async () => {
    await writeFile(file, `name\n${CANARY}\n`);
    expect(await refusal()).toMatchObject({ code: 'E_ADOPT', exit: 2 });
    await writeMaskedFile(file, 100);
    await writeFile(file, (await readFile(file)).subarray(0, 1000));
    expect(await refusal()).toMatchObject({ code: 'E_ADOPT', exit: 2 });
  });

  it('because it is not there, or a folder, is told as such', async () => {
    expect(await refusal(join(file, 'none'))).toMatchObject({ code: 'E_DISK_READ', exit: 6 });
    expect(await refusal(await makeTempFolder())).toMatchObject({ code: 'E_DISK_READ', exit: 6 });
  });

  it('because its name would stand for others too is refused', async () => {
    const starred = join(await makeTempFolder(), 'people*.parquet');
    await writeMaskedFile(file, 1);
    await rename(file, starred);
    expect(await refusal(starred)).toMatchObject({ code: 'E_USAGE', exit: 2 });
  });

  it('because there is no such dataset is refused, with those that are there', async () => {
    const asked = adoptFile(project, { file, dataset: 'people', date: DATE });
    await expect(asked).rejects.toMatchObject({
      code: 'E_UNKNOWN',
      remedy: expect.stringContaining('persons') as string,
    });
  });
});
