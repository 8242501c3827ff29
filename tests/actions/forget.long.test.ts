import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { adoptFile } from '../../src/actions/adopt/adopt-file.js';
import { listProjectChecks } from '../../src/actions/doctor/project-checks.js';
import { evaluateForget } from '../../src/actions/forget/format-forget.js';
import { listFolder } from '../../src/base/files/durable.js';
import { readAll } from '../ingest/land-project.js';
import { customer, type ForgetProject, makeForgetProject } from './forget-project.js';

const ANNA = customer('c1', 'anna', 'Xanten');
const ALSO_ANNA = customer('c1', 'other', 'Ulm');
const BERT = customer('c2', 'bert', 'Berlin');
const CARA = customer('c3', 'cara', 'Cottbus');

const cities = async (project: ForgetProject, date: string): Promise<unknown[]> =>
  ((await project.rows(`${date.replaceAll('-', '/')}/customers.parquet`)) as { city: string }[]).map(
    ({ city }) => city,
  );
const countsOf = async (project: ForgetProject, date: string) =>
  (await project.manifest(`${date.replaceAll('-', '/')}/customers.manifest.json`)).counts;

it('finds a person by one mail address and erases those with another, too, and keeps both away', async () => {
  const project = await makeForgetProject();
  await project.land('2026-06-01', [ANNA, BERT, ALSO_ANNA]);
  await project.land('2026-06-02', [ALSO_ANNA, BERT]);
  await project.land('2026-06-03', [BERT, CARA]);
  const untouched = await project.manifest('2026/06/03/customers.manifest.json');
  const report = await project.forget('ANNA');
  expect(report).toMatchObject({ status: 'forgotten', people: 1, rows: 3 });
  expect(report.partitions.map(({ date }) => date)).toEqual(['2026-06-01', '2026-06-02']);
  expect(await cities(project, '2026-06-01')).toEqual(['Berlin']);
  expect(await cities(project, '2026-06-02')).toEqual(['Berlin']);
  expect(await project.manifest('2026/06/03/customers.manifest.json')).toEqual(untouched);
  await project.land('2026-06-04', [CARA, ALSO_ANNA]);
  expect(await cities(project, '2026-06-04')).toEqual(['Cottbus']);
  expect(await countsOf(project, '2026-06-04')).toMatchObject({ fetched: 2, landed: 1, forgotten: 1 });
  expect(await project.query('select city from silver.latest order by all')).toEqual([
    ['Berlin'],
    ['Cottbus'],
  ]);
  expect(await project.problems()).toEqual([]);
});

it('erases several people in one pass, and each partition is written once', async () => {
  const project = await makeForgetProject();
  for (const date of ['2026-06-01', '2026-06-02']) await project.land(date, [ANNA, BERT, CARA]);
  const report = await project.forget(['anna', 'cara', 'nobody']);
  expect(report).toMatchObject({ values: 3, people: 2, rows: 4 });
  expect((await project.manifest('2026/06/01/customers.manifest.json')).revision).toBe(2);
  expect(await cities(project, '2026-06-02')).toEqual(['Berlin']);
});

it('keeps away a person of whom nothing has landed', async () => {
  const project = await makeForgetProject();
  await project.land('2026-06-01', [BERT]);
  expect(await project.forget('anna')).toMatchObject({ status: 'forgotten', people: 0, rows: 0 });
  await project.land('2026-06-02', [ANNA, BERT]);
  expect(await cities(project, '2026-06-02')).toEqual(['Berlin']);
});

it('counts a duplicate as a duplicate, whether its person is erased before or after it lands', async () => {
  const once = { ...ANNA, city: 'Aachen' };
  const keyed = (yaml: string): string => `${yaml}    primary_key: [person_token]\n`;
  const before = await makeForgetProject(keyed);
  await before.forget('anna');
  await before.land('2026-06-01', [ANNA, once, BERT, BERT]);
  const after = await makeForgetProject(keyed);
  await after.land('2026-06-01', [ANNA, once, BERT, BERT]);
  await after.forget('anna');
  const counts = { fetched: 4, landed: 1, rejected: 0, duplicates: 2, forgotten: 1 };
  expect(await countsOf(before, '2026-06-01')).toEqual(counts);
  expect(await countsOf(after, '2026-06-01')).toEqual(counts);
});

it('erases from a checkpoint, which holds the rows of pruned dates', async () => {
  const project = await makeForgetProject();
  await project.land('2026-01-01', [ANNA, BERT]);
  await project.land('2026-06-01', [CARA]);
  await project.prune(90);
  const report = await project.forget('anna');
  expect(report).toMatchObject({
    rows: 1,
    partitions: [],
    checkpoints: [{ model: 'silver.latest', rows: 1 }],
  });
  expect(await project.query('select city from silver.latest order by all')).toEqual([
    ['Berlin'],
    ['Cottbus'],
  ]);
  expect(await project.problems()).toEqual([]);
});

