import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Log } from '../../src/base/effects.js';
import { type IngestRequest, planIngest } from '../../src/ingest/plan-ingest.js';
import { prepareIngest } from '../../src/ingest/prepare-ingest.js';
import { DATE, makeProject, type SmallProject } from './land-project.js';

const PAGE = `
pipeline: shop
source: { base_url: 'file:data/incoming' }
datasets:
  shop_sales:
    time: by_date
    request: { path: '/*.csv', format: csv, archive: data/archive }
    contract:
      schema:
        type: object
        required: [id]
        properties:
          id: { type: integer, minimum: 1, maximum: 99, x-pii: none }
    landing:
      id: { from: id, treat: keep }
`;

const REQUEST: IngestRequest = {
  ...{ pipeline: 'shop', date: DATE, slot: null, dataset: null, source: null, seed: null },
  ...{ force: false, asOfNow: false, limitPages: null },
};

/** Writes a file as it was a while ago, so that it is complete. */
async function arrive(project: SmallProject, name: string, text: string, ageMs = 600_000): Promise<void> {
  const path = join(project.dir, 'data/incoming', name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  const then = new Date(Date.now() - ageMs);
  await utimes(path, then, then);
}

async function makeShop(files: Readonly<Record<string, string>> = {}): Promise<SmallProject> {
  const project = await makeProject({ 'pipelines/shop.yaml': PAGE, 'data/incoming/.keep': '' });
  for (const [name, text] of Object.entries(files)) await arrive(project, name, text);
  return project;
}

const list = (project: SmallProject, folder: string): Promise<string[]> =>
  readdir(join(project.dir, 'data', folder)).then(
    (names) => names.filter((name) => name !== '.keep').sort(),
    () => [],
  );
const idsOf = async (project: SmallProject): Promise<unknown[]> =>
  (await project.rows(`${DATE.replaceAll('-', '/')}/shop_sales.parquet`)).map(
    (row) => (row as { id: string }).id,
  );

async function land(project: SmallProject, more: Partial<IngestRequest> = {}) {
  const { datasets, status } = await project.land(more);
  return { status, landed: datasets[0]?.landed };
}

describe('files that arrive in a folder', () => {
  it('are landed and moved to the archive of the date; the date lands again as it is', async () => {
    const project = await makeShop({ 'b.csv': 'id\n3\n', 'a.csv': 'id\n1\n2\n', 'note.txt': 'id\n9\n' });
    expect(await land(project)).toEqual({ status: 'succeeded', landed: 3 });
    expect(await idsOf(project)).toEqual(['1', '2', '3']);
    expect(await list(project, 'incoming')).toEqual(['note.txt']);
    expect(await list(project, `archive/${DATE}`)).toEqual(['a.csv', 'b.csv']);
    expect(await land(project)).toEqual({ status: 'unchanged', landed: 3 });
  });

  it('and come later the same date are added to it; another date has only its own', async () => {
    const project = await makeShop({ 'm.csv': 'id\n1\n' });
    await land(project);
    await arrive(project, 'a.csv', 'id\n2\n');
    expect(await land(project)).toEqual({ status: 'succeeded', landed: 2 });
    expect(await idsOf(project)).toEqual(['2', '1']);
    await arrive(project, 'm.csv', 'id\n3\n');
    expect(await land(project, { date: '2026-03-02' })).toEqual({ status: 'succeeded', landed: 1 });
    expect(await list(project, 'archive/2026-03-02')).toEqual(['m.csv']);
    // No file: the date is empty.
    expect(await land(project, { date: '2026-03-03' })).toEqual({ status: 'succeeded', landed: 0 });
  });

  it('are files: a folder of such a name stays, and a name that is not UTF-8 is an error', async () => {
    const project = await makeShop({ 'a.csv': 'id\n1\n' });
    await mkdir(join(project.dir, 'data/incoming/old.csv'));
    expect(await land(project)).toMatchObject({ landed: 1 });
    expect(await list(project, 'incoming')).toEqual(['old.csv']);
    const name = Buffer.concat([
      Buffer.from(join(project.dir, 'data/incoming/')),
      Buffer.from([0xe9]),
      Buffer.from('.csv'),
    ]);
    await writeFile(name, 'id\n2\n');
    const error: unknown = await land(project).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'E_DISK_READ' });
    expect(String(error)).toContain('not UTF-8');
  });

  it('wait for the next run while they may still be written', async () => {
    const project = await makeShop({ 'a.csv': 'id\n1\n' });
    await arrive(project, 'b.csv', 'id\n2', 5_000);
    const warnings: unknown[] = [];
    const log: Log = {
      info: () => undefined,
      debug: () => undefined,
      warn: (event, fields) => warnings.push([event, fields]),
      reported: () => undefined,
      setRun: () => undefined,
    };
    expect(await project.land({}, { log })).toMatchObject({ datasets: [{ landed: 1 }] });
    expect(warnings).toEqual([
      ['files_wait', { path: 'data/incoming/*.csv', files: 1, changed_within_s: 60 }],
    ]);
    expect(await list(project, 'incoming')).toEqual(['b.csv']);
  });

  it('and hold no row are archived too, though nothing else changes', async () => {
    const project = await makeShop({ 'a.csv': 'id\n1\n' });
    await land(project);
    await arrive(project, 'b.csv', 'id\n');
    expect(await land(project)).toMatchObject({ landed: 1 });
    expect(await list(project, `archive/${DATE}`)).toEqual(['a.csv', 'b.csv']);
  });

  it('stay where they are if the run fails, in a dry run, and if the name is taken', async () => {
    const project = await makeShop({ 'a.csv': 'id\n1\n' });
    expect(await land(project, { limitPages: 1 })).toMatchObject({ landed: 1 });
    await arrive(project, 'b.csv', 'id\n200\n');
    await expect(land(project)).rejects.toMatchObject({ exit: 4 });
    expect(await list(project, 'incoming')).toEqual(['a.csv', 'b.csv']);
    await arrive(project, 'b.csv', 'id\n2\n');
    await land(project);
    await arrive(project, 'b.csv', 'id\n4\n');
    const error = await land(project).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'E_USAGE', remedy: 'rename the new file' });
    expect(String(error)).toContain('data/incoming/*.csv');
    expect(await list(project, 'incoming')).toEqual(['b.csv']);
    expect(await idsOf(project)).toEqual(['1', '2']);
  });

  it('land once, though two runs read them at the same time', async () => {
    const project = await makeShop({ 'a.csv': 'id\n1\n' });
    const runs = await Promise.allSettled([land(project), land(project, { date: '2026-03-02' })]);
    expect(runs.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await list(project, 'incoming')).toEqual([]);
  });
});

