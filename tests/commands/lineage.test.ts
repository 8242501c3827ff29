import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { json, startStubApi, type StubApi } from '../support/stub-api.js';
import { makeSampleProject, type SampleProject } from './sample-project.js';

let project: SampleProject;
let api: StubApi;
let asked: number;
beforeEach(async () => {
  project = makeSampleProject();
  asked = 0;
  api = await startStubApi(() => {
    asked += 1;
    return json({ data: [] });
  });
});
afterEach(async () => {
  await api.close();
  project.remove();
});

/** Adds a gold model that shows ages, and takes from silver the reason that they are shown for. */
function showAges(): void {
  const silver = join(project.dir, 'sql', 'persons', 'silver', 'persons_anonymized.sql');
  const text = readFileSync(silver, 'utf8');
  expect(text).toMatch(/^-- exposes: age_group because /m);
  writeFileSync(silver, text.replace(/^-- exposes: .*\n/m, ''));
  writeAges('');
}

function writeAges(lines: string): void {
  mkdirSync(join(project.dir, 'sql', 'persons', 'gold'));
  writeFileSync(
    join(project.dir, 'sql', 'persons', 'gold', 'ages.sql'),
    `-- description: People by age group.\n-- materialize: table\n${lines}select age_group, count(*) as people
     from silver.persons_anonymized group by age_group`,
  );
}

const DATE = '2026-11-20';
const COMMANDS = [
  `run persons --date ${DATE} --source URL`,
  `backfill persons --from ${DATE} --to ${DATE} --source URL`,
  'transform persons --all',
  'models persons',
  'models persons --lineage',
  'models persons --lineage --format mermaid',
  'test persons',
  'check persons',
  'init-db',
  'prune persons --older-than 1d',
];

describe('a gold model that shows what is raw only', () => {
  it.each(COMMANDS)('is refused by %s before anything is asked for, with its way', async (command) => {
    showAges();
    const words = command.replace('URL', api.url).split(' ');
    const { exit, stdout } = await project.run(
      ...words,
      '--quiet',
      ...(words.includes('--format') ? [] : ['--json']),
    );
    const told = stdout === '' ? (await project.run(...words)).stderr : stdout;
    expect(told).toContain('E_LINEAGE');
    expect(told).toContain(
      'gold.ages.age_group ← silver.persons_anonymized.age_group ← bronze.persons.birthday',
    );
    expect(exit).toBe(2);
    expect(asked).toBe(0);
  });

  it('is built and told with its reason where the head says why', async () => {
    writeAges('-- exposes: age_group, people because ten years are no birthday\n');
    const run = await project.ask('run', 'persons', '--date', DATE, '--records', '50');
    expect(run).toMatchObject({
      exit: 0,
      document: {
        models: expect.arrayContaining([expect.objectContaining({ model: 'gold.ages' })]) as unknown,
      },
    });
    const { exit, stdout } = await project.run('models', '--lineage');
    expect(exit).toBe(0);
    expect(stdout).toContain('age_group is published because ten years are no birthday');
  });
});

it('is built without a reason of its own where silver has one', async () => {
  writeAges('');
  expect((await project.ask('run', 'persons', '--date', DATE, '--records', '50')).exit).toBe(0);
});

describe('models --lineage', () => {
  it('prints each column with what it is made of, its class and its treatment', async () => {
    const { exit, stdout } = await project.run('models', 'persons', '--lineage');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^silver\.persons_anonymized$/m);
    expect(stdout).toMatch(/^age_group +quasi +persons\._ingest_date +none +\(added by the lake\)$/m);
    expect(stdout).toMatch(/^ +persons\.birthday +quasi +keep, raw only$/m);
    expect(stdout).toMatch(/^email +direct +persons\.email +direct +mask_email$/m);
    expect(stdout).toMatch(/^INDIRECT +persons\._ingest_date/m);
  });

  it('draws columns in their tables, dotted to what they only choose rows of', async () => {
    const { exit, stdout } = await project.run('models', 'persons', '--lineage', '--format', 'mermaid');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^flowchart LR\n {2}subgraph bronze__persons\["bronze.persons"\]\n/);
    expect(stdout).toContain('  bronze__persons__birthday --> silver__persons_anonymized__age_group\n');
    expect(stdout).toContain('  bronze__persons___ingest_date -.-> silver__persons_anonymized\n');
  });

  it('lists models as JSON, with --json in a document', async () => {
    const listed = await project.run('models', 'persons', '--lineage', '--format', 'json');
    const { document } = await project.ask('models', 'persons', '--lineage');
    expect(document).toMatchObject({
      pipeline: 'persons',
      models: [{ model: 'silver.persons_anonymized' }, { model: 'gold.persons_release' }],
    });
    expect(JSON.parse(listed.stdout)).toEqual((document as { models: unknown }).models);
  });

  it('needs no table and no landed date', async () => {
    expect((await project.ask('models', '--lineage')).exit).toBe(0);
    expect((await project.ask('models', 'nobody', '--lineage')).document).toMatchObject({
      error: { code: 'E_UNKNOWN' },
    });
  });
});
