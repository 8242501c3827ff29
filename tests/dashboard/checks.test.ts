import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckResult, RunRecord } from '../../src/base/types/run-record.js';
import { findLastResults } from '../../src/dashboard/data/own-checks.js';
import { runHere } from '../canary/run-here.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { openDashboard, type OpenDashboard } from './open-dashboard.js';
import { DATE, NOW } from './scene.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DOUBTFUL = '-- severity: warn\nselect 1 as wrong\n';

describe('the checks of two pipelines, which a transform evaluates', () => {
  let sandbox: Sandbox;
  let dashboard: OpenDashboard;

  beforeAll(async () => {
    sandbox = await makeSandbox(undefined, 'bookings');
    for (const path of ['pipelines/persons.yaml', 'sql/persons']) {
      cpSync(join(ROOT, path), join(sandbox.project, path), { recursive: true });
    }
    // Two checks of the same name: one passes, one warns.
    mkdirSync(join(sandbox.project, 'sql/bookings/checks'), { recursive: true });
    writeFileSync(join(sandbox.project, 'sql/persons/checks/doubtful.sql'), DOUBTFUL);
    writeFileSync(join(sandbox.project, 'sql/bookings/checks/doubtful.sql'), `${DOUBTFUL} limit 0\n`);
    for (const asked of [
      ['run', 'persons', '--date', DATE],
      ['ingest', 'bookings', '--date', `${NOW.slice(0, 10)}T12`],
      ['transform', 'bookings'],
    ]) {
      const ended = await runHere(sandbox, asked, { RECORDS: '300' });
      expect(ended.exit, ended.stderr).toBe(0);
    }
    dashboard = await openDashboard(sandbox, { now: NOW });
  });
  afterAll(async () => {
    await dashboard.stop();
    await sandbox.remove();
  });

  const get = async (path: string) =>
    (await dashboard.ask(path, { headers: { cookie: await dashboard.enter() } })).body;

  it('are counted on the card of their pipeline', async () => {
    const [, bookings = '', persons = ''] = (await get('/')).split('<article');
    expect(bookings).toContain('>bookings</a>');
    expect(bookings).toMatch(/Watch[^]*12 hours are missing\.[^]*since 2026-03-02T00[^]*6 of 6 passed\s*</);
    expect(persons).toMatch(/Watch[^]*1 check warned: doubtful[^]*since[^]*1 of 2 passed, 1 warned/);
  });

  it('are listed in the run of their pipeline, which counts the others', async () => {
    const [, path = ''] = /bookings<\/a>[^]*?href="(\/runs\/[0-9a-f-]{36})"/.exec(await get('/')) ?? [];
    const [, checks = ''] = (await get(path)).split('<h2>Checks</h2>');
    expect(checks).toMatch(/bookings\.row_count[^]*>doubtful</);
    expect(checks).not.toMatch(/Warned|persons_anonymized_is_general/);
    expect(checks).toContain('2 checks of other pipelines also ran');
  });
});

describe('the last known result of a check', () => {
  const result = (check: string, passed: boolean, date: string | null = null): CheckResult => ({
    ...{
      check,
      pipeline: 'a',
      dataset: null,
      date,
      severity: 'warn',
      passed,
      found: passed ? 0 : 1,
      tokens: [],
    },
  });
  const run = (...checks: CheckResult[]): RunRecord => ({
    ...{ format: 1, run_id: '019a0000-0000-7000-8000-00000000000a', command: 'run', pipeline: 'a' },
    ...{ date: DATE, slot: null, status: 'succeeded', started_at: NOW, finished_at: NOW },
    ...{ tool_version: '0.0.0', stages: [], datasets: [], models: [], error: null, healed: [] },
    ...{ checks, releases: [], cpu_ms: 0, peak_memory_bytes: 0 },
  });
  const listResults = (...runs: RunRecord[]) =>
    findLastResults(runs, ({ check }) => check !== 'foreign').map(({ result: { check, passed } }) => [
      check,
      passed,
    ]);

  it('comes from the newest run that ran it', () => {
    expect(
      listResults(
        run(result('a', true)),
        run(result('a', false), result('b', false)),
        run(result('b', true)),
      ),
    ).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });

  it('is the worst of the dates that were checked together', () => {
    expect(
      listResults(
        run(result('a', true, DATE), result('a', false, '2026-03-02'), result('a', true, '2026-03-03')),
      ),
    ).toEqual([['a', false]]);
  });

  it('does not include checks of other pipelines', () => {
    expect(listResults(run(result('foreign', false)))).toEqual([]);
  });
});
