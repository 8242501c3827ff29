import { failure } from '../errors.js';
import type { Counts } from '../record.js';

/**
 * Promise 4, nothing is lost in silence: fetched = landed + rejected + duplicates + forgotten.
 * @throws E_COUNTS
 */
export function checkCounts(dataset: string, counts: Counts): void {
  const accounted = counts.landed + counts.rejected + counts.duplicates + counts.forgotten;
  if (accounted !== counts.fetched) {
    throw failure('E_COUNTS', { dataset, fetched: counts.fetched, accounted }, { dataset });
  }
}
