import type { Manifest } from '../base/types/manifest.js';

/** Landed dates of a dataset whose tokens were made with one key: they join with each other, and with no others. */
export interface KeyRange {
  /** Null for partitions without tokens, and adopted ones, whose key is not known. */
  readonly key_id: string | null;
  readonly from: string;
  readonly to: string;
  readonly partitions: number;
}

/** By the first date of each key; manifests are in the order of their dates. Pure. */
export function listKeyRanges(manifests: readonly Manifest[]): KeyRange[] {
  const ranges = new Map<string | null, KeyRange>();
  for (const { key_id, date } of manifests) {
    const { from, to, partitions } = ranges.get(key_id) ?? { from: date, to: date, partitions: 0 };
    const [first, last] = [date < from ? date : from, date > to ? date : to];
    ranges.set(key_id, { key_id, from: first, to: last, partitions: partitions + 1 });
  }
  return [...ranges.values()].sort((a, b) => (a.from < b.from ? -1 : 1));
}
