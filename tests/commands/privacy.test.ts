import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeSampleProject, type SampleProject } from './sample-project.js';

let project: SampleProject;
beforeAll(async () => {
  project = makeSampleProject();
  await project.run('run', 'persons', '--quiet', '--date', '2024-02-28', '--records', '300');
});
afterAll(() => {
  project.remove();
});

const TABLE = ['privacy', 'silver.persons_anonymized', '--quasi', 'city,gender', '--quasi', 'age_group'];

it('measures a published table by people, and says what each number means', async () => {
  const { exit, document } = await project.ask(...TABLE, '--person', 'person_token', '--sensitive', 'email');
  expect(exit).toBe(0);
  expect(document).toMatchObject({ rows: 300, people: 300, k: 1, suppressed_rows: 0 });
  expect(Object.keys((document as { sensitive: object }).sensitive)).toEqual(['email']);
  const { stdout } = await project.run(...TABLE);
  expect(stdout).toContain('counting rows, not people');
  expect(stdout).toContain('k alone proves little');
  expect(stdout).toMatch(/^k +1 +people of the smallest class/m);
});

it('measures a file, and no value of it is in an error', async () => {
  const folder = join(project.dir, 'files');
  mkdirSync(folder);
  const file = join(folder, 'people.csv');
  writeFileSync(file, '"zip, code",age,illness\n1000,30,flu\n1000,30,cold\n2000,,flu\n');
  expect(
    (await project.ask('privacy', file, '--quasi', 'zip, code', '--quasi', 'age', '--sensitive', 'illness'))
      .document,
  ).toMatchObject({ rows: 3, classes: 2, k: 1, unique_rows: 1 });
  expect(
    (await project.ask('privacy', file, '--quasi', 'AGE', '--nulls', 'wildcard')).document,
  ).toMatchObject({ k: 3 });
  const damaged = join(folder, 'damaged.parquet');
  writeFileSync(damaged, 'Kanaryann');
  const { exit, stdout, stderr } = await project.run('privacy', damaged, '--quasi', 'a');
  expect(exit).toBe(2);
  expect(stdout + stderr).not.toContain('Kanary');
});

it.each([
  [['privacy', 'silver.nothing', '--quasi', 'a'], 'E_UNKNOWN'],
  [['privacy', 'bronze.persons', '--quasi', 'city'], 'E_UNKNOWN'],
  [[...TABLE, '--quasi', 'town'], 'E_UNKNOWN'],
  [[...TABLE, '--sensitive', 'city'], 'E_USAGE'],
  [['privacy', 'absent.csv', '--quasi', 'a'], 'E_USAGE'],
  [['privacy', 'silver.persons_anonymized'], 'E_USAGE'],
])('refuses %j', async (words, code) => {
  expect(await project.ask(...words)).toMatchObject({ exit: 2, document: { error: { code } } });
});
