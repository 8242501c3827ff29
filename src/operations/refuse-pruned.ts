import type { Horizon } from '../checkpoint.js';
import { failure } from '../errors.js';

/**
 * Refuses to land a date whose raw files were pruned: a checkpoint holds what they told, and it would be told twice,
 * or not at all.
 * @throws E_PRUNED
 */
export function refusePruned(
  horizons: readonly Horizon[],
  datasets: readonly string[],
  date: string,
  fix: string,
): void {
  const horizon = horizons.find(({ dataset, before }) => datasets.includes(dataset) && date < (before ?? ''));
  if (horizon === undefined) return;
  const { dataset, before } = horizon;
  throw failure('E_PRUNED', { date, dataset, before: before ?? '', fix }, { dataset });
}

export const LAND_PRUNED_AGAIN =
  'with `--force` it lands again, for models that show what is landed; those that start from a checkpoint pass it over';
