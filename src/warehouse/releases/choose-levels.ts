import type { Ladder, OnBreach } from '../../base/types/release.js';
import type { Levels } from './classes.js';

/** What a combination of levels makes of all dates. */
export interface Candidate {
  readonly levels: Levels;
  readonly people: number;
  /** People of whom a row is left out. */
  readonly suppressed: number;
  /** Mean of level / height over the quasi-identifiers, plus the share of suppressed people; from 0 to 2. */
  readonly loss: number;
}

/** Every combination of levels, in the order of the file; of a release that does not generalize, level 0 alone. Pure. */
export function listCombinations(quasi: readonly Ladder[], onBreach: OnBreach): Levels[] {
  const zero = quasi.map(() => 0);
  if (onBreach !== 'generalize') return [zero];
  return quasi.reduce<number[][]>(
    (all, { levels }) => all.flatMap((before) => levels.map((_, level) => [...before, level])),
    [[]],
  );
}

/**
 * Combinations by loss, then by the sum of their levels, then in the order of the file, that leave out no more people than
 * allowed. The first that meets t, too, is the one. Of fewer than k people no one can be released, which is no breach. Pure.
 */
export function rankCandidates(
  quasi: readonly Ladder[],
  counted: readonly Omit<Candidate, 'loss'>[],
  { maxSuppressed, k }: { readonly maxSuppressed: number; readonly k: number },
): Candidate[] {
  return counted
    .map((one) => ({ ...one, loss: round(weighLevels(quasi, one.levels) + shareOf(one)) }))
    .filter((one) => one.people < k || shareOf(one) <= maxSuppressed)
    .sort((a, b) => a.loss - b.loss || sumOf(a.levels) - sumOf(b.levels));
}

/** Share of people of whom a row is left out. */
export function shareOf({ people, suppressed }: Pick<Candidate, 'people' | 'suppressed'>): number {
  return people === 0 ? 0 : suppressed / people;
}

function weighLevels(quasi: readonly Ladder[], levels: Levels): number {
  if (quasi.length === 0) return 0;
  const heights = quasi.map(({ levels: all }) => Math.max(1, all.length - 1));
  return sumOf(levels.map((level, index) => level / (heights[index] ?? 1))) / quasi.length;
}

/** The same sum in another order may differ in its last digit. */
function round(loss: number): number {
  return Math.round(loss * 1e12) / 1e12;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
