import { createHash } from 'node:crypto';
import type { BronzeDataset, LandedPartition } from '../landed-partition.js';

/** Digests of what a table is made from: equal digests mean that building it again would change nothing. */
export interface InputState {
  /** SQL text of the model and of all that it reads, down to the landing lists. */
  readonly shape: string;
  /** Everything that landed, over all dates. */
  readonly whole: string;
  /** What landed, by date; null where rows do not belong to dates. */
  readonly byDate: ReadonlyMap<string, string> | null;
  /** All dates on which something landed, in order. */
  readonly dates: readonly string[];
}

export function digestBronze(dataset: BronzeDataset, partitions: readonly LandedPartition[]): InputState {
  const shape = digest(dataset.columns.map(({ name, type }) => [name, type]));
  const files = new Map<string, string[]>();
  for (const { manifest } of partitions) {
    const ofDate = files.get(manifest.date) ?? [];
    // The run too: the same bytes may come from another source, which audit columns tell.
    const landing = `${manifest.slot ?? ''} ${manifest.run_id}`;
    ofDate.push(...manifest.files.map((file) => `${landing} ${file.name} ${file.sha256}`));
    files.set(manifest.date, ofDate);
  }
  const byDate = new Map([...files].sort(byKey).map(([date, names]) => [date, digest(names.sort())]));
  return { shape, whole: digest([...byDate]), byDate, dates: [...byDate.keys()] };
}

/** `byDates` is for models that follow their inputs date by date, each date made from that date alone. */
export function digestModel(sql: string, inputs: readonly InputState[], byDates: boolean): InputState {
  const shape = digest([sql, inputs.map((input) => input.shape)]);
  const dates = [...new Set(inputs.flatMap((input) => input.dates))].sort();
  if (!byDates) {
    return { shape, whole: digest([shape, inputs.map((input) => input.whole)]), byDate: null, dates };
  }
  const own = new Set(inputs.flatMap((input) => [...(input.byDate?.keys() ?? [])]));
  const byDate = new Map([...own].sort().map((date) => [date, digest(inputs.map(readAt(date)))]));
  return { shape, whole: digest([shape, [...byDate]]), byDate, dates };
}

/** The same where a checkpoint stands for the dates before it: as one landed date, its last. */
export function startAt(
  { shape, byDate, dates }: InputState,
  {
    lastDate,
    before,
    sha256,
  }: { readonly lastDate: string; readonly before: string; readonly sha256: string },
): InputState {
  const later = [...(byDate ?? [])].filter(([date]) => date >= before);
  const own = new Map([[lastDate, sha256] as const, ...later]);
  return { shape, whole: digest([shape, [...own]]), byDate: own, dates };
}

/** What those see who read a model whose rows do not belong to dates. */
export function withoutDates(state: InputState): InputState {
  return { ...state, byDate: null };
}

function readAt(date: string): (input: InputState) => string | null {
  return (input) => (input.byDate === null ? input.whole : (input.byDate.get(date) ?? null));
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
