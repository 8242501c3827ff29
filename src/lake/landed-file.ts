import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failure } from '../base/errors.js';
import { assertNoLinks, ignoreMissing, orDiskError, writeDurably } from '../base/files/durable.js';
import { describeFile, readStored, storedFailure, type UnreadableFile } from '../base/files/stored-file.js';
import { type LandedMonth, landedMonthSchema, type Landing } from '../base/types/landed.js';
import { type Manifest, manifestSchema } from '../base/types/manifest.js';
import type { PartitionKey } from './paths.js';

/** What last landed, one file a month, so that no command has to read the whole ledger for it. */

export const LANDED = '_landed';
const MONTH_FILE = /^(\d{4}-\d{2})\.json$/;
export const FIX_MONTH =
  'restore the file, or remove it: the next transform writes it from the manifests, and `pipeline verify` compares them with the ledger';

/** `_landed/2026-11.json` */
export function landedPath(month: string): string {
  if (!MONTH_FILE.test(`${month}.json`)) throw failure('E_DATE', { example: '2026-11-20' });
  return `${LANDED}/${month}.json`;
}

/** A partition's name within a lake. */
export function nameKey({ dataset, date, slot }: PartitionKey): string {
  return `${dataset} ${date} ${slot ?? ''}`;
}

/** A file of the lake as it is written. */
export function formatDocument(document: unknown): string {
  return `${JSON.stringify(document, null, 1)}\n`;
}

/** What is recorded of a partition. @param text its manifest as it is on disk; absent for one that will be written */
export function landingOf(manifest: Manifest, text: string = formatSealed(manifest)): Landing {
  const { pipeline, dataset, date, slot, run_id, landed_at, counts } = manifest;
  const manifest_sha256 = createHash('sha256').update(text).digest('hex');
  return {
    pipeline,
    dataset,
    date,
    slot,
    run_id,
    landed_at,
    rows: counts.landed,
    manifest_sha256,
    lost: null,
  };
}

/** As the commit writes it, which has read it from an intent. */
function formatSealed(manifest: Manifest): string {
  const sealed = manifestSchema.safeParse(JSON.parse(JSON.stringify(manifest)));
  return formatDocument(sealed.data ?? manifest);
}

/** A month with some of its partitions replaced or added, in order. Pure. */
export function mergeMonth(
  month: string,
  known: readonly Landing[],
  landings: readonly Landing[],
): LandedMonth {
  const merged = new Map([...known, ...landings].map((landing) => [nameKey(landing), landing]));
  const partitions = [...merged.values()].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  return { format: 1, month, partitions };
}

function sortKey({ dataset, date, slot }: PartitionKey): string {
  return `${date} ${dataset} ${slot ?? ''}`;
}

export function monthOf({ date }: Pick<PartitionKey, 'date'>): string {
  return date.slice(0, 7);
}

/** The recorded partitions by name, and the files that cannot be used. */
export interface FoundLanded {
  readonly landings: ReadonlyMap<string, Landing>;
  readonly unreadable: readonly UnreadableFile[];
}

/** Reads all months. @throws E_LAKE_DAMAGED if a path contains a symbolic link; E_DISK */
export async function findLanded(root: string): Promise<FoundLanded> {
  const landings = new Map<string, Landing>();
  const unreadable: UnreadableFile[] = [];
  for (const month of await listMonths(root)) {
    const path = landedPath(month);
    const found = await readStored(root, path, landedMonthSchema, 'a list of landed partitions');
    if (found.kind === 'missing') continue;
    if (found.kind !== 'found') unreadable.push(describeFile(path, found, FIX_MONTH));
    else if (found.value.month !== month) {
      unreadable.push(describeFile(path, { kind: 'damaged', why: 'of another month' }, FIX_MONTH));
    } else for (const landing of found.value.partitions) landings.set(nameKey(landing), landing);
  }
  return { landings, unreadable };
}

/** One month; null if there is no file. @throws E_LAKE_FILE, E_LAKE_NEWER, E_LAKE_DAMAGED, E_DISK */
export async function readMonth(root: string, month: string): Promise<LandedMonth | null> {
  const path = landedPath(month);
  const found = await readStored(root, path, landedMonthSchema, 'a list of landed partitions');
  if (found.kind === 'missing') return null;
  if (found.kind !== 'found') throw storedFailure(path, found, FIX_MONTH);
  return found.value;
}

/** Records partitions, month by month. The caller holds the lake's lock. @throws as `readMonth` */
export async function recordLandings(root: string, landings: readonly Landing[]): Promise<void> {
  for (const month of new Set(landings.map(monthOf))) {
    const known = (await readMonth(root, month))?.partitions ?? [];
    const own = landings.filter((landing) => monthOf(landing) === month);
    const path = join(root, landedPath(month));
    assertNoLinks(root, dirname(path));
    await writeDurably(path, formatDocument(mergeMonth(month, known, own)));
  }
}

async function listMonths(root: string): Promise<string[]> {
  return orDiskError(LANDED, async () => {
    assertNoLinks(root, join(root, LANDED));
    const names = (await readdir(join(root, LANDED)).catch(ignoreMissing)) ?? [];
    return names.flatMap((name) => MONTH_FILE.exec(name)?.[1] ?? []).sort();
  });
}
