import { hashPolicy } from '../../anonymize/hash-policy.js';
import { listHours } from '../../base/dates/date-ranges.js';
import type { RetentionMark } from '../../base/types/checkpoint.js';
import type { DatasetDefinition, Definition } from '../../base/types/definition.js';
import type { Manifest } from '../../base/types/manifest.js';

/** Why a date is fetched or not: it has landed, its raw files are pruned, or it is in the future. */
export type BackfillReason = 'missing' | 'old_policy' | 'forced' | 'landed' | 'pruned' | 'ahead';

export interface BackfillDate {
  readonly date: string;
  readonly reason: BackfillReason;
  /** Hours to fetch, `00` to `23`, in order; null for a pipeline that lands once a date. */
  readonly slots: readonly string[] | null;
}

export interface BackfillChoice {
  readonly force: boolean;
  /** Dates under an old policy instead of missing ones. */
  readonly stalePolicy: boolean;
}

/** The manifests and retention marks of the lake. */
export interface LakeState {
  readonly manifests: readonly Manifest[];
  readonly horizons: readonly RetentionMark[];
}

/**
 * Decides for each date whether it is fetched and why. An hourly dataset needs all 24 hours of a date, or of today the hours
 * that have started (UTC). Pure.
 */
export function planBackfill(
  { datasets }: Definition,
  { manifests, horizons }: LakeState,
  dates: readonly string[],
  choice: BackfillChoice,
  now: Date,
): BackfillDate[] {
  const all = [...datasets.values()];
  const isHourly = all.some(({ slot }) => slot === 'hour');
  const isWanted = createDueTest(all, choice);
  return dates.map((date) => {
    if (!choice.force && isPruned(all, horizons, date)) return { date, reason: 'pruned', slots: null };
    const landed = manifests.filter((manifest) => manifest.date === date);
    const isDueAt = (dataset: DatasetDefinition, slot: string | null): boolean =>
      isWanted(
        dataset,
        landed.find((manifest) => manifest.dataset === dataset.name && manifest.slot === slot),
      );
    if (isHourly) return planHours(all, date, listHours(date, now), isDueAt, choice);
    const isDueNow = all.some((dataset) => isDueAt(dataset, null));
    return { date, reason: isDueNow ? nameReason(choice) : 'landed', slots: null };
  });
}

/** True if the plan fetches the date. */
export function isDue({ reason }: BackfillDate): boolean {
  return reason !== 'landed' && reason !== 'pruned' && reason !== 'ahead';
}

/** One pruned dataset is enough, since all datasets of a date land together. */
function isPruned(
  datasets: readonly DatasetDefinition[],
  horizons: readonly RetentionMark[],
  date: string,
): boolean {
  const names = new Set(datasets.map(({ name }) => name));
  return horizons.some(({ dataset, before }) => names.has(dataset) && date < (before ?? ''));
}

type IsDueAt = (dataset: DatasetDefinition, slot: string | null) => boolean;

/** A daily dataset lands with each hour; if it alone is due, with the last hour. */
function planHours(
  datasets: readonly DatasetDefinition[],
  date: string,
  hours: readonly string[],
  isDueAt: IsDueAt,
  choice: BackfillChoice,
): BackfillDate {
  if (hours.length === 0) return { date, reason: 'ahead', slots: [] };
  const [hourly, daily] = [
    datasets.filter(({ slot }) => slot !== null),
    datasets.filter(({ slot }) => slot === null),
  ];
  const due = hours.filter((hour) => hourly.some((dataset) => isDueAt(dataset, hour)));
  const isDailyDue = daily.some((dataset) => isDueAt(dataset, null));
  const slots = due.length === 0 && isDailyDue ? hours.slice(-1) : due;
  return { date, reason: slots.length === 0 ? 'landed' : nameReason(choice), slots };
}

/** Returns a test: is a dataset due for a date or hour, given its landed manifest? */
function createDueTest(datasets: readonly DatasetDefinition[], { force, stalePolicy }: BackfillChoice) {
  const policies = new Map(datasets.map((dataset) => [dataset.name, hashPolicy(dataset)]));
  return ({ name }: DatasetDefinition, found: Manifest | undefined): boolean => {
    if (force) return true;
    if (stalePolicy) return found !== undefined && found.policy_sha256 !== policies.get(name);
    return found === undefined;
  };
}

function nameReason({ force, stalePolicy }: BackfillChoice): BackfillReason {
  if (force) return 'forced';
  return stalePolicy ? 'old_policy' : 'missing';
}
