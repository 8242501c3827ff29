import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameDate } from '../../src/actions/schedule/plan-schedule.js';
import { type LastRun, type ScheduleEvent, Scheduler } from '../../src/actions/schedule/scheduler.js';
import { formatEvent } from '../../src/actions/schedule/serve-schedule.js';
import { gatherMetrics } from '../../src/actions/metrics/gather-metrics.js';
import { describeHealth, serveHealth } from '../../src/actions/schedule/serve-health.js';
import { loadConfig } from '../../src/base/config/config.js';
import { toLakeveilError } from '../../src/base/defect.js';
import { failure } from '../../src/base/errors.js';
import type { RunProcess } from '../../src/launch/start-run.js';
import { openRun } from '../../src/ledger/ledger.js';
import { createRunId } from '../../src/ledger/run-id.js';
import { ingest } from '../../src/pipeline.js';
import { openProject, type Project } from '../../src/project.js';
import { makeEffects } from '../source/harness.js';
import { baseEnvironment, makeSandbox, type Sandbox } from '../support/cli.js';
import { scanForCanaries } from '../support/canary.js';
import { FakeClock } from './fake-clock.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await makeSandbox();
});
afterEach(() => sandbox.remove());

/** A scheduler of a sandbox whose runs are real and in this process. */
interface Opened {
  readonly clock: FakeClock;
  readonly project: Project;
  readonly scheduler: Scheduler;
  readonly lines: string[];
  /** Dates in the order in which their runs ended. */
  readonly ran: string[];
  readonly set: (now: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function open(now: string, environment: Readonly<Record<string, string>> = {}): Promise<Opened> {
  const clock = new FakeClock(now);
  const controller = new AbortController();
  const effects = makeEffects({ now: clock.now, sleep: clock.sleep, signal: controller.signal });
  const variables = { ...baseEnvironment(sandbox.root), RECORDS: '50', ...environment };
  const config = loadConfig({ project: sandbox.project, environment: variables });
  const project = await openProject({ config, effects });
  const lines: string[] = [];
  const ran: string[] = [];
  const start = ({
    date,
    ...request
  }: Parameters<ConstructorParameters<typeof Scheduler>[0]['start']>[0]) => {
    const asked = { ...request, date: date ?? '' };
    const ended = ingest(project, asked).then(
      ({ run_id: runId, status, datasets }) => ({ runId, status, datasets, error: null }),
      (thrown: unknown) => {
        const error = toLakeveilError(thrown);
        return { runId: null, status: 'failed' as const, datasets: [], error };
      },
    );
    return { ended, stop: () => undefined } satisfies RunProcess;
  };
  const onEvent = (event: ScheduleEvent): void => {
    lines.push(formatEvent(event, () => 'UTC'));
    if (event.kind === 'ends') ran.push(nameDate(event.run));
  };
  const scheduler = new Scheduler({ project, effects, start, parallel: 1, onEvent });
  const running = scheduler.run();
  await clock.settle(1);
  return {
    ...{ clock, project, scheduler, lines, ran },
    set: (time) => clock.set(time, 1),
    stop: async () => {
      controller.abort(failure('E_INTERRUPTED', {}));
      await running;
    },
  };
}

function setPolicy(policy: string): void {
  const path = join(sandbox.project, 'pipelines/persons.yaml');
  writeFileSync(path, readFileSync(path, 'utf8').replace('\nschedule:', `\non_missed: ${policy}\nschedule:`));
}

const lastOf = ({ scheduler }: Opened): LastRun | null => scheduler.states()[0]?.last ?? null;

describe('a scheduler', () => {
  it('runs nothing in a project that never ran, then each date at its time, once', async () => {
    const opened = await open('2026-02-01T12:00:00Z');
    expect(opened.ran).toEqual([]);
    expect(opened.lines).toEqual(['persons: next run at 2026-02-02 03:00 UTC for 2026-02-02']);
    await opened.set('2026-02-02T02:59:00Z');
    expect(opened.ran).toEqual([]);
    await opened.set('2026-02-02T03:00:00Z');
    await opened.set('2026-02-02T03:00:20Z');
    expect(opened.lines.slice(1, 3)).toEqual([
      'persons, 2026-02-02: started',
      'persons, 2026-02-02: succeeded, 50 rows',
    ]);
    await opened.set('2026-02-03T03:00:00Z');
    expect(opened.ran).toEqual(['2026-02-02', '2026-02-03']);
    await opened.stop();
    // Another one knows from the ledger what has run.
    const again = await open('2026-02-03T09:00:00Z');
    expect(again.ran).toEqual([]);
    expect(lastOf(again)).toMatchObject({ date: '2026-02-03', status: 'succeeded', exit: 0, landed: 50 });
    await again.stop();
  });

  it.each([
    ['skip', []],
    ['latest', ['2026-02-05']],
    ['all', ['2026-02-03', '2026-02-04', '2026-02-05']],
  ])('that was down runs what was missed by the policy %s', async (policy, expected) => {
    setPolicy(policy);
    const first = await open('2026-02-02T02:00:00Z');
    await first.set('2026-02-02T03:00:00Z');
    await first.stop();
    const second = await open('2026-02-05T08:00:00Z');
    expect(second.ran).toEqual(expected);
    await second.stop();
  });

  it('whose machine slept runs what was missed when it wakes', async () => {
    setPolicy('all');
    const opened = await open('2026-02-02T02:00:00Z');
    await opened.set('2026-02-02T03:00:00Z');
    await opened.set('2026-02-04T10:00:00Z');
    expect(opened.ran).toEqual(['2026-02-02', '2026-02-03', '2026-02-04']);
    await opened.stop();
  });

  it('waits for a run of the same pipeline that someone else has started', async () => {
    const opened = await open('2026-02-02T02:00:00Z');
    const { project } = opened;
    const runId = createRunId(new Date());
    const staging = await project.lake.stage(runId);
    const facts = { command: 'run', pipeline: 'persons', date: '2026-02-01', slot: null, tool_version: '1' };
    await openRun(project.config.lakeDir, new Date(), facts, runId);
    await opened.set('2026-02-02T03:00:00Z');
    expect(opened.lines.at(-1)).toBe('persons: waiting for a run that is in progress');
    expect(opened.ran).toEqual([]);
    await staging.close();
    await opened.set('2026-02-02T03:01:00Z');
    expect(opened.ran).toEqual(['2026-02-02']);
    await opened.stop();
  });

  it('goes on after a run failed, and its health says so without a value', async () => {
    const opened = await open('2026-02-02T02:00:00Z', { FAKER_API_URL: 'http://127.0.0.1:1', RETRIES: '0' });
    const startedAt = opened.clock.now();
    const read = () =>
      describeHealth(opened.scheduler.states(), { now: opened.clock.now(), startedAt, isStopping: false });
    const metrics = async () => (await gatherMetrics(opened.project)).text;
    const server = await serveHealth({ host: '127.0.0.1', port: 0 }, read, metrics);
    try {
      expect(await (await fetch(server.url)).json()).toMatchObject({ status: 'ok' });
      await opened.set('2026-02-02T03:00:00Z');
      const answer = await fetch(server.url);
      const text = await answer.text();
      expect(answer.status).toBe(200);
      expect(JSON.parse(text)).toMatchObject({
        status: 'failing',
        pipelines: [
          {
            pipeline: 'persons',
            schedule: '0 3 * * *',
            next: '2026-02-03T03:00:00.000Z',
            running: null,
            last: { date: '2026-02-02', status: 'failed', exit: 3 },
          },
        ],
      });
      const scraped = await (await fetch(new URL('/metrics', server.url))).text();
      expect(scraped).toContain('lakeveil_last_run_failed{pipeline="persons"} 1');
      expect(await askAs('rebound.example', server.url)).toBe(421);
      expect((await fetch(new URL('/', server.url))).status).toBe(404);
      expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
      expect(
        await scanForCanaries([sandbox.root], { text, scraped, lines: opened.lines.join('\n') }),
      ).toEqual([]);
    } finally {
      await server.close();
      await opened.stop();
    }
    expect(opened.lines.at(-1)).toContain('next run at 2026-02-03 03:00 UTC');
  });
});

/** The status of a request whose Host is another name. */
function askAs(host: string, url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
