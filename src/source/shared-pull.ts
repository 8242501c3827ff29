import { failure } from '../base/errors.js';
import type { PullState } from '../base/types/resume.js';

/** What a pull has taken of the pages of a source. */
export interface SharedPull extends Omit<PullState, 'last'> {
  readonly last: PullState['last'] | null;
  /** Digests of its pages. */
  readonly seen: readonly string[];
}

/**
 * The state of several pulls, each of other pages; null if no page came. The counts of the pagination are those of the
 * first. @throws E_SOURCE_ENDLESS for a page that two of them have, E_SOURCE_CAP
 */
export function joinPulls(
  pulls: readonly [SharedPull, ...SharedPull[]],
  maxRecords: number,
): PullState | null {
  const sum = (count: (pull: SharedPull) => number) => pulls.reduce((total, pull) => total + count(pull), 0);
  const seen = pulls.flatMap((pull) => pull.seen);
  if (new Set(seen).size < seen.length) throw failure('E_SOURCE_ENDLESS', { kind: 'the same page again' });
  const records = sum((pull) => pull.records);
  if (records > maxRecords) throw failure('E_SOURCE_CAP', { cap: maxRecords, unit: 'records' });
  const [last] = pulls.flatMap((pull) => pull.last ?? []).sort((one, other) => other.index - one.index);
  if (last === undefined) return null;
  return {
    done: pulls.flatMap(({ done }) => done).sort((one, other) => one - other),
    records,
    bytes: sum(({ bytes }) => bytes),
    retries: sum(({ retries }) => retries),
    pagination: { ...pulls[0].pagination, records },
    last,
  };
}

/** All pages but these, of so many: what a pull of these has not to ask for. */
export function listOthers(own: readonly number[], pages: number): number[] {
  const mine = new Set(own);
  return Array.from({ length: pages }, (_, page) => page).filter((page) => !mine.has(page));
}
