import { describe, expect, it } from 'vitest';
import { findOpenAlerts, planAlerts } from '../../src/alert/alert-state.js';
import { findProblems, type ProblemInput } from '../../src/alert/find-problems.js';
import type { Manifest } from '../../src/base/types/manifest.js';
import { ALERT_KINDS, type RunRecord, type SentAlert } from '../../src/base/types/run-record.js';
import { load, PAGE_TEXT } from '../definition/page.js';

const NOW = new Date('2026-11-21T09:00:00Z');
const DATE = '2026-11-20';
const people = load(PAGE_TEXT);
const definitions = new Map([[people.pipeline, people]]);

function makeRun(run: Partial<RunRecord> & { readonly at: string }): RunRecord {
  const { at, ...rest } = run;
  const started = `2026-11-${at}:00.000Z`;
  return {
    ...{ format: 1, run_id: at, command: 'run', pipeline: people.pipeline, date: DATE, slot: null },
    ...{ status: 'succeeded', started_at: started, finished_at: started, tool_version: '1' },
    ...{ stages: [], datasets: [], models: [], checks: [], releases: [], error: null, healed: [] },
    ...{ cpu_ms: null, peak_memory_bytes: null },
    ...rest,
  };
}

const failed = (at: string, code = 'E_SOURCE_CONNECT'): RunRecord =>
  makeRun({ at, status: 'failed', error: { code: code as 'E_SHAPE', where: {} } });

function find(runs: readonly RunRecord[], input: Partial<ProblemInput> = {}) {
  return findProblems({ runs, dead: new Set(), definitions, manifests: [], now: NOW, ...input });
}

describe('problems', () => {
  it('are failures of the newest run of a date, and of runs whose process died', () => {
    expect(find([failed('21T05:00')])).toMatchObject([
      { kind: 'failure', code: 'E_SOURCE_CONNECT', date: DATE },
    ]);
    expect(find([makeRun({ at: '21T06:00' }), failed('21T05:00')])).toEqual([]);
    const killed = makeRun({ at: '21T05:00', status: 'running', finished_at: null });
    expect(find([killed])).toEqual([]);
    expect(find([killed], { dead: new Set([killed.run_id]) })).toMatchObject([{ code: 'E_RUN_DIED' }]);
    expect(find([{ ...killed, status: 'interrupted' }])).toMatchObject([{ code: 'E_RUN_DIED' }]);
    const stopped = { code: 'E_INTERRUPTED', where: {} } as const;
    expect(find([makeRun({ at: '21T05:00', status: 'interrupted', error: stopped })])).toEqual([]);
  });

  it('tell leaks and checks from other failures', () => {
    for (const code of ['E_SHAPE', 'E_ECHO', 'E_WITHHELD', 'E_LEAK', 'E_SUSPECT'])
      expect(find([failed('21T05:00', code)])).toMatchObject([{ kind: 'leak' }]);
    expect(find([failed('21T05:00', 'E_CHECK_FAILED')])).toMatchObject([{ kind: 'check' }]);
    expect(find([failed('21T05:00', 'E_RELEASE')])).toMatchObject([{ kind: 'gate' }]);
    expect(find([failed('21T05:00', 'E_FEWER_ROWS')])).toMatchObject([{ kind: 'volume' }]);
  });

  it('are over once a later command has done the work, and not by one that does other work', () => {
    const build = { ...failed('21T05:00', 'E_MODEL'), command: 'transform', date: null };
    expect(find([makeRun({ at: '21T06:00' }), build])).toEqual([]);
    const prune = { ...failed('21T05:00', 'E_DISK'), command: 'prune', date: null };
    const other = makeRun({ at: '21T06:00', command: 'transform', date: null });
    expect(find([other, prune])).toMatchObject([{ code: 'E_DISK', command: 'prune' }]);
  });

  it('are datasets that are late', () => {
    const dataset = people.datasets.get('people');
    if (dataset === undefined) throw new Error('no dataset');
    const late = new Map([['people', { ...dataset, freshnessMs: 3_600_000 }]]);
    const manifest = {
      ...{ pipeline: people.pipeline, dataset: 'people', date: DATE, slot: null },
      landed_at: '2026-11-21T05:00:00.000Z',
    } as Manifest;
    const input = {
      definitions: new Map([[people.pipeline, { ...people, datasets: late }]]),
      manifests: [manifest],
    };
    expect(find([], input)).toMatchObject([
      { kind: 'freshness', code: 'late', subject: 'people', date: DATE, severity: 'error' },
    ]);
    expect(find([], input)[0]?.text).toBe(
      'people is late by 3 h: its newest date landed at 2026-11-21 05:00 UTC',
    );
    expect(find([], { ...input, now: new Date('2026-11-21T05:30:00Z') })).toEqual([]);
  });
});

const ALERT: SentAlert = {
  ...{ state: 'opened', kind: 'failure', channels: ['webhook'] },
  ...{ pipeline: people.pipeline, date: DATE, code: 'E_SOURCE_CONNECT', subject: null },
};

