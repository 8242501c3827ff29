import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { verifyLake } from '../../src/actions/verify/verify-lake.js';
import { tryLock } from '../../src/lake/lock.js';
import { finishDead, openRun } from '../../src/ledger/ledger.js';
import { readRun, readRuns } from '../../src/ledger/read-runs.js';
import { writeRun } from '../../src/ledger/write-run.js';
import { openHere } from '../canary/open-here.js';
import { makeCanaries } from '../support/canary-people.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { kill, type Running, start } from '../support/kill-harness.js';
import { page, startStubApi, type StubApi } from '../support/stub-api.js';

/** Runs in processes of their own that are at work, or are killed at it, and what the ledger says of them. */

const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function openSandbox(): Promise<Sandbox> {
  const sandbox = await makeSandbox();
  open.push(sandbox.remove);
  return sandbox;
}

/** An API that answers when it is let. */
async function startSlowApi(): Promise<StubApi & { readonly answer: () => void }> {
  let answer = (): void => undefined;
  const gate = new Promise<void>((resolve) => (answer = resolve));
  const api = await startStubApi(({ query }) => async (response, request) => {
    await gate;
    await page(makeCanaries(Number(query.get('_quantity'))))(response, request);
  });
  open.push(api.close);
  return { ...api, answer };
}

async function ingestUntilAsked(sandbox: Sandbox, api: StubApi): Promise<Running> {
  const args = ['ingest', '--date', '2026-03-01', '--records', '20', '--source', api.url];
  const running = start(sandbox.program(args));
  open.push(() => kill(running));
  await expect.poll(() => api.requests.length).toBeGreaterThan(0);
  return running;
}

/** Waits for the lake, which somebody has. */
async function transformUntilWaiting(sandbox: Sandbox): Promise<Running> {
  const running = start(sandbox.program(['transform']));
  open.push(() => kill(running));
  await new Promise<void>((resolve) => {
    running.child.stderr.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('waiting')) resolve();
    });
  });
  return running;
}

async function readStatuses({ lake }: Sandbox): Promise<unknown[]> {
  const { runs } = await readRuns(lake, 9);
  return runs.map(({ command, status, finished_at }) => [command, status, finished_at === null]);
}

describe('a run that was killed', () => {
  it('before its commit is interrupted in the ledger and in ops.runs once somebody swept up after it', async () => {
    const sandbox = await openSandbox();
    await kill(await ingestUntilAsked(sandbox, await startSlowApi()));
    expect(await readStatuses(sandbox)).toEqual([['ingest', 'running', true]]);
    expect((await sandbox.run(['transform'])).exit).toBe(0);
    expect(await readStatuses(sandbox)).toEqual([
      ['transform', 'succeeded', false],
      ['ingest', 'interrupted', true],
    ]);
    const sql = "select status from ops.runs where command = 'ingest'";
    expect((await sandbox.run(['query', sql, '--format', 'csv'])).stdout).toContain('interrupted');
  });

  it('and stages nothing is interrupted in the ledger as well', async () => {
    const sandbox = await openSandbox();
    const lock = await tryLock(join(sandbox.lake, '_lock.duckdb'), 'a test');
    await kill(await transformUntilWaiting(sandbox));
    await lock?.release();
    const project = await openHere(sandbox);
    expect((await verifyLake(project, { date: null })).cleaned_up).toHaveLength(1);
    expect(await readStatuses(sandbox)).toEqual([['transform', 'interrupted', true]]);
  });
});

describe('a run that is at work', () => {
  it('stays so in the ledger, whoever sweeps', async () => {
    const sandbox = await openSandbox();
    const api = await startSlowApi();
    const running = await ingestUntilAsked(sandbox, api);
    const project = await openHere(sandbox);
    expect((await verifyLake(project, { date: null })).cleaned_up).toEqual([]);
    expect(await readStatuses(sandbox)).toEqual([['ingest', 'running', true]]);
    api.answer();
    expect((await running.ended).code).toBe(0);
    expect(await readStatuses(sandbox)).toEqual([['ingest', 'succeeded', false]]);
  });
});

describe('the entry of a dead run', () => {
  const start = { command: 'run', pipeline: 'persons', date: null, slot: null, tool_version: '0' };

  it('is finished once, and not where it has an end', async () => {
    const { lake } = await openSandbox();
    const opened = await openRun(lake, new Date('2026-03-01T00:00:00Z'), start);
    await finishDead(lake, opened.run_id);
    const finished = await readRun(lake, opened.run_id);
    expect(finished).toEqual({ ...opened, status: 'interrupted' });
    await finishDead(lake, opened.run_id);
    expect(await readRun(lake, opened.run_id)).toEqual(finished);
    await writeRun(lake, { ...opened, status: 'succeeded' });
    await finishDead(lake, opened.run_id);
    expect(await readRun(lake, opened.run_id)).toMatchObject({ status: 'succeeded' });
  });

  it('is not made up where there is none', async () => {
    const { lake } = await openSandbox();
    await finishDead(lake, '019a0000-0000-7000-8000-00000000000a');
    await finishDead(lake, '../x');
    expect(await readRuns(lake, 9)).toEqual({ runs: [], skipped: [] });
  });
});
