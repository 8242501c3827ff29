import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LogFields } from '../../src/base/effects.js';
import { EVENT_SCHEMA, type EventType, nameChildRun, type RunEvent } from '../../src/openlineage/event.js';
import { EventSender } from '../../src/openlineage/send-events.js';
import { createFetch } from '../../src/source/http.js';
import { closeAfterTest } from '../support/after-each.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { kill, scriptArgs, start } from '../support/kill-harness.js';
import { readEvents } from '../support/openlineage.js';
import { type Answer, json, page, startStubApi, type StubApi, status } from '../support/stub-api.js';
import { makeCanaries } from '../support/canary-people.js';
import { scanForCanaries } from '../support/canary.js';

const RUN = '019a0000-0000-7000-8000-00000000000a';

function makeEvent(eventType: EventType, runId = RUN): RunEvent {
  const run = { runId, facets: {} };
  const job = { namespace: 'lakeveil', name: 'persons.run', facets: {} };
  const eventTime = '2026-03-01T00:00:00.000Z';
  return {
    eventType,
    eventTime,
    producer: 'urn:t',
    schemaURL: EVENT_SCHEMA,
    run,
    job,
    inputs: [],
    outputs: [],
  };
}

async function serve(handler: () => Answer): Promise<StubApi> {
  const api = await startStubApi(handler);
  closeAfterTest(api.close);
  return api;
}

/** An endpoint that never answers. */
const SILENT: Answer = (response) => new Promise((resolve) => response.once('close', resolve));

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lakeveil-lineage-'));
  closeAfterTest(() => rm(folder, { recursive: true }));
  return folder;
}

