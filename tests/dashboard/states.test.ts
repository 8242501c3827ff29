import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetResult, ModelResult } from '../../src/base/types/run-record.js';
import { describeRun } from '../../src/dashboard/data/describe-run.js';
import { orderStages } from '../../src/dashboard/data/models.js';
import { listen } from '../../src/dashboard/server/listen.js';
import { watchVersion } from '../../src/dashboard/server/live.js';
import { SERVER_LINKS } from '../../src/dashboard/views/links.js';
import { runPage } from '../../src/dashboard/views/run.js';
import { runHere } from '../canary/run-here.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { openDashboard, type OpenDashboard } from './open-dashboard.js';
import { DATE, NOW } from './scene.js';

/** Nothing listens there. */
const NOBODY = 'http://127.0.0.1:9';

let sandbox: Sandbox;
let dashboard: OpenDashboard;
let cookie: string;

beforeAll(async () => {
  sandbox = await makeSandbox();
  const landed = await runHere(sandbox, ['run', 'persons', '--date', DATE], { RECORDS: '300' });
  expect(landed.exit, landed.stderr).toBe(0);
  dashboard = await openDashboard(sandbox, { now: NOW });
  cookie = await dashboard.enter();
});
afterAll(async () => {
  await dashboard.stop();
  await sandbox.remove();
});

const look = async (path: string) => dashboard.ask(path, { headers: { cookie } });

describe('pages of what is not well', () => {
  it('tell of a run that failed why it did, what to type, and that nothing else has changed', async () => {
    const ended = await runHere(sandbox, ['run', 'persons', '--date', '2026-03-02', '--source', NOBODY]);
    expect(ended.exit).toBe(3);
    const overview = await look('/');
    expect(overview.body).toMatch(/Bad[^]*300 rows/);
    const [, path = ''] = /href="(\/runs\/[0-9a-f-]{36})"/.exec(overview.body) ?? [];
    const { status, body } = await look(path);
    expect(status).toBe(200);
    expect(body).toMatch(/Failed[^]*This did not work:[^]*Try:[^]*E_[A-Z_]+/);
    expect(body).not.toContain('Its reports');
    expect((await look('/pipelines/persons')).body).toContain('People by mail provider');
  });

  it('let neither a check nor a file that was not taken in stand for the last run', async () => {
    await runHere(sandbox, ['transform']);
    await runHere(sandbox, ['run', 'persons', '--date', '2026-03-02', '--source', NOBODY]);
    const before = await look('/');
    const [, failed = ''] = /href="(\/runs\/[0-9a-f-]{36})"/.exec(before.body) ?? [];
    const checked = await runHere(sandbox, ['check', 'persons']);
    expect(checked.exit, checked.stderr).toBe(0);
    expect((await look('/')).body).toMatch(new RegExp(`Bad[^]*The last run failed with E_[^]*${failed}`));

    const run = await runHere(sandbox, ['run', 'persons', '--date', DATE], { RECORDS: '300' });
    expect(run.exit, run.stderr).toBe(0);
    const adopt = [
      'adopt',
      join(sandbox.project, 'pipelines/persons.yaml'),
      '--dataset',
      'persons',
      '--date',
      DATE,
    ];
    expect((await runHere(sandbox, adopt)).exit).toBeGreaterThan(0);
    expect((await look('/runs')).body).toMatch(/adopt<\/td>[^]*?Failed/);
    const { body } = await look('/');
    expect(body).toMatch(/Unchanged/);
    expect(body).not.toMatch(/Bad|The last run failed/);
  });

  it('say of a date without data what would fetch it, and offer those that there are', async () => {
    const { status, body } = await look('/pipelines/persons?date=2020-02-29');
    expect(status).toBe(200);
    expect(body).toContain('Nothing landed on 2020-02-29');
    expect(body).not.toContain('has no report yet');
    expect(body).toContain(`?date=${DATE}`);
  });

  it('name the days that are missing, as they are typed', async () => {
    expect((await look('/lake/persons')).body).toContain(
      '<code>pipeline backfill persons --from 2026-03-02 --to 2026-03-02</code>',
    );
  });

  it('are there without a warehouse, and say how to build it again', async () => {
    rmSync(join(sandbox.project, 'db'), { recursive: true, force: true });
    await dashboard.stop();
    dashboard = await openDashboard(sandbox, { now: NOW });
    cookie = await dashboard.enter();
    for (const path of ['/', '/pipelines/persons', '/runs', '/privacy/persons', '/lake/persons']) {
      expect((await look(path)).status, path).toBe(200);
    }
    // The tests of this file come in any order.
    const pipeline = await look('/pipelines/persons');
    const lake = await look('/lake/persons');
    const csv = await look(`/pipelines/persons/email_provider_count.csv?date=${DATE}`);
    expect((await runHere(sandbox, ['transform'])).exit).toBe(0);
    expect(pipeline.body).toMatch(/This did not work:[^]*pipeline transform/);
    expect(lake.body).toContain('<code>pipeline transform persons</code>');
    expect(csv.status).toBe(500);
    expect(csv.headers['content-type']).toMatch(/^text\/html/);
  });
});

