import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { lstat, open, stat } from 'node:fs/promises';
import { failure, systemCode } from '../errors.js';

/** The text of a file, or why it is not read. */
export type SmallFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly why: string };

export interface SmallFileOptions {
  readonly maxBytes?: number;
  /** Only for files of the project: below the lake, a link is refused. */
  readonly followLinks?: boolean;
}

const MEGABYTE = 1024 * 1024;
const MAX_BYTES = 64 * MEGABYTE;
/** Opening a named pipe that took the file's place in the meantime does not wait for its writer. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Reads a file that should be small. Never waits, and never reads more than `maxBytes`: a named pipe, a device, a link
 * and a large file are refused.
 * @throws what the file system refuses, except that there is no such file
 */
export async function readSmallFile(
  path: string,
  { maxBytes = MAX_BYTES, followLinks = false }: SmallFileOptions = {},
): Promise<SmallFile> {
  try {
    const found = refuse(await (followLinks ? stat(path) : lstat(path)), maxBytes);
    if (found !== null) return found;
    const file = await open(path, followLinks ? FLAGS : FLAGS | constants.O_NOFOLLOW);
    try {
      const stats = await file.stat();
      const opened = refuse(stats, maxBytes);
      if (opened !== null) return opened;
      const chunks: Buffer[] = [];
      for (let total = 0; total <= maxBytes;) {
        // One byte more than the file has, so that the second read finds its end.
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(Math.max(stats.size, 4095) + 1));
        if (bytesRead === 0) return { kind: 'text', text: Buffer.concat(chunks).toString('utf8') };
        chunks.push(buffer.subarray(0, bytesRead));
        total += bytesRead;
      }
      return tooLarge(maxBytes);
    } finally {
      await file.close();
    }
  } catch (error) {
    return explain(error);
  }
}

/** The same for a file that is needed before anything can wait. Follows links. */
export function readSmallFileSync(path: string, maxBytes = MAX_BYTES): SmallFile {
  try {
    const found = refuse(statSync(path), maxBytes);
    if (found !== null) return found;
    const fd = openSync(path, FLAGS);
    try {
      const stats = fstatSync(fd);
      const opened = refuse(stats, maxBytes);
      if (opened !== null) return opened;
      // A file of the kernel has no size, and all that it says comes at once.
      const buffer = Buffer.alloc(Math.max(stats.size, 64 * 1024));
      return { kind: 'text', text: buffer.toString('utf8', 0, readSync(fd, buffer)) };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return explain(error);
  }
}

/**
 * The text of a small file of the project.
 * @param label what an error calls the file
 * @throws E_DISK_READ
 */
export async function readText(path: string, label: string = path): Promise<string> {
  const found = await readSmallFile(path, { followLinks: true }).catch((error: unknown) => {
    throw failure('E_DISK_READ', { path: label, kind: systemCode(error) });
  });
  return textOf(found, label);
}

/** @throws E_DISK_READ if there is no text */
export function textOf(found: SmallFile, label: string): string {
  if (found.kind === 'text') return found.text;
  throw failure('E_DISK_READ', { path: label, kind: found.kind === 'missing' ? 'ENOENT' : found.why });
}

function refuse(stats: Stats, maxBytes: number): SmallFile | null {
  if (stats.isSymbolicLink()) return { kind: 'refused', why: 'a link' };
  if (stats.isDirectory()) return { kind: 'refused', why: 'a folder' };
  if (!stats.isFile()) return { kind: 'refused', why: 'not a regular file' };
  return stats.size > maxBytes ? tooLarge(maxBytes) : null;
}

function tooLarge(maxBytes: number): SmallFile {
  const limit = maxBytes < MEGABYTE ? `${maxBytes} bytes` : `${Math.round(maxBytes / MEGABYTE)} MB`;
  return { kind: 'refused', why: `larger than ${limit}` };
}

function explain(error: unknown): SmallFile {
  const code = systemCode(error);
  if (code === 'ENOENT') return { kind: 'missing' };
  if (code === 'ELOOP') return { kind: 'refused', why: 'a link' };
  // A socket, or a device without a driver.
  if (code === 'ENXIO') return { kind: 'refused', why: 'not a regular file' };
  throw error;
}
