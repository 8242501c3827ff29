import { Cron } from 'croner';
import { addDays, dateIn } from '../../base/dates/calendar.js';
import type { ScheduleDefinition } from '../../base/dates/cron.js';
import type { Definition } from '../../base/types/definition.js';
import { type LakeState, planBackfill } from '../backfill/plan-backfill.js';

const HOUR_MS = 3_600_000;

/** What one scheduled run lands. */
export interface ScheduledDate {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** `00` to `23`; null for a pipeline that lands once a date. */
  readonly slot: string | null;
}

/** A definition with a schedule. */
export type Scheduled = Definition & { readonly schedule: ScheduleDefinition };

export function isScheduled(definition: Definition): definition is Scheduled {
  return definition.schedule !== null;
}

/** The first scheduled time after an instant, in the zone of the definition. A schedule that loads has one. */
export function nextTime({ schedule, timezone }: Scheduled, after: Date): Date {
  const next = new Cron(schedule.cron, { timezone, paused: true }).nextRun(after);
  if (next === null) throw new RangeError('the schedule has no next time');
  return next;
}

/** The last scheduled time at or before an instant. */
export function lastTime({ schedule, timezone }: Scheduled, at: Date): Date | null {
  const cron = new Cron(schedule.cron, { timezone, paused: true });
  // Exclusive of the reference, to the second.
  const [last] = cron.previousRuns(1, new Date(Math.floor(at.getTime() / 1000) * 1000 + 1000));
  return last ?? null;
}

/** What a run at a scheduled time lands. */
export function dateAt({ schedule, timezone, datasets }: Scheduled, time: Date): ScheduledDate {
  const isPrevious = schedule.date === 'previous';
  if (![...datasets.values()].some(({ slot }) => slot === 'hour')) {
    const date = dateIn(time, timezone);
    return { date: isPrevious ? addDays(date, -1) : date, slot: null };
  }
  const hour = new Date(time.getTime() - (isPrevious ? HOUR_MS : 0)).toISOString();
  return { date: hour.slice(0, 10), slot: hour.slice(11, 13) };
}

export function nameDate({ date, slot }: ScheduledDate): string {
  return slot === null ? date : `${date}T${slot}`;
}

/** A snapshot can be landed for today alone. */
export function isPossible({ datasets, timezone }: Scheduled, { date }: ScheduledDate, now: Date): boolean {
  const isSnapshot = [...datasets.values()].some(({ time }) => time === 'snapshot');
  return !isSnapshot || date === dateIn(now, timezone);
}

/**
 * The scheduled dates up to a time that have not landed, oldest first: from the first date of the pipeline that landed.
 * Dates that are pruned are not missing. Pure.
 */
export function listMissing(
  definition: Scheduled,
  state: LakeState,
  until: Date,
  now: Date,
): ScheduledDate[] {
  const first = findFirst(definition, state);
  if (first === null) return [];
  const scheduled = new Map<string, ScheduledDate>();
  // A day earlier, since the date may be that of another zone, or the one before the scheduled time.
  const from = new Date(Date.parse(`${addDays(first.date, -1)}T00:00:00Z`));
  for (let time = nextTime(definition, from); time <= until; time = nextTime(definition, time)) {
    const one = dateAt(definition, time);
    if (nameDate(one) >= nameDate(first)) scheduled.set(nameDate(one), one);
  }
  const all = [...scheduled.values()];
  const dates = [...new Set(all.map(({ date }) => date))];
  const choice = { force: false, stalePolicy: false };
  const missing = planBackfill(definition, state, dates, choice, now).filter(
    ({ reason }) => reason === 'missing',
  );
  const hours = new Map(missing.map(({ date, slots }) => [date, slots]));
  return all.filter(
    ({ date, slot }) => hours.has(date) && (slot === null || (hours.get(date) ?? []).includes(slot)),
  );
}

function findFirst({ datasets }: Scheduled, { manifests }: LakeState): ScheduledDate | null {
  const landed = manifests.filter(({ dataset }) => datasets.has(dataset));
  const isHourly = [...datasets.values()].some(({ slot }) => slot === 'hour');
  const dates = landed.flatMap(({ date, slot }) => (isHourly && slot === null ? [] : [{ date, slot }]));
  return dates.reduce<ScheduledDate | null>(
    (first, one) => (first === null || nameDate(one) < nameDate(first) ? one : first),
    null,
  );
}

/** What is known where a run may be due. */
export interface DueInput {
  readonly definition: Scheduled;
  /** The scheduled time that is due. */
  readonly time: Date;
  readonly now: Date;
  /** The scheduler has just started, or was too late: the time was missed. */
  readonly isMissed: boolean;
  /** Dates that have not landed, of `listMissing`; read only where the policy is `all`. */
  readonly missing: readonly ScheduledDate[];
}

/** What to run for a scheduled time, oldest first. Pure. */
export function planDue({ definition, time, now, isMissed, missing }: DueInput): ScheduledDate[] {
  const own = dateAt(definition, time);
  const policy = definition.schedule.onMissed;
  if (isMissed && policy === 'skip') return [];
  const earlier = policy === 'all' ? missing.filter((one) => nameDate(one) !== nameDate(own)) : [];
  return [...earlier, own].filter((one) => isPossible(definition, one, now));
}