describe('an archive', () => {
  it.each([
    [
      'outside of the project',
      'archive: data/archive',
      'archive: ../archive',
      /must be a folder of the project/,
    ],
    ['that is the folder itself', 'archive: data/archive', 'archive: data/incoming', /a folder of its own/],
    ['in the lake', 'archive: data/archive', 'archive: data_lake/_staging', /in a folder of Lakeveil/],
    ['among the SQL', 'archive: data/archive', 'archive: sql', /in a folder of Lakeveil/],
    ['of one file', "'/*.csv'", '/all.csv', /requires `\*` in the name/],
    ['of an API', 'file:data/incoming', 'https://api.example.org', /only allowed for files/],
    ['by the hour', 'time: by_date', 'time: by_date\n    slot: hour', /not possible with `slot`/],
  ])('%s is rejected', async (_, from, to, says) => {
    expect(PAGE).toContain(from);
    const project = await makeProject({ 'pipelines/shop.yaml': PAGE.replace(from, to) });
    const error: unknown = await project.land().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'E_DEFINITION', exit: 2 });
    expect((error as { problems: Error[]; message: string }).message).toMatch(says);
  });

  it('of files that another dataset may read is rejected', async () => {
    const second = (path: string): string =>
      PAGE +
      PAGE.slice(PAGE.indexOf('  shop_sales:')).replace('shop_sales', 'shop_returns').replace('/*.csv', path);
    const sharing = await makeProject({ 'pipelines/shop.yaml': second('/returns-*.csv') });
    await expect(sharing.open()).rejects.toThrow(/may be those of dataset shop_sales/);
    const apart = await makeProject({
      'pipelines/shop.yaml': second('/returns-*.csv').replace('/*.csv', '/sales-*.csv'),
    });
    expect((await apart.open()).definitions.size).toBe(1);
  });

  it('in a lake that is elsewhere is rejected before anything is read', async () => {
    const project = await makeShop({ 'a.csv': 'id\n1\n' });
    const opened = await project.open();
    const moved = { ...opened, config: { ...opened.config, lakeDir: join(project.dir, 'data/archive') } };
    await expect(prepareIngest(moved, planIngest(moved, REQUEST))).rejects.toMatchObject({
      code: 'E_USAGE',
      exit: 2,
    });
    expect(await list(project, 'incoming')).toEqual(['a.csv']);
  });
});
