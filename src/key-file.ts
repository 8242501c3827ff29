import type { FileHandle } from 'node:fs/promises';
import { constants, open } from 'node:fs/promises';
import { failure, type LakeveilError } from './errors.js';
import { nameSystemError } from './system-error.js';

/** No key is longer, and nothing longer is read. */
export const MAX_TEXT_BYTES = 4096;

/**
 * The file's text, if it is a small regular file that nobody but its owner may read.
 * @param flags further flags of `open`, such as O_NOFOLLOW
 * @throws E_KEY_INVALID
 */
export async function readKeyFile(path: string, origin: string, flags = 0): Promise<string> {
  let file: FileHandle;
  try {
    // Non-blocking, so that a pipe of that name cannot hold the program.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | flags);
  } catch (error) {
    throw refuseKey(origin, `the file cannot be opened (${nameSystemError(error)})`);
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw refuseKey(origin, 'it is not a regular file');
    if ((stats.mode & 0o077) !== 0)
      throw refuseKey(origin, 'others than its owner may read or write the file; chmod 600 it');
    if (stats.size > MAX_TEXT_BYTES)
      throw refuseKey(origin, `the file is larger than ${MAX_TEXT_BYTES} bytes`);
    return await file.readFile('latin1');
  } finally {
    await file.close();
  }
}

/** E_KEY_INVALID; `origin` is a variable's name or a fixed text, never what it holds. */
export function refuseKey(origin: string, why: string): LakeveilError {
  return failure('E_KEY_INVALID', { origin, why });
}
