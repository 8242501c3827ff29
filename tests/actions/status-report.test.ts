import { describe, expect, it } from 'vitest';
import { findDue, findLate, findNewestLanding, findOverdue } from '../../src/lake/find-late.js';
import { type DatasetStatus, type StatusReport } from '../../src/actions/status/read-status.js';
import { describeOverdue, formatStatus } from '../../src/actions/status/status-report.js';
import { commandsFor } from '../../src/base/next-commands.js';
import type { DatasetCheck } from '../../src/base/types/dataset-check.js';
import type { DatasetDefinition } from '../../src/base/types/definition.js';

const TERMINAL = { color: false, interactive: false, width: 100 };

function makeDataset(dataset: string, day: string): DatasetStatus {
  return {
    ...{ dataset, partitions: 1, rows: 1, bytes: 1, newest: [], pruned_before: null, incomplete: [] },
    ...{ lost: [], late: { date: day, since: '2026-11-20', by: '06:00', severity: 'warn' } },
    overdue: null,
    keys: [],
    missing: [{ from: day, to: day, days: 1 }],
    counts: { not_built: 0, stale: 0, old_policy: dataset === 'carts' ? 1 : 0 },
  };
}

it('a status prints its commands once, and by when new data was expected', () => {
  const fill = 'pipeline backfill store --from 2026-11-17 --to 2026-11-19';
  const renew = 'pipeline backfill store --from 2026-11-01 --to 2026-11-01 --stale-policy';
  const report: StatusReport = {
    ...{ pipeline: 'store', from: null, to: '2026-11-20', warehouse: 'none' },
    commands: { run: 'pipeline run store', fill, renew, build: null, restore: {} },
    datasets: [makeDataset('carts', '2026-11-19'), makeDataset('users', '2026-11-17')],
    ...{ unreadable: [], unfinished_commits: [], dead_staging: [], at_work: [] },
  };
  const text = formatStatus(report, TERMINAL);
  expect(text.match(/pipeline backfill.*/g)).toEqual([renew, fill]);
  expect(text).toContain('Late: new data was expected by 06:00 on 2026-11-20.');
});

it('a status does not say that nothing is missing where hours are', () => {
  const whole = { ...makeDataset('carts', '2026-11-19'), missing: [] };
  const report = (incomplete: DatasetStatus['incomplete']): StatusReport => ({
    ...{ pipeline: 'store', from: null, to: '2026-11-20', warehouse: 'none' },
    commands: { run: 'pipeline run store', fill: null, renew: null, build: null, restore: {} },
    datasets: [{ ...whole, incomplete }],
    ...{ unreadable: [], unfinished_commits: [], dead_staging: [], at_work: [] },
  });
  expect(formatStatus(report([]), TERMINAL)).toContain('No dates are missing.');
  const text = formatStatus(report([{ date: '2026-11-19', missing: ['03'] }]), TERMINAL);
  expect(text).not.toContain('No dates are missing.');
  expect(text).toContain('1 hour missing:');
});

describe('the commands of a pipeline', () => {
  const now = new Date('2026-11-20T13:30:00Z');
  const of = (time: DatasetDefinition['time'], slot: 'hour' | null = null) => {
    const dataset = { time, slot } as DatasetDefinition;
    const datasets = new Map([['a', dataset]]);
    return commandsFor({ pipeline: 'p', timezone: 'UTC', datasets }, now);
  };

  it.each([
    ['today', of('snapshot').run('2026-11-20'), 'pipeline run p --date 2026-11-20'],
    ['a past snapshot', of('snapshot').run('2026-11-19'), 'pipeline run p --date 2026-11-19 --as-of-now'],
    [
      'the hours of a date',
      of('seeded', 'hour').run('2026-11-19'),
      'pipeline backfill p --from 2026-11-19 --to 2026-11-19',
    ],
    ['an hour', of('seeded', 'hour').run('2026-11-19T05'), 'pipeline run p --date 2026-11-19T05'],
    ['a later date', of('by_date').run('2027-01-01'), 'pipeline run p --date 2027-01-01 --allow-future'],
    [
      'a range that ends later',
      of('by_date').backfill({ from: '2026-11-01', to: '2026-11-30' }),
      'pipeline backfill p --from 2026-11-01 --to 2026-11-20',
    ],
    [
      'a range of a snapshot',
      of('snapshot').backfill({ from: '2026-11-01', to: '2026-11-02' }, true),
      'pipeline backfill p --from 2026-11-01 --to 2026-11-02 --stale-policy --as-of-now',
    ],
  ])('land %s', (_, command, expected) => {
    expect(command).toBe(expected);
  });
});

