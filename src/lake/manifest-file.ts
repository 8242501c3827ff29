import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { assertNoLinks, ignoreMissing, orDiskError } from '../base/files/durable.js';
import { readStored, storedFailure, type Unreadable } from '../base/files/stored-file.js';
import { type Manifest, manifestSchema } from '../base/types/manifest.js';
import { belongsTo, parseManifestPath } from './paths.js';

/** What lies under a manifest's name. */
export type ManifestFound =
  | { readonly kind: 'manifest'; readonly manifest: Manifest; readonly text: string }
  | { readonly kind: 'missing' }
  | Unreadable;

/**
 * Reads a manifest and compares it with its own name: its dataset, date and slot must match, and its files must be base
 * names of its partition.
 * @throws E_LAKE_DAMAGED if its path contains a symbolic link
 */
export async function findManifest(root: string, path: string): Promise<ManifestFound> {
  const found = await readStored<Manifest>(root, path, manifestSchema, 'a manifest');
  if (found.kind !== 'found') return found;
  const { value: manifest, text } = found;
  const key = parseManifestPath(path);
  if (key === null) return { kind: 'damaged', why: 'not a manifest' };
  const named = manifest.dataset === key.dataset && manifest.date === key.date && manifest.slot === key.slot;
  return named && manifest.files.every((file) => belongsTo(key, file.name))
    ? { kind: 'manifest', manifest, text }
    : { kind: 'damaged', why: 'names of another partition' };
}

/** The manifest at a path, or null if there is none. @throws E_LAKE_DAMAGED, E_LAKE_NEWER */
export async function readManifest(root: string, path: string): Promise<Manifest | null> {
  const found = await findManifest(root, path);
  if (found.kind === 'manifest') return found.manifest;
  if (found.kind === 'missing') return null;
  throw storedFailure(path, found, null);
}

/**
 * Paths of all manifests of a folder of the lake, relative to its root, by date and name. Folders that a prune removes in
 * the meantime are skipped.
 */
export async function listManifestPaths(root: string, folder = 'raw'): Promise<string[]> {
  const paths = await orDiskError(folder, () => {
    assertNoLinks(root, join(root, folder));
    return Promise.resolve(listFiles(root, folder));
  });
  return paths.filter((path) => parseManifestPath(path) !== null).sort();
}

/**
 * Not `recursive` of `readdir`, which gives up altogether where a single folder has gone; and not by promises, which cost
 * more than the folders of a year do.
 */
function listFiles(root: string, folder: string): string[] {
  return listItems(join(root, folder)).flatMap((item) => {
    const path = `${folder}/${item.name}`;
    return item.isDirectory() ? listFiles(root, path) : [path];
  });
}

function listItems(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    ignoreMissing(error);
    return [];
  }
}
