import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCron } from '../../src/base/dates/cron.js';
import { change, load, PAGE_TEXT } from './page.js';
import { expectRefusal, type Refusal } from './refusal.js';

const NIGHTLY = "pipeline: people\nschedule: '0 3 * * *'";
const SNAPSHOT = ['time: by_date', 'time: snapshot'] as const;
const withKeys = (keys: string): string => change('pipeline: people', `${NIGHTLY}\n${keys}`);

const INVALID: readonly Refusal[] = [
  {
    name: 'text that is no schedule',
    from: 'pipeline: people',
    to: 'pipeline: people\n¦schedule: every night',
    says: /`schedule` must be a schedule in the five fields of crontab, such as 0 3 \* \* \*/,
  },
  {
    name: 'a date without a schedule',
    from: 'pipeline: people',
    to: 'pipeline: people\n¦scheduled_date: current',
    says: /`scheduled_date` requires `schedule`/,
  },
  {
    name: 'missed dates without a schedule',
    from: 'pipeline: people',
    to: 'pipeline: people\n¦on_missed: all',
    says: /`on_missed` requires `schedule`/,
  },
  {
    name: 'an unknown policy for missed dates',
    from: 'pipeline: people',
    to: `${NIGHTLY}\n¦on_missed: some`,
    says: /`on_missed` must be one of skip, latest, all/,
  },
  {
    name: 'the day before of a snapshot',
    from: 'pipeline: people',
    to: `${NIGHTLY}\n¦scheduled_date: previous`,
    also: SNAPSHOT,
    says: /not possible for a snapshot/,
  },
  {
    name: 'all missed dates of a snapshot',
    from: 'pipeline: people',
    to: `${NIGHTLY}\n¦on_missed: all`,
    also: SNAPSHOT,
    says: /not possible for a snapshot/,
  },
];

describe('a schedule', () => {
  it('is absent by default', () => {
    expect(load(PAGE_TEXT).schedule).toBeNull();
  });

  it('lands the date before, which is complete, and the latest missed date', () => {
    const { schedule } = load(change('pipeline: people', NIGHTLY));
    expect(schedule).toEqual({ cron: '0 3 * * *', date: 'previous', onMissed: 'latest' });
  });

  it('lands the current date of a snapshot', () => {
    const text = change('pipeline: people', NIGHTLY).replace(...SNAPSHOT);
    expect(load(text).schedule).toMatchObject({ date: 'current' });
  });

  it('takes both settings', () => {
    const { schedule } = load(withKeys('scheduled_date: current\non_missed: all'));
    expect(schedule).toMatchObject({ date: 'current', onMissed: 'all' });
  });

  it.each(INVALID)('is rejected with $name', expectRefusal);
});

describe('the five fields of crontab', () => {
  it.each([
    '* * * * *',
    '0 3 * * *',
    '*/15 0-6,22,23 1-31/2 JAN-mar mon-fri',
    '5 * 29 2 *',
    '0 0 31 2 7',
    '0  3 * * sun',
  ])('are accepted: %s', (text) => {
    expect(isCron(text)).toBe(true);
  });

  it.each([
    '',
    '0 3 * *',
    '0 0 3 * * *',
    '60 3 * * *',
    '0 24 * * *',
    '0 3 0 * *',
    '0 3 * 13 *',
    '0 3 * * 8',
    '0 3 * * mon-',
    '5-1 3 * * *',
    '*/0 3 * * *',
    '5/10 3 * * *',
    '0 3 L * *',
    '@daily',
    '0 0 31 feb,apr *',
    '0 0 30 2 *',
  ])('are rejected: %s', (text) => {
    expect(isCron(text)).toBe(false);
  });

  it('have a next time whatever they are', () => {
    const part = (min: number, max: number) => {
      const number = fc.integer({ min, max });
      const range = fc.tuple(number, number).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
      const step = fc.integer({ min: 1, max }).map((every) => `*/${every}`);
      return fc.array(fc.oneof(number.map(String), range, step), { minLength: 1, maxLength: 3 }).map(String);
    };
    const any = fc.constant('*');
    const day = fc.oneof(any, part(1, 31));
    const month = fc.oneof(any, part(1, 12));
    const fields = fc.tuple(part(0, 59), part(0, 23), day, month, fc.oneof(any, part(0, 7)));
    const property = fc.property(fields, (parts) => {
      const text = parts.join(' ');
      fc.pre(isCron(text));
      expect(new Cron(text, { timezone: 'UTC' }).nextRun('2026-01-01T00:00:00Z')).not.toBeNull();
    });
    fc.assert(property, { numRuns: 300 });
  });
});
