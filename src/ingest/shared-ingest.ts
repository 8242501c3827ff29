import type { SavedSegment } from '../anonymize/segment-plan.js';
import type { DatasetState } from '../base/types/resume.js';
import type { SharedCheck } from '../contract/check.js';
import type { ListCounts } from '../contract/explode.js';

/** What an ingest in another process has found and masked of its pages. Paths are absolute. */
export interface SharedIngest extends Pick<DatasetState, 'own' | 'lists'> {
  readonly check: SharedCheck;
  readonly segments: readonly SavedSegment[];
  readonly digests: readonly (readonly [page: number, digests: Uint32Array])[];
  readonly quarantine: string | null;
}

/** Adds the counts of exploded lists of other pages. */
export function addListCounts(lists: ListCounts, more: NonNullable<DatasetState['lists']>): void {
  lists.empty += more.empty;
  for (const [at, count] of more.holders.entries()) lists.holders[at] = (lists.holders[at] ?? 0) + count;
  for (const [at, count] of more.found.entries()) lists.found[at] = (lists.found[at] ?? 0) + count;
}
