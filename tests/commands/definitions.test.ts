import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeSampleProject, type SampleProject } from './sample-project.js';

/** What a scheduler reads of a project. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let project: SampleProject;
beforeAll(() => {
  project = makeSampleProject();
  for (const part of ['pipelines', 'sql'])
    cpSync(join(ROOT, part), join(project.dir, part), { recursive: true });
});
afterAll(() => {
  project.remove();
});

it('lists each pipeline with its schedule, datasets, models and reports, without a lake', async () => {
  const { exit, document } = await project.ask('definitions');
  expect(exit).toBe(0);
  const { pipelines } = document as { pipelines: Record<string, unknown>[] };
  expect(pipelines.map(({ pipeline }) => pipeline)).toEqual([
    'bookings',
    'directory',
    'persons',
    'shop',
    'store',
  ]);
  expect(pipelines[2]).toEqual({
    pipeline: 'persons',
    description: 'Synthetic people from the Faker API, masked before they land.',
    file: 'pipelines/persons.yaml',
    timezone: 'UTC',
    schedule: { cron: '0 3 * * *', scheduled_date: 'current', on_missed: 'latest' },
    hourly: false,
    backfill: true,
    concurrency: 8,
    datasets: [{ dataset: 'persons', time: 'seeded', slot: null, raw_zone: 'restricted' }],
    models: ['silver.persons_anonymized'],
    releases: [
      {
        release: 'gold.persons_release',
        from: 'silver.persons_anonymized',
        require: { k: 5, l: null, t: null },
        on_breach: 'generalize',
      },
    ],
    reports: [
      'email_provider_count',
      'germany_gmail_percentage',
      'over60_gmail_users',
      'top_gmail_countries',
    ],
    reads: [],
  });
  const hourly = pipelines.filter((entry) => entry['hourly'] === true);
  expect(hourly.map(({ pipeline }) => pipeline)).toEqual(['bookings']);
  const ofToday = pipelines.filter((entry) => entry['backfill'] === false);
  expect(ofToday.map(({ pipeline }) => pipeline)).toEqual(['directory', 'store']);
});

it('names the other pipelines whose tables the models read', async () => {
  const file = join(project.dir, 'sql/persons/silver/people_and_products.sql');
  const sql =
    '-- description: Both.\n-- materialize: table\nselect (select count(*) from silver.products) as products, (select count(*) from bronze.persons) as people';
  writeFileSync(file, sql);
  const { document } = await project.ask('definitions');
  const { pipelines } = document as { pipelines: { pipeline: string; reads: string[] }[] };
  expect(pipelines.find(({ pipeline }) => pipeline === 'persons')?.reads).toEqual(['store']);
  rmSync(file);
});

it('prints one line a pipeline', async () => {
  const { stdout } = await project.run('definitions');
  expect(stdout.split('\n')[4]).toMatch(/^persons +0 3 \* \* \* +UTC +1 +1 +4$/);
});
