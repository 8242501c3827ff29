import { hashPolicy } from '../anonymize/compile-policy.js';
import type { Definition } from '../definition/definition.js';
import type { Manifest } from '../manifest.js';

/** Why a date is fetched, or not. */
export type BackfillReason = 'missing' | 'old_policy' | 'forced' | 'landed';

export interface BackfillDate {
  readonly date: string;
  readonly reason: BackfillReason;
}

export interface BackfillChoice {
  readonly force: boolean;
  /** Dates under an old policy instead of missing ones. */
  readonly stalePolicy: boolean;
}

/** What becomes of each date: fetched for a reason, or left because all datasets have landed. Pure. */
export function planBackfill(
  definition: Definition,
  manifests: readonly Manifest[],
  dates: readonly string[],
  choice: BackfillChoice,
): BackfillDate[] {
  return dates.map((date) => {
    const landed = manifests.filter((manifest) => manifest.date === date);
    return { date, reason: chooseReason(definition, landed, choice) };
  });
}

/** True for a date that the plan fetches. */
export function isDue({ reason }: BackfillDate): boolean {
  return reason !== 'landed';
}

function chooseReason(
  { datasets }: Definition,
  landed: readonly Manifest[],
  { force, stalePolicy }: BackfillChoice,
): BackfillReason {
  const all = [...datasets.values()];
  if (force) return 'forced';
  if (stalePolicy) {
    const isStale = all.some((dataset) =>
      landed.some(
        ({ dataset: name, policy_sha256 }) => name === dataset.name && policy_sha256 !== hashPolicy(dataset),
      ),
    );
    return isStale ? 'old_policy' : 'landed';
  }
  return all.every(({ name }) => landed.some(({ dataset }) => dataset === name)) ? 'landed' : 'missing';
}
