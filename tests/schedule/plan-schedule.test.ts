import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dateAt,
  isScheduled,
  lastTime,
  listMissing,
  nameDate,
  nextTime,
  planDue,
  type Scheduled,
} from '../../src/actions/schedule/plan-schedule.js';
import { load, PAGE_TEXT } from '../definition/page.js';

function schedule(keys: string, change = (text: string) => text): Scheduled {
  const definition = load(change(PAGE_TEXT.replace('pipeline: people', `pipeline: people\n${keys}`)));
  if (!isScheduled(definition)) throw new Error('no schedule');
  return definition;
}

const snapshot = (text: string): string => text.replace('time: by_date', 'time: snapshot');
const at = (text: string): Date => new Date(text);

function listTimes(definition: Scheduled, from: string, count: number): string[] {
  const times: string[] = [];
  for (let time = nextTime(definition, at(from)); times.length < count; time = nextTime(definition, time)) {
    times.push(`${time.toISOString().slice(0, 16)} ${nameDate(dateAt(definition, time))}`);
  }
  return times;
}

describe('a schedule in a zone whose clocks change', () => {
  it('runs an hour later where its time is skipped', () => {
    const nightly = schedule("timezone: Europe/Berlin\nschedule: '30 2 * * *'");
    expect(listTimes(nightly, '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T01:30 2026-03-27',
      '2026-03-29T01:30 2026-03-28',
      '2026-03-30T00:30 2026-03-29',
    ]);
  });

  it('runs once where its time comes twice', () => {
    const nightly = schedule("timezone: Europe/Berlin\nschedule: '30 2 * * *'");
    expect(listTimes(nightly, '2026-10-24T00:00:00Z', 3)).toEqual([
      '2026-10-24T00:30 2026-10-23',
      '2026-10-25T00:30 2026-10-24',
      '2026-10-26T01:30 2026-10-25',
    ]);
  });

  it('lands each date of a year once, whatever the time', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'UTC'];
    const property = fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: 0, max: 59 }),
      fc.integer({ min: 0, max: 4 }),
      (zone, minute, hour) => {
        const nightly = schedule(`timezone: ${zone}\nschedule: '${minute} ${hour} * * *'`);
        const dates: string[] = [];
        const end = at('2026-12-30T12:00:00Z');
        for (let time = at('2026-01-01T12:00:00Z'); ;) {
          time = nextTime(nightly, time);
          if (time > end) break;
          expect(lastTime(nightly, time)).toEqual(time);
          dates.push(dateAt(nightly, time).date);
        }
        expect(new Set(dates).size).toBe(dates.length);
        expect([dates.length, dates[0], dates.at(-1)]).toEqual([363, '2026-01-01', '2026-12-29']);
      },
    );
    fc.assert(property, { numRuns: 12 });
  });

  it('always goes on', () => {
    for (const cron of ['*/30 * * * *', '30 * * * *', '15 1-3 * * *']) {
      const often = schedule(`timezone: Europe/Berlin\nschedule: '${cron}'`);
      for (const change of ['2026-03-28T22:00:00Z', '2026-10-24T22:00:00Z']) {
        let time = at(change);
        for (let count = 0; count < 20; count++) {
          const next = nextTime(often, time);
          expect(next.getTime()).toBeGreaterThan(time.getTime());
          time = next;
        }
      }
    }
  });
});

describe('a scheduled date', () => {
  it('is that of the zone, not of UTC', () => {
    const late = schedule("timezone: Pacific/Auckland\nschedule: '0 3 * * *'\nscheduled_date: current");
    expect(listTimes(late, '2026-06-01T00:00:00Z', 1)).toEqual(['2026-06-01T15:00 2026-06-02']);
  });

  it('is an hour of a pipeline that lands by the hour', () => {
    const hourly = schedule("schedule: '5 * * * *'", (text) =>
      text.replace('time: by_date', 'time: by_date\n    slot: hour').replace('{date}', '{date}/{slot}'),
    );
    expect(dateAt(hourly, at('2026-06-01T00:05:00Z'))).toEqual({ date: '2026-05-31', slot: '23' });
  });
});

describe('dates that were missed', () => {
  const landed = (...dates: string[]) => ({
    manifests: dates.map((date) => ({ dataset: 'people', date, slot: null }) as never),
    horizons: [],
  });
  const now = at('2026-11-20T09:00:00Z');
  const time = at('2026-11-20T03:00:00Z');
  const all = schedule("schedule: '0 3 * * *'\non_missed: all");

  it('are those since the first that landed, and that are scheduled', () => {
    const names = (definition: Scheduled, ...dates: string[]) =>
      listMissing(definition, landed(...dates), time, now).map(nameDate);
    expect(names(all, '2026-11-16', '2026-11-18')).toEqual(['2026-11-17', '2026-11-19']);
    expect(names(all)).toEqual([]);
    const weekly = schedule("schedule: '0 3 * * 1'\non_missed: all");
    expect(names(weekly, '2026-11-01')).toEqual(['2026-11-08', '2026-11-15']);
  });

  it('are not those that were pruned', () => {
    const state = {
      ...landed('2026-11-14'),
      horizons: [{ dataset: 'people', before: '2026-11-19' } as never],
    };
    expect(listMissing(all, state, time, now).map(nameDate)).toEqual(['2026-11-19']);
  });

  it.each([
    ['skip', true, []],
    ['skip', false, ['2026-11-19']],
    ['latest', true, ['2026-11-19']],
    ['all', true, ['2026-11-17', '2026-11-19']],
    ['all', false, ['2026-11-17', '2026-11-19']],
  ] as const)('are run by the policy %s, missed %s', (policy, isMissed, expected) => {
    const definition = schedule(`schedule: '0 3 * * *'\non_missed: ${policy}`);
    const missing = listMissing(definition, landed('2026-11-16', '2026-11-18'), time, now);
    expect(planDue({ definition, time, now, isMissed, missing }).map(nameDate)).toEqual(expected);
  });

  it('are none of a snapshot, which is the state of today', () => {
    const definition = schedule("schedule: '0 23 * * *'", snapshot);
    const due = (time: string) =>
      planDue({ definition, time: at(time), now, isMissed: true, missing: [] }).map(nameDate);
    expect(due('2026-11-19T23:00:00Z')).toEqual([]);
    expect(due('2026-11-20T08:00:00Z')).toEqual(['2026-11-20']);
  });
});
