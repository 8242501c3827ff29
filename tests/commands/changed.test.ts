import { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openStaging } from '../../src/lake/staging.js';
import { makeSampleProject, type SampleProject } from './sample-project.js';

/** Verbs that tell what has changed since a run, or was left by one that was stopped. */

const DATE = '2024-02-28';
const RUN_ID = '018de000-0000-7000-8000-000000000001';
const OTHER_RUN_ID = '018de000-0000-7000-8000-000000000002';
const WINDOW = ['--from', DATE, '--to', '2024-03-03'];

let landed: SampleProject;
let project: SampleProject;
beforeAll(async () => {
  landed = makeSampleProject();
  await landed.run('run', '--date', DATE, '--records', '200', '--quiet');
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

const inLake = (...names: string[]): string => join(project.dir, 'data_lake', ...names);
const parquet = (): string => inLake('raw', '2024', '02', '28', 'persons.parquet');
const readStatus = async (): Promise<unknown> => (await project.ask('status', ...WINDOW)).document;

describe('status', () => {
  it('tells what has landed, with sums, and what is missing', async () => {
    expect(await readStatus()).toMatchObject({
      pipeline: 'persons',
      from: DATE,
      to: '2024-03-03',
      warehouse: 'built',
      unfinished_commits: [],
      dead_staging: [],
      datasets: [
        {
          dataset: 'persons',
          partitions: 1,
          rows: 200,
          newest: [{ date: DATE, rows: 200, rejected: 0, source: 'embedded', notes: [] }],
          missing: [{ from: '2024-02-29', to: '2024-03-03', days: 4 }],
          counts: { not_built: 0, stale: 0, old_policy: 0 },
        },
      ],
    });
    const { stdout } = await project.run('status', ...WINDOW);
    expect(stdout).toMatch(/^2024-02-28 +200 +0 +[\d.]+ kB +embedded .* built$/m);
    expect(stdout).toContain('4 dates missing:\n  2024-02-29 to 2024-03-03 (4 dates)');
  });

  it('lists the newest partitions first, up to a limit, and says that there are more', async () => {
    await project.run('ingest', '--date', '2024-03-01', '--records', '100');
    const { document } = await project.ask('status', ...WINDOW, '--limit', '1');
    expect(document).toMatchObject({
      datasets: [{ partitions: 2, rows: 300, newest: [{ date: '2024-03-01' }] }],
    });
    const { stdout } = await project.run('status', ...WINDOW, '--limit', '1');
    expect(stdout).toContain('… and 1 older partition (show all with --limit 2)');
  });

  it('tells what is not in the tables yet, and what changed since they were built', async () => {
    await project.run('ingest', '--date', '2024-03-01', '--records', '100');
    await project.run('ingest', '--date', DATE, '--records', '100', '--seed', 'another');
    expect(await readStatus()).toMatchObject({
      datasets: [
        {
          newest: [
            { date: '2024-03-01', notes: ['not_built'] },
            { date: DATE, notes: ['stale'] },
          ],
          counts: { not_built: 1, stale: 1 },
        },
      ],
    });
    await project.run('transform');
    expect(await readStatus()).toMatchObject({ datasets: [{ counts: { not_built: 0, stale: 0 } }] });
  });

  it('takes everything for not built where there is no warehouse', async () => {
    rmSync(join(project.dir, 'db'), { recursive: true });
    expect(await readStatus()).toMatchObject({ warehouse: 'none', datasets: [{ counts: { not_built: 1 } }] });
  });

  it('tells what landed under a policy that is not the one of now', async () => {
    const page = join(project.dir, 'pipelines', 'persons.yaml');
    const text = readFileSync(page, 'utf8');
    const stricter = text.replace('treat: prefix, length: 2', 'treat: prefix, length: 1');
    expect(stricter).not.toBe(text);
    writeFileSync(page, stricter);
    expect(await readStatus()).toMatchObject({ datasets: [{ counts: { old_policy: 1, stale: 0 } }] });
    expect((await project.run('status', ...WINDOW)).stdout).toContain('under an old policy');
  });

  it('tells runs that were stopped from one that is at work, and touches none of them', async () => {
    mkdirSync(inLake('_commits'), { recursive: true });
    writeFileSync(inLake('_commits', `${RUN_ID}.json`), '{}');
    mkdirSync(inLake('_staging', OTHER_RUN_ID), { recursive: true });
    const working = '018de000-0000-7000-8000-000000000003';
    const staging = await openStaging(inLake(), working, {
      patienceMs: 0,
      sleep: () => Promise.resolve(),
      onWait: () => undefined,
    });
    try {
      const left = { unfinished_commits: [RUN_ID], dead_staging: [OTHER_RUN_ID], at_work: [working] };
      expect(await readStatus()).toMatchObject(left);
      expect(await readStatus()).toMatchObject(left);
    } finally {
      await staging.close();
    }
  });
});

describe('verify', () => {
  it('of a file with other bytes is exit 6, and names it', async () => {
    appendFileSync(parquet(), 'x');
    const { exit, document } = await project.ask('verify');
    expect(exit).toBe(6);
    expect(document).toMatchObject({ status: 'damaged', error: { code: 'E_LAKE_DAMAGED' } });
    const plain = await project.run('verify');
    expect(plain.exit).toBe(6);
    expect(plain.stdout).toContain('  raw/2024/02/28/persons.parquet: ');
  });

  it('of a lake with a file that nobody landed is exit 5, after the whole list', async () => {
    copyFileSync(parquet(), inLake('raw', '2024', '02', '28', 'people.parquet'));
    const { exit, document } = await project.ask('verify');
    expect(exit).toBe(5);
    expect(document).toMatchObject({
      status: 'unsafe',
      problems: [{ path: 'raw/2024/02/28/people.parquet' }],
      error: { code: 'E_VERIFY', exit: 5 },
    });
  });
});

describe('adopt', () => {
  it('takes in masked Parquet for a date, which the tables then have', async () => {
    const file = join(project.dir, 'old.parquet');
    copyFileSync(parquet(), file);
    const adopt = ['adopt', file, '--dataset', 'persons', '--date', '2024-03-01'];
    const { exit, document } = await project.ask(...adopt);
    expect(exit).toBe(0);
    expect(document).toMatchObject({ dataset: 'persons', date: '2024-03-01', fetched: 200, landed: 200 });
    await project.run('transform');
    expect(await project.ask('query', 'select count(*) as n from persons_anonymized')).toMatchObject({
      document: { rows: [{ n: 400 }] },
    });
    expect((await project.run(...adopt)).stdout).toMatch(
      /^(?:Adopted|Unchanged): 200 rows of persons for 2024-03-01\n {2}\S+raw\/2024\/03\/01\/persons\.parquet, /,
    );
  });

  it('refuses what is no Parquet, and leaves the lake as it was', async () => {
    const { exit, document } = await project.ask(
      ...['adopt', join(project.dir, 'pipelines', 'persons.yaml'), '--dataset', 'persons'],
      ...['--date', DATE],
    );
    expect({ exit, document }).toMatchObject({ exit: 2, document: { error: { code: 'E_ADOPT' } } });
    expect(await project.ask('verify')).toMatchObject({ exit: 0, document: { rows: 200 } });
  });
});

describe('runs', () => {
  it('names the files of the ledger that are no runs', async () => {
    writeFileSync(inLake('_runs', 'notes.txt'), '');
    expect(await project.ask('runs')).toMatchObject({
      document: { runs: { length: 1 }, skipped: ['_runs/notes.txt'] },
    });
    const { stdout } = await project.run('runs');
    expect(stdout).toContain('Skipped files that are not runs:\n  _runs/notes.txt\n');
  });

  it('can be read where a definition is broken, since they tell of it', async () => {
    writeFileSync(join(project.dir, 'pipelines', 'persons.yaml'), 'nosuch: 1\n');
    expect(await project.ask('runs')).toMatchObject({ exit: 0, document: { runs: { length: 1 } } });
  });
});
