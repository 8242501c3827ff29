import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetResult, ModelResult } from '../../src/base/types/run-record.js';
import { describeRun } from '../../src/dashboard/data/describe-run.js';
import { orderStages } from '../../src/dashboard/data/models.js';
import { listen } from '../../src/dashboard/server/listen.js';
import { watchVersion } from '../../src/dashboard/server/live.js';
import { SERVER_LINKS } from '../../src/dashboard/views/links.js';
import { runView } from '../../src/dashboard/views/run.js';
import { runHere } from '../canary/run-here.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { openDashboard, type OpenDashboard } from './open-dashboard.js';
import { DATE, NOW } from './scene.js';

/** No server listens there. */
const NO_SERVER = 'http://127.0.0.1:9';

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

const get = async (path: string) => dashboard.ask(path, { headers: { cookie } });

describe('views of failures and missing data', () => {
  it('show why a run failed and what to do, and keep the reports', async () => {
    const ended = await runHere(sandbox, ['run', 'persons', '--date', '2026-03-02', '--source', NO_SERVER]);
    expect(ended.exit).toBe(3);
    const overview = await get('/');
    expect(overview.body).toMatch(/Bad[^]*300 rows/);
    const [, path = ''] = /href="(\/runs\/[0-9a-f-]{36})"/.exec(overview.body) ?? [];
    const { status, body } = await get(path);
    expect(status).toBe(200);
    expect(body).toMatch(/Failed[^]*Error:[^]*What to do:[^]*E_[A-Z_]+/);
    expect(body).not.toContain('View reports');
    expect((await get('/pipelines/persons')).body).toContain('People by mail provider');
  });

  it('do not count a check or a failed adopt as the last run', async () => {
    await runHere(sandbox, ['transform']);
    await runHere(sandbox, ['run', 'persons', '--date', '2026-03-02', '--source', NO_SERVER]);
    const before = await get('/');
    const [, failed = ''] = /href="(\/runs\/[0-9a-f-]{36})"/.exec(before.body) ?? [];
    const checked = await runHere(sandbox, ['check', 'persons']);
    expect(checked.exit, checked.stderr).toBe(0);
    expect((await get('/')).body).toMatch(new RegExp(`Bad[^]*The last run failed: [^]*\\(E_[^]*${failed}`));

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
    expect((await get('/runs')).body).toMatch(/adopt<\/td>[^]*?Failed/);
    const { body } = await get('/');
    expect(body).toMatch(/Unchanged/);
    expect(body).not.toMatch(/Bad|The last run failed/);
  });

  it('list loads first, and filter runs by kind and status', async () => {
    expect((await runHere(sandbox, ['transform', '--all'])).exit).toBe(0);
    expect((await runHere(sandbox, ['check', 'persons'])).exit).toBe(0);
    const rowsOf = async (query: string) =>
      (await get(`/runs${query}`)).body
        .split('<tbody>')[1]
        ?.split('</tbody>')[0]
        ?.replace(/<[^>]*>\s*/g, '|') ?? '';
    const loads = await rowsOf('');
    expect(loads).toMatch(/↓[^]*run\|[^]*persons\|[^]*300 rows landed/);
    expect(loads).not.toMatch(/transform|check/);
    const builds = await rowsOf('?kind=build');
    expect(builds).toMatch(/▦\|+ ?transform\|+all\|+all\|[^]*\d+ tables?\|/);
    expect(await rowsOf('?kind=check')).toMatch(/✓\|+ ?check\|+persons\|[^]*\d of \d checks? passed/);
    expect(await rowsOf('?kind=all')).toMatch(/transform[^]*run/);
    expect(await rowsOf('?kind=all&status=failed')).not.toContain('Succeeded');
    for (const kind of ['load', 'build', 'check']) expect(await rowsOf(`?kind=${kind}`)).not.toContain('–');
  });

  it('show the command that fetches a missing date, and link to landed dates', async () => {
    const { status, body } = await get('/pipelines/persons?date=2020-02-29');
    expect(status).toBe(200);
    expect(body).toContain('Nothing has landed for 2020-02-29');
    expect(body).not.toContain('has no reports yet');
    expect(body).toContain(`?date=${DATE}`);
  });

  it('show the command that fetches the missing days', async () => {
    expect((await get('/lake/persons')).body).toContain(
      '<code>pipeline backfill persons --from 2026-03-02 --to 2026-03-02</code>',
    );
  });

  it('work without a warehouse, and show how to build it', async () => {
    rmSync(join(sandbox.project, 'db'), { recursive: true, force: true });
    await dashboard.stop();
    dashboard = await openDashboard(sandbox, { now: NOW });
    cookie = await dashboard.enter();
    for (const path of ['/', '/pipelines/persons', '/runs', '/privacy/persons', '/lake/persons']) {
      expect((await get(path)).status, path).toBe(200);
    }
    // The tests of this file run in any order.
    const pipeline = await get('/pipelines/persons');
    const lake = await get('/lake/persons');
    const csv = await get(`/pipelines/persons/email_provider_count.csv?date=${DATE}`);
    expect((await runHere(sandbox, ['transform'])).exit).toBe(0);
    expect(pipeline.body).toMatch(/Error:[^]*pipeline transform/);
    expect(lake.body).toContain('<code>pipeline transform persons</code>');
    expect(csv.status).toBe(500);
    expect(csv.headers['content-type']).toMatch(/^text\/html/);
  });
});

it('the first free port is used', async () => {
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

it('a run lists its datasets in one table, and tables of other pipelines only if they were built', () => {
  const dataset = (name: string): DatasetResult => ({
    ...{ dataset: name, fetched: 9, landed: 4, rejected: 3, duplicates: 2, forgotten: 0, empty: 0 },
    ...{ partition: null, partitions: [], rejects: [{ code: 'type', path: 'id', count: 3 }] },
    ...{ page_drift: null, nulled: [], drift: [], withheld: null, singled_out: null, unchanged: false },
  });
  const model = (name: string, pipeline: string, built: ModelResult['built']): ModelResult => ({
    ...{ model: name, pipeline, rows: 1, built, dates: 0, singled_out: null },
  });
  const run = describeRun(
    {
      ...{ format: 1, run_id: '019a0000-0000-7000-8000-00000000000a', command: 'run', pipeline: 'shop' },
      ...{ date: DATE, slot: null, status: 'succeeded', started_at: NOW, finished_at: NOW },
      ...{ tool_version: '0.0.0', stages: [], datasets: [dataset('carts'), dataset('items')] },
      models: [
        model('silver.carts', 'shop', 'skipped'),
        model('silver.people', 'persons', 'skipped'),
        model('silver.trips', 'bookings', 'full'),
      ],
      ...{ checks: [], releases: [], error: null, healed: [], cpu_ms: 0, peak_memory_bytes: 0 },
    },
    false,
  );
  const page = runView(run, { ...SERVER_LINKS, launcher: null, datesOf: null }).body.toString();
  expect(page.match(/<h2>/g)).toHaveLength(4);
  expect(page).toMatch(/>carts<\/th>(?:\s*<td[^>]*>[^<]*<\/td>){6}[^]*>items<\/th>/);
  expect(page).toContain('Rejected records of items');
  expect(page).toMatch(/silver\.carts[^]*silver\.trips/);
  expect(page).not.toContain('silver.people');
  expect(page).toContain('1 table of other pipelines is unchanged.');
});

it('stages are listed by dataset, in the order of processing', () => {
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

it('a version is read again when it is old, or when the mark has changed', async () => {
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
