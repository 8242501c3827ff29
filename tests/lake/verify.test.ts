import { createHash, randomUUID } from 'node:crypto';
import { appendFile, copyFile, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { evaluateVerify, verifyLake } from '../../src/actions/verify/verify-lake.js';
import type { Manifest } from '../../src/base/types/manifest.js';
import { LocalLake } from '../../src/lake/store.js';
import type { Project } from '../../src/project.js';
import {
  copyLake,
  DATE,
  FOLDER,
  impatient,
  land,
  makeTempFolder,
  openLake,
  removeTempFolders,
  writeStaged,
} from './lake-fixture.js';
import { writeParquet } from './masked-file.js';
import { makeProject } from './project.js';

const CANARY = 'canary-4711@leak.example';
const raw = (name: string) => `raw/${FOLDER}/${name}`;
const QUARANTINE = `quarantine/${FOLDER}/persons.parquet`;

let good = '';
let shell: Project;
let project: Project;
let root = '';

beforeAll(async () => {
  good = join(await makeTempFolder(), 'lake');
  await land(openLake(good), [
    { dataset: 'persons', parts: [3, 2], mark: 'DE', rejected: 2 },
    { dataset: 'bookings', parts: [4], mark: 'FR' },
  ]);
  shell = await makeProject({}, undefined, ['persons', 'bookings']);
});
beforeEach(async () => {
  useLake(await copyLake(good));
});
afterAll(removeTempFolders);

function useLake(lakeDir: string): void {
  root = lakeDir;
  const lake = new LocalLake({
    root,
    waiting: impatient,
    onReceipt: () => Promise.resolve(),
    onDead: () => Promise.resolve(),
  });
  project = { ...shell, config: { ...shell.config, lakeDir }, lake };
}

const verify = (date: string | null = null) => verifyLake(project, { date });

/** Problems as `path: problem`, and the exit code that they amount to; 0 for none. */
async function findProblems(date: string | null = null) {
  const report = await verify(date);
  expect(JSON.stringify(report)).not.toContain(CANARY);
  return {
    exit: evaluateVerify(report)?.exit ?? 0,
    problems: report.problems.map(({ path, problem }) => `${path}: ${problem}`),
  };
}

/** Changes a manifest on disk, and forgets the one that landed. */
async function editManifest(dataset: string, change: (manifest: Manifest) => unknown): Promise<void> {
  const path = join(root, raw(`${dataset}.manifest.json`));
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest;
  await writeFile(path, JSON.stringify(change(manifest)));
  await rm(join(root, '_landed'), { recursive: true });
}

/** Puts other rows in place of a landed file, and a manifest that agrees with its bytes. */
async function replaceRows(query: string): Promise<void> {
  const path = join(root, raw('bookings.parquet'));
  await writeParquet(path, query);
  const bytes = await readFile(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await editManifest('bookings', (manifest) => ({
    ...manifest,
    files: manifest.files.map((file) => ({ ...file, bytes: bytes.length, sha256 })),
  }));
}

const ROWS = `select 'k1_' || lpad(range::varchar, 32, '0') as person_token, 'DE' as country from range(4)`;

describe('a lake', () => {
  it('that is whole is clean, and says how much was looked at', async () => {
    const report = await verify();
    expect(report).toEqual({
      ...{ status: 'clean', date: null, partitions: 2, files: 3, rows: 9 },
      ...{ problems: [], recovered: [], cleaned_up: [], healed: [], swept: [] },
    });
    expect(evaluateVerify(report)).toBeNull();
  });

  it('that is empty, or not there, is clean', async () => {
    useLake(join(await makeTempFolder(), 'none'));
    expect(await verify()).toMatchObject({ status: 'clean', partitions: 0, files: 0, rows: 0 });
  });

  it('is looked at for one date only if asked', async () => {
    await writeFile(join(root, raw('bookings.parquet')), 'PAR1');
    expect(await verify('2026-11-21')).toMatchObject({ status: 'clean', partitions: 0 });
    expect(await verify(DATE)).toMatchObject({ status: 'damaged', partitions: 2 });
  });

  it('whose commit was stopped is finished first', async () => {
    const run = randomUUID();
    const lake = new LocalLake({
      ...{ root, waiting: impatient, onReceipt: () => Promise.resolve(), onDead: () => Promise.resolve() },
      onStep: (step) => {
        if (step.startsWith('moved')) throw new Error('stopped');
      },
    });
    const staging = await lake.stage(run);
    const staged = await writeStaged(staging.dir, { dataset: 'bookings', parts: [1, 1], mark: 'DE' }, run);
    await expect(lake.exclusively('x', () => lake.commit(staging, run, [staged], null))).rejects.toThrow();
    await staging.close();
    expect(await verify()).toMatchObject({
      status: 'clean',
      files: 4,
      rows: 7,
      recovered: [run],
      healed: [run],
    });
  });

  it('with dead staging lists it and sweeps it up', async () => {
    await mkdir(join(root, '_staging', 'dead'), { recursive: true });
    expect(await verify()).toMatchObject({ status: 'clean', cleaned_up: ['dead'], swept: ['dead'] });
    expect(await verify()).toMatchObject({ swept: [] });
  });
});

describe('damage', () => {
  const file = raw('bookings.parquet');
  it.each<[string, () => Promise<void>, string[]]>([
    ['a file that is gone', () => rm(join(root, file)), [`${file}: it is gone`]],
    [
      'bytes that were added',
      () => appendFile(join(root, file), 'x'),
      [
        expect.stringMatching(/bytes that are not the \d+ that landed$/) as string,
        `${file}: it cannot be read as Parquet`,
      ],
    ],
    [
      'the rows of another file',
      () => copyFile(join(root, raw('persons.0001.parquet')), join(root, file)),
      [expect.stringMatching(/that are not the/) as string, `${file}: 3 rows instead of 4`],
    ],
    [
      'a folder in place of a file',
      async () => {
        await rm(join(root, file));
        await mkdir(join(root, file));
      },
      [`${file}: it is gone`],
    ],
    ['a quarantine that is gone', () => rm(join(root, QUARANTINE)), [`${QUARANTINE}: it is gone`]],
    [
      'a quarantine with other rows',
      () =>
        writeParquet(
          join(root, QUARANTINE),
          `select 1::integer as "page", 1::integer as "position", 'x' as code, 'y' as path, 'z' as keyword`,
        ),
      [`${QUARANTINE}: 1 rows instead of 2`],
    ],
    [
      'counts that do not add up',
      () =>
        editManifest('bookings', (manifest) => ({
          ...manifest,
          counts: { ...manifest.counts, fetched: 99 },
        })),
      [`${raw('bookings.manifest.json')}: its counts do not add up`],
    ],
    [
      'a torn manifest',
      () => writeFile(join(root, raw('bookings.manifest.json')), '{"format":1'),
      [`${raw('bookings.manifest.json')}: not a manifest`, `${file}: its manifest cannot be read`],
    ],
    [
      'a treatment of a later version',
      () =>
        editManifest('bookings', (manifest) => ({
          ...manifest,
          columns: manifest.columns.map((column) => ({ ...column, treatment: 'blur' })),
        })),
      [`${file}: this version does not know the treatment of column person_token`],
    ],
    [
      'parameters of a later version',
      () =>
        editManifest('bookings', (manifest) => ({
          ...manifest,
          columns: manifest.columns.map((column) => ({ ...column, params: { ...column.params, more: 1 } })),
        })),
      [`${file}: this version does not know the treatment of column person_token`],
    ],
  ])('such as %s is exit 6', async (_, damage, problems) => {
    await damage();
    expect(await findProblems()).toEqual({ exit: 6, problems });
  });

  it('of the ledger is told', async () => {
    const day = join(root, '_runs', '2026', '11', '20');
    await mkdir(day, { recursive: true });
    await writeFile(join(day, '01938a6c-0000-7000-8000-000000000000.json'), '{');
    await writeFile(join(day, 'notes.txt'), CANARY);
    const { exit, problems } = await findProblems();
    expect(exit).toBe(6);
    expect(problems).toHaveLength(2);
    expect(await findProblems(DATE)).toEqual({ exit: 0, problems: [] });
  });
});

describe('what should not be on a disk', () => {
  const file = raw('bookings.parquet');

  it.each([
    [ROWS.replace(`'DE' as`, `'${CANARY}' as`), '4 cells of column country do not have the shape of keep'],
    [
      ROWS.replace(`'k1_' ||`, `'${CANARY}' ||`),
      '4 cells of column person_token do not have the shape of token',
    ],
    [`select country, person_token from (${ROWS})`, 'its columns are not those of its manifest'],
    [`select person_token, 1 as country from (${ROWS})`, 'its columns are not those of its manifest'],
    [`select *, '${CANARY}' as ssn from (${ROWS})`, 'its columns are not those of its manifest'],
  ])('is found in the cells of a file, though its hash agrees (%#)', async (query, problem) => {
    await replaceRows(query);
    expect(await findProblems()).toEqual({ exit: 5, problems: [`${file}: ${problem}`] });
  });

  it('is not a null', async () => {
    await replaceRows(ROWS.replace(`'DE'`, 'null::varchar'));
    expect(await findProblems()).toEqual({ exit: 0, problems: [] });
  });

  it.each([
    ['raw', raw('bookings.0002.parquet'), raw('bookings.0002.parquet')],
    ['raw', raw('tmp_bookings.parquet'), raw('tmp_bookings.parquet')],
    ['raw', 'raw/notes.csv', 'raw/notes.csv'],
    ['raw', `raw/2026/${CANARY}/dump.json`, 'raw/2026/<name withheld>/dump.json'],
    ['raw', `raw/2026/11/.${CANARY}`, 'raw/2026/11/<name withheld>'],
    ['raw', raw('persons.manifest.json.tmp'), raw('persons.manifest.json.tmp')],
    ['the quarantine', `quarantine/${FOLDER}/bookings.parquet`, `quarantine/${FOLDER}/bookings.parquet`],
  ])('is a file in %s that no manifest names: %s', async (_, path, shown) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), CANARY);
    expect(await findProblems()).toEqual({ exit: 5, problems: [`${shown}: no manifest names it`] });
  });

  it('is a quarantine with other columns than reasons', async () => {
    await writeParquet(join(root, QUARANTINE), `select '${CANARY}' as record from range(2)`);
    expect(await findProblems()).toEqual({
      exit: 5,
      problems: [`${QUARANTINE}: its columns are not those of its manifest`],
    });
  });

  it('is a link, which is told and not followed', async () => {
    const elsewhere = await makeTempFolder();
    await writeFile(join(elsewhere, 'notes.csv'), CANARY);
    await symlink(elsewhere, join(root, 'raw', '2025'));
    expect(await findProblems()).toEqual({ exit: 5, problems: ['raw/2025: a link'] });

    await rename(join(root, file), join(elsewhere, 'bookings.parquet'));
    await symlink(join(elsewhere, 'bookings.parquet'), join(root, file));
    expect(await findProblems()).toEqual({ exit: 5, problems: ['raw/2025: a link', `${file}: a link`] });
  });

  it('outweighs damage', async () => {
    await rm(join(root, file));
    await writeFile(join(root, 'raw', 'notes.csv'), CANARY);
    const report = await verify();
    expect(report.status).toBe('unsafe');
    expect(evaluateVerify(report)).toMatchObject({ code: 'E_VERIFY', exit: 5 });
  });
});
