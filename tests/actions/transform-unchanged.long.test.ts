import { copyFile, readdir, readFile, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ingest, transform } from '../../src/pipeline.js';
import type { Project } from '../../src/project.js';
import { createFetch } from '../../src/source/http.js';
import { finishRun, openRun } from '../../src/ledger/ledger.js';
import { DATE, removeTempFolders } from '../lake/lake-fixture.js';
import { makeProject } from '../lake/project.js';

const http = createFetch({ connections: 4 });
afterAll(async () => {
  await http.close();
  await removeTempFolders();
});

const REQUEST = {
  ...{ pipeline: 'persons', slot: null, dataset: null, source: 'embedded', seed: null },
  ...{ force: false, asOfNow: false, limitPages: null },
};
const SKIPPED = { built: 'skipped', dates: 0, singled_out: null };
const END = { stages: [], datasets: [], models: [], checks: [], releases: [], healed: [] };

/** A project whose tables are built. */
async function makeBuilt(): Promise<Project> {
  const project = await makeProject({ RECORDS: '20' }, http);
  await land(project, DATE);
  await build(project);
  return project;
}

const land = (project: Project, date: string) => ingest(project, { ...REQUEST, date });
const build = (project: Project, dates: readonly string[] = []) =>
  transform(project, { pipeline: null, dates });
const inodeOf = ({ config }: Project) =>
  stat(config.databasePath).then(
    ({ ino }) => ino,
    () => null,
  );
const partOf = ({ config }: Project) => join(config.lakeDir, 'raw', ...DATE.split('-'), 'persons.parquet');
const sqlOf = ({ config }: Project, file: string) => join(config.sqlDir, 'persons', file);

async function append(path: string, text: string): Promise<void> {
  await writeFile(path, `${await readFile(path, 'utf8')}${text}`);
}

/** An entry of another run. */
async function record({ config }: Project, status: 'succeeded' | 'failed'): Promise<void> {
  const start = { command: 'ingest', pipeline: 'persons', date: DATE, slot: null, tool_version: '1' };
  const run = await openRun(config.lakeDir, new Date('2026-11-19T10:00:00Z'), start);
  const error = status === 'failed' ? ({ code: 'E_DEFECT', where: {} } as const) : null;
  await finishRun(config.lakeDir, new Date('2026-11-19T10:00:00Z'), run, { ...END, status, error });
}

describe('a transform with nothing new', () => {
  it('leaves the file alone, however often, and reports the models and checks of the build', async () => {
    const project = await makeProject({ RECORDS: '20' }, http);
    await land(project, DATE);
    await writeFile(
      sqlOf(project, 'checks/any.sql'),
      '-- severity: warn\nselect 1 as found from silver.persons_anonymized',
    );
    const built = await build(project);
    const inode = await inodeOf(project);
    const whole = built.checks.filter(({ date }) => date === null);
    expect(whole).toMatchObject([{ check: 'any', passed: false, found: 20 }, { passed: true }]);
    for (let round = 0; round < 3; round += 1) {
      const again = await build(project);
      expect(again.models).toEqual(built.models.map((model) => ({ ...model, ...SKIPPED })));
      expect(again.checks).toEqual(whole);
    }
    expect(await inodeOf(project)).toBe(inode);
    expect(await readdir(dirname(project.config.databasePath))).toEqual(['.cache', 'lake.duckdb']);
    await build(project, [DATE]);
    expect(await inodeOf(project)).not.toBe(inode);
  });

  const changes: Readonly<Record<string, (project: Project) => Promise<unknown>>> = {
    'a date has landed': (project) => land(project, '2026-11-19'),
    'a model has other SQL': (project) =>
      append(sqlOf(project, 'silver/persons_anonymized.sql'), '\nwhere true'),
    'a check is new': (project) =>
      writeFile(sqlOf(project, 'checks/none.sql'), '-- severity: warn\nselect 1 as x where false'),
    'a check reads the clock': async (project) => {
      await writeFile(
        sqlOf(project, 'checks/now.sql'),
        '-- severity: warn\nselect 1 as x where current_date is null',
      );
      await build(project);
    },
    'another run is in the ledger': (project) => record(project, 'succeeded'),
    'another run has failed': (project) => record(project, 'failed'),
    'a manifest has another time': (project) =>
      utimes(partOf(project).replace('.parquet', '.manifest.json'), new Date(), new Date()),
    'another file is in its place': async ({ config: { databasePath } }) => {
      await copyFile(databasePath, `${databasePath}.x`);
      await rename(`${databasePath}.x`, databasePath);
    },
    'the file is gone': ({ config }) => rm(config.databasePath),
    'the mark is damaged': ({ config }) =>
      writeFile(join(dirname(config.databasePath), '.cache', 'built.json'), '{"project": 1'),
    'the run that built it is not in the ledger': ({ config }) =>
      rm(join(config.lakeDir, '_runs'), { recursive: true }),
  };
  it.each(Object.entries(changes))('builds the file again where %s', async (_, change) => {
    const project = await makeBuilt();
    await change(project);
    const before = await inodeOf(project);
    await build(project);
    expect(await inodeOf(project)).not.toBe(before);
  });

  it.each([
    ['is gone', (part: string) => unlink(part), 'E_LAKE_DAMAGED'],
    ['is shorter', (part: string) => writeFile(part, 'PAR1'), 'E_LAKE_DAMAGED'],
    ['has lost its manifest', (part: string) => unlink(part.replace('.parquet', '.manifest.json')), 'E_LOST'],
  ])('fails as ever where a landed file %s', async (_, harm, code) => {
    const project = await makeBuilt();
    await build(project);
    await harm(partOf(project));
    for (let round = 0; round < 2; round += 1) await expect(build(project)).rejects.toMatchObject({ code });
  });
});
