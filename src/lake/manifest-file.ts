import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from '../base/errors.js';
import { assertNoLinks, ignoreMissing, orDiskError } from '../base/files/durable.js';
import { type Manifest, manifestSchema } from '../base/types/manifest.js';
import { belongsTo, parseManifestPath } from './paths.js';

/** What lies under a manifest's name. */
export type ManifestFound =
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'damaged'; readonly why: string };

/**
 * Reads a manifest and compares it with its own name: its dataset, date and slot must match, and its files must be base
 * names of its partition.
 * @throws E_LAKE_DAMAGED if its path contains a symbolic link
 */
export async function findManifest(root: string, path: string): Promise<ManifestFound> {
  const text = await orDiskError(path, async () => {
    assertNoLinks(root, join(root, path));
    return readFile(join(root, path), 'utf8').catch(ignoreMissing);
  });
  if (text === undefined) return { kind: 'nothing' };
  const manifest = parseManifest(text);
  const key = parseManifestPath(path);
  if (manifest === null || key === null) return { kind: 'damaged', why: 'not a manifest' };
  const named = manifest.dataset === key.dataset && manifest.date === key.date && manifest.slot === key.slot;
  return named && manifest.files.every((file) => belongsTo(key, file.name))
    ? { kind: 'manifest', manifest }
    : { kind: 'damaged', why: 'names of another partition' };
}

/** The manifest at a path, or null if there is none. @throws E_LAKE_DAMAGED */
export async function readManifest(root: string, path: string): Promise<Manifest | null> {
  const found = await findManifest(root, path);
  if (found.kind === 'damaged') throw failure('E_LAKE_DAMAGED', { path, kind: found.why });
  return found.kind === 'manifest' ? found.manifest : null;
}

/** Paths of all manifests of the lake, relative to its root, by date and name. */
export async function listManifestPaths(root: string): Promise<string[]> {
  const entries = await orDiskError('raw', async () => {
    assertNoLinks(root, join(root, 'raw'));
    return readdir(join(root, 'raw'), { recursive: true }).catch(ignoreMissing);
  });
  return (entries ?? [])
    .map((entry) => `raw/${entry.replaceAll('\\', '/')}`)
    .filter((path) => parseManifestPath(path) !== null)
    .sort();
}

function parseManifest(text: string): Manifest | null {
  try {
    const result = manifestSchema.safeParse(JSON.parse(text));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}