/** A sender whose patience ends when the test says so. */
function openSender(endpoint: string | null, file: string | null = null) {
  const fetch = createFetch({ connections: 8 });
  closeAfterTest(fetch.close);
  const warnings: [string, LogFields | undefined][] = [];
  const asked: number[] = [];
  let loseIt = (): void => undefined;
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (event: string, fields?: LogFields): void => {
      warnings.push([event, fields]);
    },
  };
  const sleep = (ms: number, signal: AbortSignal): Promise<void> => {
    // The pause between two looks at a file; only the patience with an endpoint is the test's.
    if (ms < 100) return Promise.resolve();
    asked.push(ms);
    return new Promise((resolve) => {
      loseIt = resolve;
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
  };
  const settings = { endpoint: endpoint === null ? null : new URL(endpoint), apiKey: null, file };
  const sender = new EventSender({ settings, effects: { fetch, sleep, log }, patienceMs: 700 });
  return {
    sender,
    warnings,
    asked,
    losePatience: (): void => {
      loseIt();
    },
  };
}

describe('an endpoint', () => {
  it('that never answers is given up when patience ends, with all that waits for it', async () => {
    const api = await serve(() => SILENT);
    const { sender, warnings, asked, losePatience } = openSender(api.url);
    await sender.send([
      makeEvent('START'),
      makeEvent('COMPLETE'),
      makeEvent('START', nameChildRun(RUN, 'land')),
    ]);
    await expect.poll(() => api.inFlight()).toBe(2);
    const settled = sender.settle();
    expect(asked).toEqual([700]);
    losePatience();
    await settled;
    expect(warnings).toEqual([['lineage_not_sent', { events: 3, why: 'no answer in time' }]]);
    // Later runs of the process do not wait again.
    await sender.send([makeEvent('START')]);
    await sender.settle();
    expect(asked).toEqual([700]);
    expect(api.requests).toHaveLength(2);
    expect(warnings.at(-1)).toEqual(['lineage_not_sent', { events: 1, why: 'no answer in time' }]);
  });

  it('is waited for no longer in all runs of a process than for one', async () => {
    const api = await serve(() => json({}, {}, 201));
    const { sender, asked } = openSender(api.url);
    for (let run = 0; run < 3; run++) {
      await sender.send([makeEvent('START'), makeEvent('COMPLETE')]);
      await sender.settle();
    }
    const [first = 0, ...others] = asked;
    expect(first).toBe(700);
    for (const left of others) expect(left).toBeLessThan(700);
    expect(api.requests).toHaveLength(6);
  });

  it.each([
    ['refuses events', () => status(500), 'HTTP 500'],
    ['sends elsewhere', () => status(302, { location: 'http://127.0.0.1:1/' }), 'HTTP 302'],
  ] as const)('that %s is logged', async (_, answer, why) => {
    const api = await serve(answer);
    const { sender, warnings } = openSender(api.url);
    await sender.send([makeEvent('START'), makeEvent('COMPLETE')]);
    await sender.settle();
    expect(warnings).toEqual([['lineage_not_sent', { events: 2, why }]]);
  });

  it('that is down is logged', async () => {
    const { sender, warnings } = openSender('http://127.0.0.1:1/api');
    await sender.send([makeEvent('START')]);
    await sender.settle();
    expect(warnings).toEqual([['lineage_not_sent', { events: 1, why: 'ECONNREFUSED' }]]);
  });
});

describe('the file', () => {
  it('is private, and keeps what it had', async () => {
    const file = join(makeFolder(), 'new', 'events.jsonl');
    const { sender } = openSender(null, file);
    await sender.send([makeEvent('START')]);
    await sender.send([makeEvent('COMPLETE')]);
    expect(readEvents(file).map(({ eventType }) => eventType)).toEqual(['START', 'COMPLETE']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('closes a line that was cut short, and that no process goes on writing', async () => {
    const file = join(makeFolder(), 'events.jsonl');
    writeFileSync(file, '{"eventType":"STA');
    await openSender(null, file).sender.send([makeEvent('COMPLETE')]);
    const [cut, whole] = readFileSync(file, 'utf8').split('\n');
    expect(cut).toBe('{"eventType":"STA');
    expect(JSON.parse(whole ?? '')).toMatchObject({ eventType: 'COMPLETE' });
  });

  it('that cannot be written is logged', async () => {
    const { sender, warnings } = openSender(null, makeFolder());
    await sender.send([makeEvent('START')]);
    expect(warnings).toEqual([['lineage_not_written', { events: 1, why: 'EISDIR' }]]);
  });

  it('has whole lines of each of several processes that write at once', async () => {
    const file = join(makeFolder(), 'events.jsonl');
    const writers = ['a', 'b', 'c'].map((letter) =>
      start({ args: scriptArgs('lineage-child.ts', { file, letter, times: 40 }), cwd: process.cwd() }),
    );
    expect((await Promise.all(writers.map(({ ended }) => ended))).map(({ code }) => code)).toEqual([0, 0, 0]);
    const names = readEvents(file).map(({ job }) => job.name);
    expect(names).toHaveLength(3 * 40 * 2);
    for (const letter of ['a', 'b', 'c'])
      expect(names.filter((name) => name.startsWith(letter))).toHaveLength(80);
  });
});

describe('a run', () => {
  async function openSandbox(): Promise<Sandbox> {
    const sandbox = await makeSandbox();
    closeAfterTest(sandbox.remove);
    return sandbox;
  }

  const startSource = () => {
    let served = 0;
    return startStubApi(({ query }) => {
      const asked = Number(query.get('_quantity'));
      served += asked;
      return page(makeCanaries(asked, served - asked), query.get('_seed'));
    });
  };

  it('ends while the endpoint still holds its events, and lands what it should', async () => {
    const [sandbox, source] = await Promise.all([openSandbox(), startSource()]);
    closeAfterTest(source.close);
    let isHeld = true;
    const api = await serve(
      () => (response) =>
        new Promise((resolve) =>
          response.once('close', () => {
            isHeld = false;
            resolve();
          }),
        ),
    );
    const args = ['run', '--date', '2026-03-01', '--records', '40', '--source', source.url, '--json'];
    const running = start(sandbox.program(args, { OPENLINEAGE_URL: api.url, LINEAGE_FILE: '' }));
    closeAfterTest(() => kill(running));
    await expect.poll(() => api.inFlight()).toBeGreaterThan(0);
    // Its answer would never come: the process ends first, and its end is what closes the connection.
    expect(isHeld).toBe(true);
    const ended = await running.ended;
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ status: 'succeeded', datasets: [{ landed: 40 }] });
    expect(ended.stderr).toContain('"event":"lineage_not_sent"');
    expect(ended.stderr).toContain('no answer in time');
  });

  it('of people shows nothing of them in its events', async () => {
    const [sandbox, source] = await Promise.all([openSandbox(), startSource()]);
    closeAfterTest(source.close);
    const api = await serve(() => json({}, {}, 201));
    const file = join(sandbox.root, 'events.jsonl');
    const variables = { OPENLINEAGE_URL: api.url, LINEAGE_FILE: file, LOG_LEVEL: 'debug' };
    const args = ['--date', '2026-03-01', '--records', '40'];
    const landed = await sandbox.run(['run', ...args, '--source', source.url], variables);
    expect(landed.exit, landed.stderr).toBe(0);
    const failed = await sandbox.run(['ingest', ...args, '--force', '--source', 'http://127.0.0.1:1'], {
      ...variables,
      RETRIES: '0',
    });
    expect(failed.exit).toBe(3);
    expect(readEvents(file).filter(({ eventType }) => eventType !== 'START').length).toBeGreaterThan(7);
    expect(api.requests.length).toBe(readEvents(file).length);
    const received = api.requests.map(
      ({ body, headers, path }) => `${path} ${JSON.stringify(headers)} ${body}`,
    );
    const outputs = { ...landed, received: received.join('\n') };
    expect(await scanForCanaries([sandbox.root], outputs)).toEqual([]);
  });

  it('that was killed fails in the events when another command finds it', async () => {
    const sandbox = await openSandbox();
    const source = await serve(() => SILENT);
    const file = join(sandbox.root, 'events.jsonl');
    const args = ['ingest', '--date', '2026-03-01', '--records', '20', '--source', source.url];
    const running = start(sandbox.program(args, { LINEAGE_FILE: file }));
    await expect.poll(() => source.requests.length).toBeGreaterThan(0);
    await kill(running);
    expect(readEvents(file).map(({ eventType }) => eventType)).toEqual(['START']);
    expect((await sandbox.run(['verify'], { LINEAGE_FILE: file })).exit).toBe(0);
    const [begun, ended, ...more] = readEvents(file);
    expect(more).toEqual([]);
    expect(ended).toMatchObject({ eventType: 'FAIL', run: { runId: begun?.run.runId } });
    expect(ended?.run.facets['errorMessage']?.['message']).toMatch(/^E_RUN_DIED: /);
  });

  it('traces no column and loads nothing where events go nowhere', async () => {
    const sandbox = await openSandbox();
    const args = ['run', '--date', '2026-03-01', '--records', '20', '--json'];
    const traces = () =>
      readdirSync(join(sandbox.project, 'db', '.cache')).filter((name) => name.includes('.columns.'));
    const disabled = { OPENLINEAGE_DISABLED: 'true', LINEAGE_FILE: 'events.jsonl' };
    expect((await sandbox.run(args, disabled)).exit).toBe(0);
    expect(traces()).toEqual([]);
    expect(existsSync(join(sandbox.project, 'events.jsonl'))).toBe(false);
    const on = { LINEAGE_FILE: 'events.jsonl' };
    expect((await sandbox.run(['transform', '--all'], on)).exit).toBe(0);
    expect(traces()).toHaveLength(1);
  });
});
