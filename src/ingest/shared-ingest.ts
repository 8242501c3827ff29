import { rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
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

/** Moves full segments, which land or are kept as they are, into the folder of the run. */
export async function moveFull(
  segments: readonly SavedSegment[],
  stagingDir: string,
): Promise<readonly SavedSegment[]> {
  const moved: SavedSegment[] = [];
  for (const segment of segments) {
    const path = segment.custody === null ? segment.path : join(stagingDir, basename(segment.path));
    if (path !== segment.path) await rename(segment.path, path);
    moved.push({ ...segment, path });
  }
  return moved;
}

/** Adds the counts of exploded lists of other pages. */
export function addListCounts(lists: ListCounts, more: NonNullable<DatasetState['lists']>): void {
  lists.empty += more.empty;
  for (const [at, count] of more.holders.entries()) lists.holders[at] = (lists.holders[at] ?? 0) + count;
  for (const [at, count] of more.found.entries()) lists.found[at] = (lists.found[at] ?? 0) + count;
}
