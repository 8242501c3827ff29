import { createHash } from 'node:crypto';
import type { BronzeDataset, LandedPartition } from '../landed-partition.js';

/** Digests of the inputs of a table: if they are equal, a rebuild would change nothing. */
export interface InputState {
  /** SQL text of the model and all its inputs, down to the landing lists. */
  readonly shape: string;
  /** All landed data, over all dates. */
  readonly whole: string;
  /** Landed data by date; null if rows do not belong to dates. */
  readonly byDate: ReadonlyMap<string, string> | null;
  /** All landed dates, sorted. */
  readonly dates: readonly string[];
}

export function digestBronze(dataset: BronzeDataset, partitions: readonly LandedPartition[]): InputState {
  const shape = digest(dataset.columns.map(({ name, type }) => [name, type]));
  const files = new Map<string, string[]>();
  for (const { manifest } of partitions) {
    const ofDate = files.get(manifest.date) ?? [];
    // Includes the run, because the same bytes can come from another source, which the audit columns show.
    const landing = `${manifest.slot ?? ''} ${manifest.run_id}`;
    ofDate.push(...manifest.files.map((file) => `${landing} ${file.name} ${file.sha256}`));
    files.set(manifest.date, ofDate);
  }
  const byDate = new Map([...files].sort(byKey).map(([date, names]) => [date, digest(names.sort())]));
  return { shape, whole: digest([...byDate]), byDate, dates: [...byDate.keys()] };
}

/** `byDates` is for models built date by date, each date from that date alone. */
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

/** The state with a checkpoint, which replaces all its dates by its last one. */
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

/** The state of a model whose rows do not belong to dates, for models that read it. */
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