it('says which partitions cannot be searched, since their key is gone, and removes them whole on request', async () => {
  const project = await makeForgetProject();
  await project.land('2026-06-01', [ANNA, BERT], { keyId: 'k1' });
  await project.land('2026-06-02', [ANNA, CARA], { keyId: 'k2' });
  const report = await project.forget('anna', { keyId: 'k2' });
  expect(report).toMatchObject({ rows: 1, dropped: [] });
  expect(report.unsearchable).toEqual([
    { name: 'customers of 2026-06-01', why: 'its key k1 is not at hand' },
  ]);
  expect(evaluateForget(report)).toMatchObject({ code: 'E_VERIFY', exit: 5 });
  expect(report.finished[0]?.not_covered.join()).toContain('customers of 2026-06-01: not searched');
  expect(await cities(project, '2026-06-01')).toEqual(['Xanten', 'Berlin']);
  const dropped = await project.forget('anna', { keyId: 'k2', dropUnsearchable: true });
  expect(evaluateForget(dropped)).toBeNull();
  expect(dropped.dropped).toEqual(['customers of 2026-06-01']);
  expect(readdirSync(join(project.dir, 'data_lake/raw/2026/06'))).toEqual(['02']);
  expect(await project.query('select city from silver.latest order by all')).toEqual([['Cottbus']]);
  await project.build();
  expect(await project.problems()).toEqual([]);
});

it('searches under earlier keys that are at hand', async () => {
  const project = await makeForgetProject();
  await project.land('2026-06-01', [ANNA, BERT], { keyId: 'k1' });
  await project.land('2026-06-02', [ANNA, CARA], { keyId: 'k2' });
  project.keepKey('k1');
  const report = await project.forget('anna', { keyId: 'k2' });
  expect(report).toMatchObject({ people: 1, rows: 2, unsearchable: [] });
  for (const keyId of ['k1', 'k2']) {
    await project.land('2026-06-03', [ANNA, CARA], { keyId });
    expect(await cities(project, '2026-06-03')).toEqual(['Cottbus']);
  }
});

it('recognizes erased people under an earlier key that is at hand, and lands nothing where it is not', async () => {
  const project = await makeForgetProject();
  await project.land('2026-06-01', [ANNA, BERT, ALSO_ANNA], { keyId: 'k1' });
  await project.forget('anna', { keyId: 'k1' });
  const landing = () => project.land('2026-06-02', [CARA, ANNA, ALSO_ANNA, BERT], { keyId: 'k2' });
  await expect(landing()).rejects.toMatchObject({ code: 'E_USAGE', exit: 2 });
  project.keepKey('k1');
  await landing();
  expect(await cities(project, '2026-06-02')).toEqual(['Cottbus', 'Berlin']);
  expect(await countsOf(project, '2026-06-02')).toMatchObject({ fetched: 4, landed: 2, forgotten: 2 });
});

it('takes the place of tombstones of an earlier key, once the same people are erased under the new one', async () => {
  const project = await makeForgetProject();
  await project.forget('anna', { keyId: 'k1' });
  project.keepKey('k1');
  await project.land('2026-06-01', [BERT], { keyId: 'k1' });
  await project.forget(['bert', 'anna'], { keyId: 'k2' });
  const names = await listFolder(join(project.dir, 'data_lake/_forgotten'));
  expect(names.filter((name) => name.endsWith('.json'))).toHaveLength(1);
  rmSync(join(project.dir, 'config/lakeveil/keys/k1.key'));
  await project.land('2026-06-02', [ANNA, CARA], { keyId: 'k2' });
  expect(await cities(project, '2026-06-02')).toEqual(['Cottbus']);
});

it('adopts no row of an erased person, such as of a backup', async () => {
  const project = await makeForgetProject();
  await project.land('2026-06-01', [ANNA, BERT]);
  const file = join(project.dir, 'backup.parquet');
  cpSync(join(project.dir, 'data_lake/raw/2026/06/01/customers.parquet'), file);
  await project.forget('anna');
  const result = await adoptFile(await project.open(), { file, dataset: 'customers', date: '2026-06-01' });
  expect(result).toMatchObject({ fetched: 2, landed: 1, forgotten: 1 });
  expect(await cities(project, '2026-06-01')).toEqual(['Berlin']);
});

