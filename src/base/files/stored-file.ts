import { join } from 'node:path';
import type { z } from 'zod';
import { failure, type LakeveilError } from '../errors.js';
import { parseJson } from '../json-values.js';
import { assertNoLinks, orDiskError } from './durable.js';
import { readSmallFile } from './small-file.js';

/** The JSON files of a lake: each has the number of its `format`, and one schema. */

/** What lies under the name of such a file. */
export type StoredFile<T> =
  | { readonly kind: 'found'; readonly value: T; readonly text: string }
  | { readonly kind: 'missing' }
  | Unreadable;

/** A file that this version cannot use: of a newer version, or not what was written. */
export type Unreadable =
  { readonly kind: 'newer'; readonly format: number } | { readonly kind: 'damaged'; readonly why: string };

/** The format of all files of a lake that this version writes. */
const FORMAT = 1;
/** No file that was written is deeper; reading a deeper one could exhaust the stack. */
const MAX_DEPTH = 64;

/**
 * Reads a file of the lake. `path` is relative to the lake's root.
 * @param what the file is not, if it is damaged: `a manifest`
 * @throws E_LAKE_DAMAGED if a part of the path is a link; E_DISK
 */
export async function readStored<T>(
  root: string,
  path: string,
  schema: z.ZodType<T>,
  what: string,
): Promise<StoredFile<T>> {
  const found = await orDiskError(path, () => {
    assertNoLinks(root, join(root, path));
    return readSmallFile(join(root, path));
  });
  if (found.kind === 'missing') return found;
  return found.kind === 'refused'
    ? { kind: 'damaged', why: found.why }
    : parseStored(found.text, schema, what);
}

/** The text of such a file, as its schema accepts it. */
export function parseStored<T>(
  text: string,
  schema: z.ZodType<T>,
  what: string,
): Exclude<StoredFile<T>, { kind: 'missing' }> {
  const damaged = { kind: 'damaged', why: `not ${what}` } as const;
  const json = parseJson(text);
  if (json === undefined || isDeep(json)) return damaged;
  const format = readFormat(json);
  if (format > FORMAT) return { kind: 'newer', format };
  const result = schema.safeParse(json);
  return result.success ? { kind: 'found', value: result.data, text } : damaged;
}

/**
 * The error of a file that cannot be used.
 * @param fix what to do about a damaged one; null for a manifest, whose date can be landed again
 */
export function storedFailure(path: string, found: Unreadable, fix: string | null): LakeveilError {
  if (found.kind === 'newer') return failure('E_LAKE_NEWER', { path, what: describeNewer(found.format) });
  return fix === null
    ? failure('E_LAKE_DAMAGED', { path, kind: found.why })
    : failure('E_LAKE_FILE', { path, kind: found.why, fix });
}

/** A file that cannot be used, as `verify` and `status` list it. */
export interface UnreadableFile {
  /** Relative to the lake's root. */
  readonly path: string;
  readonly problem: string;
  /** `newer`: a newer version wrote it. */
  readonly kind: Unreadable['kind'];
  /** For a command that needs the file. */
  readonly error: LakeveilError;
}

/** @param fix as of `storedFailure` */
export function describeFile(path: string, found: Unreadable, fix: string | null): UnreadableFile {
  const { kind } = found;
  const problem = kind === 'damaged' ? found.why : describeNewer(found.format);
  return { path, problem, kind, error: storedFailure(path, found, fix) };
}

function describeNewer(format: number): string {
  return `written by format ${format} of a newer version`;
}

function readFormat(json: unknown): number {
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined;
  return Number.isSafeInteger(format) ? Number(format) : 0;
}

function isDeep(json: unknown): boolean {
  let level: unknown[] = [json];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((value): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
  return false;
}
