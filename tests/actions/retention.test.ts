import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { enforceRetention } from '../../src/actions/prune/enforce-retention.js';
import { readRuns } from '../../src/ledger/read-runs.js';
import { recordCopy } from '../../src/lake/copies.js';
import { customer, type ForgetProject, makeForgetProject } from './forget-project.js';

// Today is 2026-06-30 in these projects.
const ANNA = customer('c1', 'anna', 'Xanten');
const BERT = customer('c2', 'bert', 'Berlin');

const keepFor = (days: string) => (yaml: string) =>
  yaml.replace('    contract:', `    retention: ${days}\n    contract:`);

const dates = ({ dir }: ForgetProject): string[] =>
  readdirSync(join(dir, 'data_lake/raw'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.manifest.json'))
    .map((name) => name.slice(0, 10).replaceAll('/', '-'))
    .sort();

const countPrunes = async ({ dir }: ForgetProject): Promise<number> => {
  const { runs } = await readRuns(join(dir, 'data_lake'), 99);
  return runs.filter(({ command, status }) => command === 'prune' && status === 'succeeded').length;
};

function write(project: ForgetProject, ...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(join(project.dir, path, '..'), { recursive: true });
    writeFileSync(join(project.dir, path), 'city\n');
  }
}

it('prunes, before each run, the dates that are older, and keeps the state of stateful models', async () => {
  const project = await makeForgetProject();
  await project.land('2026-02-01', [ANNA]);
  await project.land('2026-06-01', [BERT]);
  const page = join(project.dir, 'pipelines/shop.yaml');
  writeFileSync(page, keepFor('90d')(readFileSync(page, 'utf8')));
  await project.land('2026-06-29', [BERT]);
  expect(dates(project)).toEqual(['2026-06-01', '2026-06-29']);
  expect(existsSync(join(project.dir, 'data_lake/_checkpoints/silver.latest/checkpoint.json'))).toBe(true);
  expect(await countPrunes(project)).toBe(1);
  await project.land('2026-06-30', [BERT]);
  expect(await countPrunes(project)).toBe(1);
  await project.build();
  expect(await project.query('select city from silver.latest order by all')).toEqual([
    ['Berlin'],
    ['Xanten'],
  ]);
  expect(await project.problems()).toEqual([]);
});

it('refuses to land a date that it has pruned, and keeps the last day that it may', async () => {
  const project = await makeForgetProject(keepFor('30d'));
  await project.land('2026-05-30', [ANNA]);
  await project.land('2026-05-31', [ANNA]);
  await project.land('2026-06-30', [BERT]);
  expect(dates(project)).toEqual(['2026-05-31', '2026-06-30']);
  await expect(project.land('2026-05-30', [ANNA])).rejects.toMatchObject({ code: 'E_PRUNED', exit: 2 });
});

it('covers exports: reports of older dates, and tables, which hold rows of any date', async () => {
  const project = await makeForgetProject(keepFor('90d'));
  await project.land('2026-02-01', [ANNA]);
  const kept = ['exports/2026-06-01/cities.csv'];
  const old = [
    'exports/2026-02-01/cities.csv',
    'exports/2026-06-01/silver.latest.csv',
    'elsewhere/cities.csv',
  ];
  write(project, ...kept, ...old);
  const path = join(project.dir, 'elsewhere/cities.csv');
  await recordCopy(join(project.dir, 'data_lake'), {
    kind: 'export',
    path,
    name: 'cities',
    date: '2026-02-01',
  });
  await project.land('2026-06-30', [BERT]);
  const isThere = (name: string): boolean => existsSync(join(project.dir, name));
  expect({ kept: kept.map(isThere), old: old.map(isThere) }).toEqual({
    kept: [true],
    old: [false, false, false],
  });
});

it('removes nothing, and does not run, where a model would lose rows that only raw files have', async () => {
  const project = await makeForgetProject();
  await project.land('2026-02-01', [ANNA]);
  await project.land('2026-06-01', [BERT]);
  const page = join(project.dir, 'pipelines/shop.yaml');
  writeFileSync(page, keepFor('90d')(readFileSync(page, 'utf8')));
  const columns = 'person_token, email_token, city, _ingest_date, _slot, _position';
  const head = '-- description: a model\n-- materialize: upsert on person_token\n-- deletes: keep\n';
  const sql = `select ${columns}, count(*) over () as n from bronze.customers`;
  writeFileSync(join(project.dir, 'sql/shop/silver/latest.sql'), `${head}${sql}\n`);
  await expect(project.land('2026-06-30', [BERT])).rejects.toMatchObject({ code: 'E_PRUNE_REFUSED' });
  expect(dates(project)).toEqual(['2026-02-01', '2026-06-01']);
});

it('reads nothing where no dataset has a retention', async () => {
  const project = await makeForgetProject();
  const opened = await project.open();
  const [definition] = opened.definitions.values();
  if (definition === undefined) throw new Error('no definition');
  const lake = { ...opened.lake, list: () => Promise.reject(new Error('the lake was read')) };
  await enforceRetention({ ...opened, lake }, definition);
});

it.each(['0d', '90', '4w', '90h'])('is a number of days, and not %s', async (days) => {
  await expect((await makeForgetProject(keepFor(days))).open()).rejects.toMatchObject({
    code: 'E_DEFINITION',
  });
});
