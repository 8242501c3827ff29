import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeSampleProject, type SampleProject } from './sample-project.js';

/** A run builds its own pipeline and what shares tables with it; the tables of the others stay as they are. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DATE = '2024-02-28';
const NEXT = '2024-02-29';
const TRIPS = 'sql/bookings/gold/passenger_trips.sql';

let landed: SampleProject;
let project: SampleProject;
beforeAll(async () => {
  landed = makeSampleProject();
  for (const part of ['pipelines/bookings.yaml', 'sql/bookings'])
    cpSync(join(ROOT, part), join(landed.dir, part), { recursive: true });
  for (const pipeline of ['persons', 'bookings']) await landed.run('run', pipeline, ...recordsOf(pipeline));
});
beforeEach(() => {
  project = makeSampleProject(landed);
});
afterEach(() => {
  project.remove();
});
afterAll(() => {
  landed.remove();
});

function recordsOf(pipeline: string, date = DATE): string[] {
  const isHourly = pipeline === 'bookings';
  return ['--quiet', '--date', ...(isHourly ? [`${date}T00`] : [date, '--records', '200'])];
}

async function count(table: string): Promise<unknown> {
  const { stdout } = await project.run('query', `select count(*) as n from ${table}`, '--format', 'json');
  return (JSON.parse(stdout) as { n: number }[])[0]?.n;
}

async function notesOf(pipeline: string): Promise<unknown> {
  const { document } = await project.ask('status', pipeline, '--from', DATE, '--to', NEXT);
  return (document as { datasets: { counts: unknown }[] }).datasets[0]?.counts;
}

async function buildAll(): Promise<{ exit: number; built: string[] }> {
  const { exit, document } = await project.ask('transform');
  const { models = [] } = document as { models?: { model: string; built: string }[] };
  return { exit, built: models.filter(({ built }) => built !== 'skipped').map(({ model }) => model) };
}

describe('a run of one pipeline', () => {
  it('leaves the tables, views, reports and checked dates of the others as they are', async () => {
    const before = await count('gold.passenger_trips');
    expect((await project.run('run', 'persons', ...recordsOf('persons', NEXT))).exit).toBe(0);
    expect(await count('gold.passenger_trips')).toBe(before);
    expect(await count('persons_anonymized')).toBe(400);
    expect((await project.run('report', 'bookings', '--date', DATE)).exit).toBe(0);
    expect(await notesOf('bookings')).toEqual({ not_built: 0, stale: 0, old_policy: 0 });
    expect(await buildAll()).toEqual({ exit: 0, built: [] });
  });

  it('does not say that rows of another are built that are not', async () => {
    await project.run('ingest', 'bookings', ...recordsOf('bookings', NEXT));
    await project.run('run', 'persons', ...recordsOf('persons', NEXT));
    expect(await notesOf('bookings')).toMatchObject({ not_built: 1 });
    const { exit, built } = await buildAll();
    expect([exit, built.includes('gold.passenger_trips')]).toEqual([0, true]);
    expect(await notesOf('bookings')).toMatchObject({ not_built: 0 });
  });

  it('builds the tables of all pipelines in a file that is new', async () => {
    const before = await count('gold.passenger_trips');
    rmSync(join(project.dir, 'db'), { recursive: true });
    expect((await project.run('run', 'persons', ...recordsOf('persons', NEXT))).exit).toBe(0);
    expect(await count('gold.passenger_trips')).toBe(before);
  });

  it('works whatever is wrong with the definition and the SQL of another', async () => {
    writeFileSync(join(project.dir, TRIPS), 'select');
    const page = join(project.dir, 'pipelines', 'bookings.yaml');
    writeFileSync(page, readFileSync(page, 'utf8').replace(/^source:$/m, 'sauce:'));
    expect((await project.run('run', 'persons', ...recordsOf('persons', NEXT))).exit).toBe(0);
    expect((await project.run('transform', '--all')).exit).toBe(2);
  });

  it('neither stops at a lost partition of another nor accepts the loss', async () => {
    const raw = join(project.dir, 'data_lake', 'raw', '2024', '02', '28');
    for (const name of ['bookings.T00.parquet', 'bookings.T00.manifest.json']) rmSync(join(raw, name));
    expect((await project.run('run', 'persons', ...recordsOf('persons', NEXT))).exit).toBe(0);
    expect((await project.run('transform', '--all')).stderr).toContain('E_LOST');
  });

  it('builds a table of another that reads its own', async () => {
    const path = join(project.dir, 'sql', 'bookings', 'gold', 'people_known.sql');
    const head = '-- description: People of both sources.\n-- materialize: table\n';
    writeFileSync(
      path,
      `${head}select country, count(*) as people from silver.persons_anonymized group by country\n`,
    );
    expect((await project.run('run', 'persons', ...recordsOf('persons', NEXT))).exit).toBe(0);
    expect(await count('gold.people_known')).toBeGreaterThan(0);
  });

  it('drops the tables of a pipeline that is gone from the project', async () => {
    rmSync(join(project.dir, 'pipelines', 'bookings.yaml'));
    expect((await project.run('run', 'persons', ...recordsOf('persons', NEXT))).exit).toBe(0);
    expect((await project.run('query', 'select 1 from gold.passenger_trips')).exit).not.toBe(0);
  });
});