it('the first port that is free is taken', async () => {
  const first = await listen('127.0.0.1', null);
  const second = await listen('127.0.0.1', null);
  try {
    expect(first.port).toBeGreaterThanOrEqual(8501);
    expect(second.port).toBeGreaterThan(first.port);
    await expect(listen('127.0.0.1', first.port)).rejects.toMatchObject({ code: 'E_PORT' });
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
});

it('a run tells of its datasets in one table, and of tables of others only those that were built', () => {
  const dataset = (name: string): DatasetResult => ({
    ...{ dataset: name, fetched: 9, landed: 4, rejected: 3, duplicates: 2, forgotten: 0, empty: 0 },
    ...{ partition: null, partitions: [], rejects: [{ code: 'type', path: 'id', count: 3 }] },
    ...{ nulled: [], drift: [], singled_out: null, unchanged: false },
  });
  const model = (name: string, pipeline: string, built: ModelResult['built']): ModelResult => ({
    ...{ model: name, pipeline, rows: 1, built, dates: 0 },
  });
  const told = describeRun(
    {
      ...{ format: 1, run_id: '019a0000-0000-7000-8000-00000000000a', command: 'run', pipeline: 'shop' },
      ...{ date: DATE, slot: null, status: 'succeeded', started_at: NOW, finished_at: NOW },
      ...{ tool_version: '0.0.0', stages: [], datasets: [dataset('carts'), dataset('items')] },
      models: [
        model('silver.carts', 'shop', 'skipped'),
        model('silver.people', 'persons', 'skipped'),
        model('silver.trips', 'bookings', 'full'),
      ],
      ...{ checks: [], error: null, healed: [], cpu_ms: 0, peak_memory_bytes: 0 },
    },
    false,
  );
  const page = runPage(told, { ...SERVER_LINKS, desk: null, datesOf: null }).body.toString();
  expect(page.match(/<h2>/g)).toHaveLength(4);
  expect(page).toMatch(/>carts<\/th>(?:\s*<td[^>]*>[^<]*<\/td>){6}[^]*>items<\/th>/);
  expect(page).toContain('Refused records of items');
  expect(page).toMatch(/silver\.carts[^]*silver\.trips/);
  expect(page).not.toContain('silver.people');
  expect(page).toContain('1 table of other pipelines is as it was.');
});

it('stages are told in the order of a record, dataset by dataset', () => {
  const stage = (name: 'fetch' | 'check' | 'mask' | 'land', dataset: string) => ({
    ...{ stage: name, dataset, rows_in: 1, rows_out: 1, busy_ms: 1 },
  });
  const ended = [
    stage('mask', 'b'),
    stage('check', 'a'),
    stage('land', 'b'),
    stage('fetch', 'a'),
    stage('fetch', 'b'),
  ];
  expect(orderStages(ended).map(({ stage: name, dataset }) => `${dataset} ${name}`)).toEqual([
    'b fetch',
    'b mask',
    'b land',
    'a fetch',
    'a check',
  ]);
});

it('a version is read again when it is old, or when what is known at once has changed', async () => {
  let [reads, now, mark] = [0, 0, ''];
  const version = watchVersion(
    () => Promise.resolve(String((reads += 1))),
    () => now,
    () => mark,
  );
  expect(await Promise.all([version(), version()])).toEqual(['1', '1']);
  now = 200;
  expect(await version()).toBe('1');
  mark = 'a run';
  expect(await version()).toBe('2');
  now = 1_000;
  expect(await version()).toBe('3');
});