describe('a dataset that says when its data is expected', () => {
  const checks = (expectedBy: string | null): { checks: DatasetCheck[] } => ({
    checks: [
      {
        ...{ name: 'a.freshness', severity: 'error' },
        rule: { kind: 'freshness', column: null, maxAgeDays: 0, expectedBy },
      },
    ],
  });
  const at = (time: string) => new Date(`2026-11-20T${time}:00Z`);

  it('is late from that time on, in the time zone of the pipeline', () => {
    const dataset = checks('06:00');
    expect(findDue(dataset, at('05:59'), 'UTC')).toBe('2026-11-19');
    expect(findLate(dataset, '2026-11-19', at('05:59'), 'UTC')).toBeNull();
    expect(findLate(dataset, '2026-11-19', at('05:00'), 'Europe/Zurich')).toMatchObject({
      ...{ date: '2026-11-20', since: '2026-11-20', by: '06:00', severity: 'error' },
    });
  });

  it('is late from the start of the day on without a time, and never without the check', () => {
    expect(findLate(checks(null), '2026-11-19', at('00:01'), 'UTC')?.since).toBe('2026-11-20');
    expect(findLate(checks(null), '2026-11-20', at('00:01'), 'UTC')).toBeNull();
    expect(findLate({ checks: [] }, '2026-11-01', at('00:01'), 'UTC')).toBeNull();
    expect(findDue({ checks: [] }, at('00:01'), 'UTC')).toBeNull();
  });
});

describe('a dataset with an age at which it is late', () => {
  const dataset = { freshnessMs: 26 * 3_600_000 };
  const landedAt = '2026-11-19T03:00:00.000Z';

  it('is late from then on, and says by how much', () => {
    expect(findOverdue(dataset, landedAt, new Date('2026-11-20T05:00:00Z'))).toBeNull();
    const overdue = findOverdue(dataset, landedAt, new Date('2026-11-20T08:10:00Z'));
    expect(overdue).toEqual({
      since: '2026-11-20T05:00:00.000Z',
      landed_at: landedAt,
      late_seconds: 11_400,
    });
    expect(describeOverdue({ overdue })).toEqual([
      'Late by 3 h: the newest date landed at 2026-11-19 03:00 UTC.',
    ]);
  });

  it('is as fresh as its newest date or hour, whatever landed later', () => {
    const landing = (date: string, slot: string | null, landed_at: string) => ({ date, slot, landed_at });
    expect(
      findNewestLanding([
        landing('2026-11-19', '22', '2026-11-19T23:00:00Z'),
        landing('2026-11-19', '23', '2026-11-20T00:00:00Z'),
        landing('2026-11-01', null, '2026-11-20T09:00:00Z'),
      ]),
    ).toBe('2026-11-20T00:00:00Z');
    expect(findNewestLanding([])).toBeNull();
  });

  it('is never late without that age, or before anything has landed', () => {
    expect(findOverdue({ freshnessMs: null }, landedAt, new Date('2027-01-01T00:00:00Z'))).toBeNull();
    expect(findOverdue(dataset, null, new Date('2027-01-01T00:00:00Z'))).toBeNull();
  });
});
