import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRuns } from '../../src/ledger/read-runs.js';
import { holdSource } from '../dashboard/hold-source.js';
import { scanForCanaries } from '../support/canary.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { start } from '../support/kill-harness.js';

/** The built command, with the clock of the machine: its schedule is such that a time was missed. */

let sandbox: Sandbox;
const LONG_AGO = '2025-12-15';
beforeEach(async () => {
  // Twice a year, so that no run becomes due while the test looks.
  const months = new Date().getUTCMonth() + 1 === 1 ? '12' : '1';
  sandbox = await makeSandbox((yaml) => yaml.replace("'0 3 * * *'", `'0 3 1 ${months} *'`));
  const landed = await sandbox.run(['ingest', 'persons', '--date', LONG_AGO, '--records', '50']);
  expect(landed.exit, landed.stderr).toBe(0);
});
afterEach(() => sandbox.remove());

const ENVIRONMENT = { RECORDS: '50' };

async function askHealth(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

describe('pipeline schedule --once', () => {
  it('runs what was missed, and ends', async () => {
    const ended = await sandbox.run(['schedule', '--once'], ENVIRONMENT);
    expect(ended.exit, ended.stderr).toBe(0);
    expect(ended.stderr).toMatch(/persons, \d{4}-\d\d-01: succeeded, 50 rows/);
    expect(ended.stdout).toContain('What was missed has run.');
    const again = await sandbox.run(['schedule', '--once', '--json', '--quiet'], ENVIRONMENT);
    expect({ exit: again.exit, stderr: again.stderr }).toEqual({ exit: 0, stderr: '' });
    expect(JSON.parse(again.stdout)).toMatchObject({ health: null, pipelines: [{ pipeline: 'persons' }] });
  });

  it('ends with the exit code of the run, and is refused without a schedule', async () => {
    const failing = { FAKER_API_URL: 'http://127.0.0.1:1', RETRIES: '0' };
    expect(await sandbox.run(['schedule', '--once'], failing)).toMatchObject({ exit: 3 });
    const page = join(sandbox.project, 'pipelines/persons.yaml');
    writeFileSync(page, readFileSync(page, 'utf8').replace(/^schedule:.*\n/m, ''));
    const refused = await sandbox.run(['schedule', '--once']);
    expect(refused.exit).toBe(2);
    expect(refused.stderr).toContain('no pipeline has a schedule');
  });
});

describe('pipeline schedule', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 0],
  ] as const)('that gets %s rolls the run back within 30 s, and ends with %i', async (signal, code) => {
    const source = await holdSource();
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    const args = ['schedule', '--port', String(port)];
    try {
      const running = start(sandbox.program(args, { ...ENVIRONMENT, ...source.opening.environment }));
      expect(await running.nextLine()).toContain(`Scheduler: http://127.0.0.1:${port}/healthz`);
      const url = `http://127.0.0.1:${port}/healthz`;
      let health: unknown;
      do health = await askHealth(url);
      while (!JSON.stringify(health).includes('"since"'));
      expect(health).toMatchObject({ status: 'ok', pipelines: [{ pipeline: 'persons' }] });
      // Another scheduler of the same lake is refused.
      const second = await sandbox.run(['schedule', '--port', String(port + 1)], ENVIRONMENT);
      expect(second.exit).toBe(6);
      expect(second.stderr).toContain('another scheduler');
      let started = await readRuns(sandbox.lake, 1);
      while (started.runs[0]?.command !== 'run') started = await readRuns(sandbox.lake, 1);
      const stoppedAt = Date.now();
      running.child.kill(signal);
      const ended = await running.ended;
      expect(Date.now() - stoppedAt).toBeLessThan(30_000);
      expect(ended.code, ended.stderr).toBe(code);
      const { runs } = await readRuns(sandbox.lake, 1);
      expect(runs).toMatchObject([{ command: 'run', status: 'interrupted', datasets: [] }]);
      const outputs = { stdout: ended.stdout, stderr: ended.stderr, health: JSON.stringify(health) };
      expect(await scanForCanaries([sandbox.root], outputs)).toEqual([]);
    } finally {
      await source.close();
    }
    // What was stopped is missed: the next scheduler runs it.
    const next = await sandbox.run(['schedule', '--once'], ENVIRONMENT);
    expect(next.stderr).toContain('succeeded, 50 rows');
    expect((await sandbox.run(['verify'])).exit).toBe(0);
  });
});
