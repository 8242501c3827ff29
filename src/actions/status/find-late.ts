import { addDays, dateIn } from '../../base/dates/calendar.js';
import type { DatasetDefinition } from '../../base/types/definition.js';

/** A date that has not landed by the time at which it was expected. */
export interface LateDate {
  /** The date that is expected to have landed, or a later one. */
  readonly date: string;
  /** The day from which it is late, and the time of it, `06:00`; null for the start of the day. */
  readonly since: string;
  readonly by: string | null;
  readonly severity: 'warn' | 'error';
}

/**
 * The newest date of a dataset that is due: today, or while the time of `expected_by` is not reached, the day before.
 * Null if the dataset says no time. Pure.
 */
export function findDue(
  dataset: Pick<DatasetDefinition, 'checks'>,
  now: Date,
  timezone: string,
): string | null {
  const expectedBy = findFreshness(dataset)?.rule.expectedBy ?? null;
  return expectedBy === null ? null : dueDate(expectedBy, now, timezone);
}

/** Compares the newest landed date with the `freshness` check of the dataset that has no column. Pure. */
export function findLate(
  dataset: Pick<DatasetDefinition, 'checks'>,
  newest: string | null,
  now: Date,
  timezone: string,
): LateDate | null {
  const check = findFreshness(dataset);
  if (check === null || newest === null) return null;
  const { maxAgeDays, expectedBy } = check.rule;
  const date = addDays(dueDate(expectedBy, now, timezone), -maxAgeDays);
  if (newest >= date) return null;
  const since = addDays(newest, maxAgeDays + 1);
  return { date, since, by: expectedBy, severity: check.severity };
}

function dueDate(expectedBy: string | null, now: Date, timezone: string): string {
  const today = dateIn(now, timezone);
  return expectedBy !== null && timeIn(now, timezone) < expectedBy ? addDays(today, -1) : today;
}

function findFreshness({ checks }: Pick<DatasetDefinition, 'checks'>) {
  for (const { rule, severity } of checks) {
    if (rule.kind === 'freshness' && rule.column === null) return { rule, severity };
  }
  return null;
}

/** The time of day in a zone, `06:05`. */
function timeIn(now: Date, timezone: string): string {
  const options = { timeZone: timezone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return new Intl.DateTimeFormat('en-GB', options).format(now);
}
