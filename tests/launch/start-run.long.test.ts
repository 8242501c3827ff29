import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/base/config/config.js';
import { startRun } from '../../src/launch/start-run.js';
import { readRuns } from '../../src/ledger/read-runs.js';
import { holdSource } from '../dashboard/hold-source.js';
import { makeEffects } from '../source/harness.js';
import { baseEnvironment, makeSandbox, type Sandbox } from '../support/cli.js';
import { scanForCanaries } from '../support/canary.js';
import { startStubApi } from '../support/stub-api.js';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await makeSandbox();
});
afterAll(() => sandbox.remove());

const REQUEST = {
  pipeline: 'persons',
  slot: null,
  dataset: null,
  source: null,
  seed: null,
  force: false,
  asOfNow: false,
  limitPages: null,
};

function open(environment: Readonly<Record<string, string>> = {}) {
  const variables = { ...baseEnvironment(sandbox.root), RECORDS: '200', ...environment };
  return {
    config: loadConfig({ project: sandbox.project, environment: variables }),
    effects: makeEffects({}),
  };
}

/** Processes that this one has started, and that have not ended. */
function listChildren(): number[] {
  return readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

describe('a run in a process of its own', () => {
  it('that runs out of memory is an error of the machine, and the next run lands', async () => {
    // 300 MB of texts in one answer: more than the heap holds. In the built program, which has one heap alone.
    const record = `{"a":"${'x'.repeat(1_000_000)}"}`;
    const body = `{"data":[${Array.from({ length: 300 }, () => record).join(',')}]}`;
    const source = await startStubApi(() => (response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
    const small = await makeSandbox((yaml) =>
      yaml.replace('  timeout: 30s', '  timeout: 10m\n  max_response: 500MB'),
    );
    try {
      const run = ['run', '--all', '--date', '2026-02-01', '--json'];
      const failed = await small.run(run, {
        RUN_HEAP_MB: '128',
        FAKER_API_URL: source.url,
        CONCURRENCY: '1',
      });
      expect(failed.exit, failed.stderr).toBe(6);
      expect(JSON.parse(failed.stdout)).toMatchObject({
        runs: [{ pipeline: 'persons', status: 'interrupted', error: { code: 'E_MEMORY' } }],
        error: { message: expect.stringContaining('RUN_HEAP_MB 128') as string },
      });
      const landed = await small.run(run, { RECORDS: '200' });
      expect(landed.exit, landed.stderr).toBe(0);
      expect(JSON.parse(landed.stdout)).toMatchObject({ runs: [{ datasets: [{ landed: 200 }] }] });
    } finally {
      await source.close();
      await small.remove();
    }
  });

  it('that is killed is an error that names no value, keeps the key off command lines, and leaves the lake to the next command', async () => {
    const source = await holdSource();
    try {
      const { config, effects } = open(source.opening.environment);
      const before = new Set(listChildren());
      const commandLines: string[] = [];
      const run = startRun({ config, effects }, { ...REQUEST, date: '2026-02-02' }, () => {
        for (const pid of listChildren().filter((child) => !before.has(child))) {
          commandLines.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
          process.kill(pid, 'SIGKILL');
        }
      });
      const end = await run.ended;
      expect(end).toMatchObject({ status: 'interrupted', error: { code: 'E_RUN_DIED', exit: 6 } });
      expect(end.error?.message).toContain('SIGKILL');
      const again = startRun({ config, effects }, { ...REQUEST, date: '2026-02-02' });
      source.release();
      expect((await again.ended).status).toBe('succeeded');
      const { runs } = await readRuns(config.lakeDir, 2);
      expect(runs.map(({ status }) => status)).toEqual(['succeeded', 'interrupted']);
      expect(commandLines.join()).toContain('worker-from-source');
      expect(await scanForCanaries([sandbox.root], { commandLines: commandLines.join() })).toEqual([]);
    } finally {
      await source.close();
    }
  });

  it('that is stopped rolls back, and is recorded as interrupted', async () => {
    const source = await holdSource();
    try {
      const { config, effects } = open(source.opening.environment);
      const run = startRun({ config, effects }, { ...REQUEST, date: '2026-02-03' }, () => {
        run.stop('E_TERMINATED');
      });
      const end = await run.ended;
      expect(end).toMatchObject({ status: 'interrupted', error: { code: 'E_TERMINATED', exit: 143 } });
      const { runs } = await readRuns(config.lakeDir, 1);
      expect(runs).toMatchObject([{ run_id: end.runId, status: 'interrupted' }]);
    } finally {
      await source.close();
    }
  });
});
