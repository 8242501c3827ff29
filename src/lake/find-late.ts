import { addDays, dateIn } from '../base/dates/calendar.js';
import type { DatasetDefinition } from '../base/types/definition.js';

/** The newest date of a dataset landed longer ago than its `freshness` allows. */
export interface OverdueLanding {
  /** When new data was due, as an ISO instant. */
  readonly since: string;
  /** When the newest date landed. */
  readonly landed_at: string;
  /** Whole seconds from `since` to now. */
  readonly late_seconds: number;
}

/** Compares the last landing of the newest date with the `freshness` of the dataset. Pure. */
export function findOverdue(
  { freshnessMs }: Pick<DatasetDefinition, 'freshnessMs'>,
  landedAt: string | null,
  now: Date,
): OverdueLanding | null {
  if (freshnessMs === null || landedAt === null) return null;
  const dueMs = Date.parse(landedAt) + freshnessMs;
  const lateMs = now.getTime() - dueMs;
  if (lateMs <= 0) return null;
  return {
    since: new Date(dueMs).toISOString(),
    landed_at: landedAt,
    late_seconds: Math.floor(lateMs / 1000),
  };
}

/** The last landing of the newest date of a dataset: of its newest hour, where it lands by the hour. Pure. */
export function findNewestLanding(
  landed: readonly { readonly date: string; readonly slot: string | null; readonly landed_at: string }[],
): string | null {
  const newest = landed.reduce<(typeof landed)[number] | null>(
    (last, one) => (last === null || momentOf(one) > momentOf(last) ? one : last),
    null,
  );
  return newest?.landed_at ?? null;
}

function momentOf({ date, slot }: { readonly date: string; readonly slot: string | null }): string {
  return `${date} ${slot ?? ''}`;
}

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