describe('what is sent', () => {
  const sent = (at: string, state: 'opened' | 'resolved', date: string | null = DATE): RunRecord =>
    makeRun({
      ...{ at, command: 'alert', date: null },
      alerts: [
        {
          ...{
            state,
            kind: 'failure',
            pipeline: people.pipeline,
            date,
            code: 'E_SOURCE_CONNECT',
            subject: null,
          },
          channels: ['webhook'],
        },
      ],
    });

  function plan(runs: readonly RunRecord[], channels: readonly ('webhook' | 'email')[] = ['webhook']) {
    const open = findOpenAlerts(runs);
    const kinds = new Set(ALERT_KINDS);
    const { opened, resolved } = planAlerts({
      ...{ problems: find(runs), open, runs, definitions, channels, kinds, now: NOW },
    });
    return { opened: opened.map((one) => one.channels), resolved: resolved.length };
  }

  it('is each problem once to each channel, and its end once', () => {
    const first = failed('21T05:00');
    expect(plan([first])).toEqual({ opened: [['webhook']], resolved: 0 });
    const known = [sent('21T05:01', 'opened'), first];
    expect(plan(known)).toEqual({ opened: [], resolved: 0 });
    expect(plan([failed('21T06:00'), ...known])).toEqual({ opened: [], resolved: 0 });
    expect(plan(known, ['webhook', 'email'])).toEqual({ opened: [['email']], resolved: 0 });
    const fixed = [makeRun({ at: '21T07:00' }), ...known];
    expect(plan(fixed)).toEqual({ opened: [], resolved: 1 });
    const over = [sent('21T07:01', 'resolved'), ...fixed];
    expect(plan(over)).toEqual({ opened: [], resolved: 0 });
    expect(plan([failed('21T08:00'), ...over])).toEqual({ opened: [['webhook']], resolved: 0 });
  });

  it('is no history: what failed more than a week ago is not sent for the first time', () => {
    expect(plan([failed('13T05:00')])).toEqual({ opened: [], resolved: 0 });
  });

  it('stays open where the ledger no longer has the run that failed', () => {
    expect(plan([sent('21T05:01', 'opened')])).toEqual({ opened: [], resolved: 0 });
  });

  it('of an hour is over by that hour alone, and each hour has its own', () => {
    const nine = { ...failed('21T05:00'), slot: '09' };
    const ten = { ...failed('21T06:00'), slot: '10' };
    const opened = { ...sent('21T05:01', 'opened'), alerts: [{ ...ALERT, slot: '09', command: 'run' }] };
    expect(plan([ten, opened, nine])).toEqual({ opened: [['webhook']], resolved: 0 });
    const fixed = (slot: string): RunRecord => makeRun({ at: '21T07:00', slot });
    expect(plan([fixed('10'), opened, nine])).toEqual({ opened: [], resolved: 0 });
    expect(plan([fixed('09'), opened, nine])).toEqual({ opened: [], resolved: 1 });
  });

  it('is over by the command that failed, not by one that does other work', () => {
    const alert = { ...ALERT, pipeline: '*', date: null, code: 'E_VERIFY', command: 'verify' };
    const opened = { ...sent('21T05:01', 'opened'), alerts: [alert] };
    const after = (command: string): RunRecord =>
      makeRun({ at: '21T07:00', command, pipeline: '*', date: null });
    for (const command of ['prune', 'publish', 'transform'])
      expect(plan([after(command), opened])).toEqual({ opened: [], resolved: 0 });
    expect(plan([after('verify'), opened])).toEqual({ opened: [], resolved: 1 });
  });

  it('of a condition that lasts is not repeated on the next date', () => {
    const check = { check: 'bad', pipeline: people.pipeline, dataset: null, severity: 'warn' } as const;
    const checks = (date: string) => [{ ...check, date, passed: false, found: 1, tokens: [] }];
    const alert = { ...ALERT, kind: 'check', code: 'check', subject: 'bad' } as const;
    const opened = { ...sent('20T05:01', 'opened'), alerts: [alert] };
    const warned = makeRun({ at: '21T05:00', date: '2026-11-21', checks: checks('2026-11-21') });
    expect(plan([warned])).toEqual({ opened: [['webhook']], resolved: 0 });
    expect(plan([warned, opened])).toEqual({ opened: [], resolved: 0 });
    const fine = makeRun({ at: '21T07:00', checks: checks(DATE).map((one) => ({ ...one, passed: true })) });
    expect(plan([fine, warned, opened])).toEqual({ opened: [], resolved: 1 });
  });

  it('of a date is over by that date alone', () => {
    const other = makeRun({ at: '21T07:00', date: '2026-11-19' });
    expect(plan([other, sent('21T05:01', 'opened'), failed('21T05:00')])).toEqual({
      opened: [],
      resolved: 0,
    });
  });
});
