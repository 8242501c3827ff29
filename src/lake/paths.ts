import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DATE, HOUR } from '../base/dates/calendar.js';
import { failure } from '../base/errors.js';
import { ignoreMissing, orDiskError } from '../base/files/durable.js';
import { MODEL, NAME, NAME_PATTERN } from '../base/names.js';

const MANIFEST_PATH = new RegExp(
  `^raw/(\\d{4})/(\\d{2})/(\\d{2})/(${NAME_PATTERN})(?:\\.T(\\d{2}))?\\.manifest\\.json$`,
);

/** The key of a partition. `slot` is an hour such as `13` for sources with new rows at every call. */
export interface PartitionKey {
  readonly dataset: string;
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly slot: string | null;
}

/**
 * The only function that builds data paths, relative to the lake's root, with forward slashes:
 * `raw/YYYY/MM/DD/<dataset>[.T<slot>][.<part>].parquet`, parts counted from 1.
 */
export function partitionPath(key: PartitionKey, part: number | null): string {
  const suffix = part === null ? '' : `.${String(part).padStart(4, '0')}`;
  return `${folderOf('raw', key.date)}/${stem(key)}${suffix}.parquet`;
}

export function manifestPath(key: PartitionKey): string {
  return `${folderOf('raw', key.date)}/${stem(key)}.manifest.json`;
}

export function quarantinePath(key: PartitionKey): string {
  return `${folderOf('quarantine', key.date)}/${stem(key)}.parquet`;
}

/** Of tables that stand for raw files that are pruned. */
export const CHECKPOINTS = '_checkpoints';

/** `_checkpoints/silver.users/checkpoint.json` */
export function checkpointPath(model: string): string {
  return `${folderOfModel(model)}/checkpoint.json`;
}

/** `_checkpoints/silver.users/2026-08-22.parquet`: the table before that date. */
export function checkpointFilePath(model: string, before: string): string {
  if (!DATE.test(before)) throw failure('E_DATE', { example: '2026-11-20' });
  return `${folderOfModel(model)}/${before}.parquet`;
}

/** `_checkpoints/persons.pruned.json` */
export function retentionMarkPath(dataset: string): string {
  if (!NAME.test(dataset)) throw failure('E_NAME', { kind: 'dataset' });
  return `${CHECKPOINTS}/${dataset}.pruned.json`;
}

function folderOfModel(model: string): string {
  if (!MODEL.test(model)) throw failure('E_NAME', { kind: 'model' });
  return `${CHECKPOINTS}/${model}`;
}

/** `raw/2026/11/20` */
export function folderOf(zone: 'raw' | 'quarantine', date: string): string {
  if (!DATE.test(date)) throw failure('E_DATE', { example: '2026-11-20' });
  return `${zone}/${date.replaceAll('-', '/')}`;
}

/** True for a file name that belongs to a partition: its data or its manifest, with or without part. */
export function belongsTo(key: PartitionKey, fileName: string): boolean {
  const rest = fileName.startsWith(stem(key)) ? fileName.slice(stem(key).length) : '';
  return /^(\.\d{4})?\.parquet$/.test(rest) || rest === '.manifest.json';
}

/** The key in a manifest's file name and folder, or null if it is not a manifest. */
export function parseManifestPath(path: string): PartitionKey | null {
  const match = MANIFEST_PATH.exec(path);
  if (match === null) return null;
  const [, year, month, day, dataset, slot] = match;
  return dataset === undefined ? null : { dataset, date: `${year}-${month}-${day}`, slot: slot ?? null };
}

function stem({ dataset, slot }: PartitionKey): string {
  if (!NAME.test(dataset)) throw failure('E_NAME', { kind: 'dataset' });
  if (slot === null) return dataset;
  if (!HOUR.test(slot)) throw failure('E_DATE', { example: '2026-11-20T13' });
  return `${dataset}.T${slot}`;
}

/** An entry in the lake that is not a folder. `path` is relative to the lake's root, with forward slashes. */
export interface Entry {
  readonly path: string;
  readonly kind: 'file' | 'link' | 'other';
}

/** Everything below a folder of the lake, by path. Links are listed, never followed. */
export async function walkZone(root: string, folder: string): Promise<Entry[]> {
  const stats = await orDiskError(folder, async () => lstat(join(root, folder)).catch(ignoreMissing));
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [{ path: folder, kind: kindOf(stats) }];
  const items = await orDiskError(folder, () =>
    readdir(join(root, folder), { withFileTypes: true }).catch(ignoreMissing),
  );
  const below = await Promise.all(
    (items ?? []).map((item) => listItem(root, `${folder}/${item.name}`, item)),
  );
  return below.flat().sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function listItem(root: string, path: string, item: Dirent): Promise<Entry[]> {
  return item.isDirectory() ? walkZone(root, path) : [{ path, kind: kindOf(item) }];
}

function kindOf(item: Pick<Dirent, 'isFile' | 'isSymbolicLink'>): Entry['kind'] {
  if (item.isSymbolicLink()) return 'link';
  return item.isFile() ? 'file' : 'other';
}
