import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/base/types/manifest.js';
import { listManifestPaths, readManifest } from '../../src/lake/manifest-file.js';
import { FOLDER, makeTempFolder, manifestOf, removeTempFolders, SHA } from './lake-fixture.js';

const PATH = `raw/${FOLDER}/persons.manifest.json`;
const GOOD: Manifest = {
  ...manifestOf('persons', 'run1', { landed: 2, rejected: 0 }),
  files: [
    { name: 'persons.0001.parquet', rows: 1, bytes: 10, sha256: SHA },
    { name: 'persons.0002.parquet', rows: 1, bytes: 10, sha256: SHA },
  ],
};

let root = '';
beforeEach(async () => {
  root = await makeTempFolder();
});
afterAll(removeTempFolders);

async function write(manifest: unknown, path = PATH): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
}

const damaged = { code: 'E_LAKE_DAMAGED', exit: 6 };

describe('a manifest', () => {
  it('reads as it was written', async () => {
    await write(GOOD);
    expect(await readManifest(root, PATH)).toEqual(GOOD);
  });

  it('of a newer version is not called damaged, since landing its date again would replace newer data', async () => {
    await write({ ...GOOD, format: 99, files: 'other' });
    await expect(readManifest(root, PATH)).rejects.toMatchObject({
      code: 'E_LAKE_NEWER',
      message: `${PATH} was written by format 99 of a newer version`,
      remedy: expect.stringMatching(/^upgrade Lakeveil/) as string,
    });
  });

  it('is null where there is none', async () => {
    expect(await readManifest(root, PATH)).toBeNull();
  });

  const [file] = GOOD.files;
  it.each<[string, unknown]>([
    ['is torn', JSON.stringify(GOOD).slice(0, -20)],
    ['is empty', ''],
    ['has an unknown key', { ...GOOD, note: 'x' }],
    ['has an unknown key in a file', { ...GOOD, files: [{ ...file, note: 'x' }] }],
    ['has an unknown key in its source', { ...GOOD, source: { ...GOOD.source, url: 'https://x' } }],
    ['lacks a key', { ...GOOD, files: undefined }],
    ['has a number as text', { ...GOOD, counts: { ...GOOD.counts, landed: '2' } }],
    ['has a date that is none', { ...GOOD, date: '2026-02-30' }],
    ['names a column as no column is named', { ...GOOD, columns: [{ ...GOOD.columns[0], name: 'a@b.c' }] }],
    [
      'has a column of a type that no column has',
      { ...GOOD, columns: [{ ...GOOD.columns[0], type: 'BANANA' }] },
    ],
    ['has a decimal without a scale', { ...GOOD, columns: [{ ...GOOD.columns[0], type: 'DECIMAL(18,)' }] }],
    ['is of another dataset', { ...GOOD, dataset: 'bookings' }],
    ['is of another date', { ...GOOD, date: '2026-11-21' }],
    ['is of another slot', { ...GOOD, slot: '13' }],
    ...[
      'bookings.parquet',
      'persons.T13.parquet',
      'tmp_persons.parquet',
      '../persons.parquet',
      '*.parquet',
    ].map((name): [string, unknown] => [`names the file ${name}`, { ...GOOD, files: [{ ...file, name }] }]),
  ])('is refused if it %s', async (_, manifest) => {
    await write(manifest);
    await expect(readManifest(root, PATH)).rejects.toMatchObject(damaged);
  });

  it('is refused as a link, and behind a link', async () => {
    await write(GOOD);
    await rename(join(root, PATH), join(root, 'elsewhere.json'));
    await symlink(join(root, 'elsewhere.json'), join(root, PATH));
    await expect(readManifest(root, PATH)).rejects.toMatchObject(damaged);

    const other = await makeTempFolder();
    await rename(join(root, 'raw'), join(other, 'raw'));
    await symlink(join(other, 'raw'), join(root, 'raw'));
    await expect(readManifest(root, PATH)).rejects.toMatchObject(damaged);
    await expect(listManifestPaths(root)).rejects.toMatchObject(damaged);
  });
});

describe('the list of manifests', () => {
  it('is by date and name, of manifests only', async () => {
    const paths = ['2026/11/20/b', '2026/02/03/z', '2026/11/20/a', '2025/12/31/m'].map(
      (name) => `raw/${name}.manifest.json`,
    );
    for (const path of [...paths, `raw/${FOLDER}/a.parquet`, `raw/${FOLDER}/a.manifest.json.tmp`]) {
      await write('', path);
    }
    expect(await listManifestPaths(root)).toEqual([...paths].sort());
  });

  it('is empty for a lake that is not there yet', async () => {
    expect(await listManifestPaths(join(root, 'none'))).toEqual([]);
  });
});
