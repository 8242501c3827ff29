import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { failure } from '../base/errors.js';
import { ignoreMissing, orDiskError, refuseLinks } from '../base/files/durable.js';
import { NAME } from '../base/names.js';
import type { Manifest } from '../base/types/manifest.js';
import { belongsTo, parseManifestPath } from './paths.js';

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** The form of a manifest on disk; unknown keys are refused, so that nothing else travels in one. */
export const manifestSchema = z.strictObject({
  format: z.literal(1),
  pipeline: z.string().regex(NAME),
  dataset: z.string().regex(NAME),
  date: z.iso.date(),
  slot: z
    .string()
    .regex(/^\d{2}$/)
    .nullable(),
  run_id: z.string(),
  files: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-zA-Z0-9_.]+\.parquet$/),
      rows: count,
      bytes: count,
      sha256,
    }),
  ),
  counts: z.strictObject({
    fetched: count,
    landed: count,
    rejected: count,
    duplicates: count,
    forgotten: count,
  }),
  columns: z.array(
    z.strictObject({
      name: z.string().regex(NAME),
      type: z.string(),
      class: z.enum(['direct', 'sensitive', 'quasi', 'none']),
      part: z.enum(['first_word', 'last_word']).optional(),
      treatment: z.string(),
      params: z.record(z.string(), z.unknown()),
      reviewed: z.string().nullable(),
    }),
  ),
  policy_sha256: sha256,
  contract_sha256: sha256,
  observed_sha256: sha256.nullable(),
  key_id: z.string().nullable(),
  key_check: z.string().nullable(),
  landed_at: z.iso.datetime(),
  source: z.strictObject({
    kind: z.enum(['embedded', 'http', 'file', 'adopted']),
    origin: z.string().nullable(),
    path: z.string().nullable(),
    allow_http: z.boolean(),
  }),
  as_of: z.string().nullable(),
  adopted: z.boolean(),
  raw_zone: z.enum(['restricted', 'open']),
  tool_version: z.string(),
  duckdb_version: z.string(),
});

/** What lies under a manifest's name. */
export type ManifestFound =
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'damaged'; readonly why: string };

/**
 * Reads a manifest and holds it against its own name: its dataset, date and slot, and files that are base names of
 * its partition.
 * @throws E_LAKE_DAMAGED if a link is on the way
 */
export async function findManifest(root: string, path: string): Promise<ManifestFound> {
  const text = await orDiskError(path, async () => {
    refuseLinks(root, join(root, path));
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
    refuseLinks(root, join(root, 'raw'));
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
    return result.success ? (result.data as Manifest) : null;
  } catch {
    return null;
  }
}
