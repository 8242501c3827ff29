import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { listFolder, removeDurably, writeDurably } from '../base/files/durable.js';
import { readStored, storedFailure } from '../base/files/stored-file.js';
import { formatJson } from '../base/text/json.js';

/**
 * What `export --out` and `publish --out` wrote outside of the usual folders: an erasure finds these places here. It is
 * written before the files are, so that no copy is anywhere that is not named.
 */
const copySchema = z.strictObject({
  format: z.literal(1),
  /** A file of `export`, the folder of a site, or a site of one file. */
  kind: z.enum(['export', 'site', 'site_file']),
  /** Absolute. */
  path: z.string(),
  /** The report or `schema.table` of an export. */
  name: z.string().nullable(),
  /** Its date; null for a site. */
  date: z.iso.date().nullable(),
});

export type Copy = z.infer<typeof copySchema>;

const FOLDER = '_copies';

/** `_copies/<16 hex of the path>.json` */
function copyPath(path: string): string {
  return `${FOLDER}/${createHash('sha256').update(path).digest('hex').slice(0, 16)}.json`;
}

/** @throws E_DISK */
export async function recordCopy(root: string, copy: Omit<Copy, 'format'>): Promise<void> {
  const draft = `${join(root, copyPath(copy.path))}.${process.pid}.tmp`;
  await rm(draft, { force: true });
  await writeDurably(join(root, copyPath(copy.path)), `${formatJson({ format: 1, ...copy })}\n`, draft);
}

/** @throws E_LAKE_FILE, E_LAKE_NEWER */
export async function listCopies(root: string): Promise<Copy[]> {
  const copies: Copy[] = [];
  for (const file of await listFolder(join(root, FOLDER), FOLDER)) {
    if (!/^[0-9a-f]{16}\.json$/.test(file)) continue;
    const path = `${FOLDER}/${file}`;
    const found = await readStored(root, path, copySchema, 'a record of an export');
    if (found.kind === 'found') copies.push(found.value);
    else if (found.kind !== 'missing')
      throw storedFailure(path, found, 'remove the file, and the exports that you know of');
  }
  return copies;
}

export async function forgetCopy(root: string, { path }: Pick<Copy, 'path'>): Promise<void> {
  await removeDurably(join(root, copyPath(path)));
}