it('lands nothing once a lookup is made in another way', async () => {
  let normal = 'email';
  const project = await makeForgetProject((yaml) => yaml.replace('normal: email', `normal: ${normal}`));
  await project.land('2026-06-01', [ANNA, BERT]);
  await project.forget('anna');
  normal = 'text';
  const page = join(project.dir, 'pipelines/shop.yaml');
  writeFileSync(page, readFileSync(page, 'utf8').replace('normal: email', 'normal: text'));
  await expect(project.land('2026-06-02', [ANNA])).rejects.toMatchObject({ code: 'E_USAGE', exit: 2 });
});

it('does not let a run bring a person back that was being fetched during the erasure', async () => {
  const project = await makeForgetProject();
  await project.land('2026-06-01', [ANNA, BERT]);
  const during = () => project.forget('anna');
  await expect(project.land('2026-06-02', [ANNA, CARA], { during })).rejects.toMatchObject({
    code: 'E_FORGOTTEN',
    exit: 6,
  });
  await project.land('2026-06-02', [ANNA, CARA]);
  expect(await cities(project, '2026-06-02')).toEqual(['Cottbus']);
});

it('lets a tombstone expire', async () => {
  const project = await makeForgetProject();
  await project.forget('anna', { keepForDays: 30 });
  const { readForgotten } = await import('../../src/ingest/forgotten.js');
  const { definitions, config } = await project.open();
  const datasets = [...(definitions.get('shop')?.datasets.values() ?? [])];
  const { findMasterKey } = await import('../../src/base/config/key.js');
  const key = await findMasterKey(config);
  const on = async (day: string) =>
    (await readForgotten(config, datasets, key, new Date(`${day}T00:00:00Z`))).erasures.length;
  expect([await on('2026-07-29'), await on('2026-07-30')]).toEqual([1, 0]);
});

it('prints no value and no token, and writes none into tombstone and receipt', async () => {
  const project = await makeForgetProject();
  await project.land('2026-06-01', [ANNA, BERT]);
  const report = await project.forget('anna');
  const folder = join(project.dir, 'data_lake/_forgotten');
  const texts = [JSON.stringify(report)];
  for (const name of await listFolder(folder)) {
    if (name.endsWith('.json')) texts.push(readFileSync(join(folder, name), 'utf8'));
  }
  texts.push(readFileSync(join(folder, 'receipts/000001.json'), 'utf8'));
  expect(texts).toHaveLength(3);
  for (const text of texts) expect(text).not.toMatch(/anna|k1_[0-9a-f]{32}/i);
});

it('has doctor fail where people have tokens and no lookup, and warn where direct fields have no token', async () => {
  const noLookup = (yaml: string): string =>
    yaml
      .replace(/email_token: .*/, 'mail: { from: email, treat: redact }')
      .replace('from: id', 'from: [id, email]');
  const checkOf = async (project: ForgetProject) =>
    (await listProjectChecks(await project.open())).find(({ name }) => name === 'erasure')?.run();
  expect(await checkOf(await makeForgetProject())).toMatchObject({ status: 'ok' });
  await expect(checkOf(await makeForgetProject(noLookup))).rejects.toMatchObject({ code: 'E_DEFINITION' });
  const noToken = (yaml: string): string =>
    noLookup(yaml).replace(/person_token: .*/, 'id: { from: id, treat: redact }');
  expect(await checkOf(await makeForgetProject(noToken))).toMatchObject({ status: 'warn' });
});

it('leaves no token of them in the ledger, where rows failed a check, and none in what is read from it', async () => {
  const project = await makeForgetProject(
    (yaml) =>
      `${yaml}    primary_key: [person_token]\n    checks:\n      - { check: accepted_values, severity: warn, column: city, values: [Berlin] }\n`,
  );
  await project.land('2026-06-01', [ANNA, BERT, CARA]);
  await project.build();
  const [anna = '', , cara = ''] = (
    (await project.rows('2026/06/01/customers.parquet')) as { person_token: string }[]
  ).map(({ person_token }) => person_token);
  const places = async (token: string): Promise<string[]> =>
    Object.entries(await readAll(project.dir))
      .filter(([, base64]) => Buffer.from(base64, 'base64').includes(token))
      .map(([path]) => path.split('/').slice(0, 2).join('/'));
  const told = (): Promise<unknown> => project.query('select tokens from ops.checks order by all');
  expect(await places(anna)).toContain('data_lake/_runs');
  await project.forget('anna');
  expect((await places(anna)).filter((path) => !path.startsWith('logs/'))).toEqual([]);
  expect(await places(cara)).toContain('data_lake/_runs');
  const text = JSON.stringify(await told());
  expect({ anna: text.includes(anna), cara: text.includes(cara) }).toEqual({ anna: false, cara: true });
});
