import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadWarehouseProject } from '../../src/warehouse/project.js';
import { findRejected } from '../../src/warehouse/evaluate-reports.js';
import type { Relation } from '../../src/warehouse/relation.js';
import { describePipeline, makeProject, type Project, writeSql } from './lake-fixture.js';

/** What commands keep of the SQL of a project in `db/.cache`. */

let project: Project;
let cacheDir = '';
beforeEach(async () => {
  project = await makeProject();
  cacheDir = join(project.lakeDir, '..', 'db', '.cache');
  await writeSql(
    project,
    'persons/silver/cities.sql',
    model('select city, country, email_token from bronze.persons'),
  );
});
afterEach(() => project.remove());

const model = (sql: string) => `-- description: something\n-- materialize: table\n${sql}`;
const load = (toolVersion = '1') =>
  loadWarehouseProject([describePipeline(project)], { cacheDir, toolVersion });
const entry = async () => join(cacheDir, (await readdir(cacheDir))[0] ?? '');

/** Changes the entry so that a project made of it is told from one that DuckDB was asked about. */
async function mark(): Promise<void> {
  const path = await entry();
  await writeFile(path, (await readFile(path, 'utf8')).replaceAll('"isPersonal":true', '"isPersonal":false'));
}

function isPersonal(relations: ReadonlyMap<string, Relation>): boolean | undefined {
  return relations.get('silver.cities')?.isPersonal;
}

describe('what is known of the SQL of a project', () => {
  it('is what DuckDB was asked, and the same project comes of it', async () => {
    const asked = await load();
    const known = await load();
    expect(JSON.stringify(known)).toBe(JSON.stringify(asked));
    expect([...known.relations]).toEqual([...asked.relations]);
    await mark();
    expect([isPersonal(asked.relations), isPersonal((await load()).relations)]).toEqual([true, false]);
  });

  it.each([
    [
      'a model changes',
      () => writeSql(project, 'persons/silver/cities.sql', model('select city from bronze.persons')),
    ],
    [
      'a model is new',
      () => writeSql(project, 'persons/gold/all.sql', model('select city from silver.cities')),
    ],
    [
      'a check is new',
      () => writeSql(project, 'persons/checks/c.sql', '-- severity: warn\nselect city from silver.cities'),
    ],
    ['the entry is no JSON', async () => writeFile(await entry(), '{')],
    ['the entry has another form', async () => writeFile(await entry(), '{"key":1}')],
    [
      'the entry lacks a text',
      async () => {
        const path = await entry();
        const { inspections, ...rest } = JSON.parse(await readFile(path, 'utf8')) as { inspections: unknown };
        await writeFile(path, JSON.stringify({ ...rest, inspections: inspections === null ? null : [] }));
      },
    ],
  ])('is asked again when %s', async (_, change) => {
    await load();
    await mark();
    await change();
    expect(isPersonal((await load()).relations)).toBe(true);
  });

  it('is asked again by another version', async () => {
    await load();
    await mark();
    expect(isPersonal((await load('2')).relations)).toBe(true);
  });

  it('takes nothing from a command that finds a problem', async () => {
    await writeSql(project, 'persons/silver/cities.sql', model('select nothing from bronze.persons'));
    await expect(load()).rejects.toMatchObject({ code: 'E_MODEL' });
    await expect(load()).rejects.toMatchObject({ code: 'E_MODEL' });
  });

  it('need not be kept: a folder that cannot be written is no error', async () => {
    await mkdir(join(project.lakeDir, '..', 'db'), { recursive: true });
    await writeFile(cacheDir, '');
    expect((await load()).models).toHaveLength(1);
  });
});

describe('a report that may be shown', () => {
  const report = (sql: string) => ({
    ...{ name: 'r', file: 'sql/persons/reports/r.sql', sql, exposes: null },
    people: { kind: 'column', column: 'n' } as const,
    totals: [],
    minCell: 5,
  });
  const find = (sql: string, zones: readonly string[] = []) =>
    findRejected([describePipeline(project)], { cacheDir, toolVersion: '1' }, [report(sql)], zones);

  it('is not evaluated again; one that may not be is', async () => {
    const raw =
      'select city, count(distinct email_token) as n from bronze.persons group by city order by city';
    expect(
      (
        await find(
          'select country, count(distinct email_token) as n from silver.cities group by country order by country',
        )
      ).rejected.get('r'),
    ).toBeUndefined();
    expect((await find(raw)).rejected.get('r')).toMatchObject({ code: 'E_EXPORT_RAW' });
    expect((await find(raw)).rejected.get('r')).toMatchObject({ code: 'E_EXPORT_RAW' });
    expect((await find(raw, ['persons'])).rejected.get('r')).toBeUndefined();
    expect((await find(raw)).rejected.get('r')).toMatchObject({ code: 'E_EXPORT_RAW' });
  });
});
