import { randomBytes } from 'node:crypto';
import { constants, type FileHandle, link, lstat, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failure, type LakeveilError, systemCode } from '../errors.js';
import { writeNew } from '../files/durable.js';

/** Why a file with a key is not used. */
export const OPEN_FILE = 'other users can read or write the file that holds it';

/** Maximum length of a key file. */
export const MAX_TEXT_BYTES = 4096;

/**
 * The file's text, if it is a small regular file that only its owner may read.
 * @param flags further flags of `open`, such as O_NOFOLLOW
 * @throws E_KEY_INVALID
 */
export async function readKeyFile(path: string, origin: string, flags = 0): Promise<string> {
  let file: FileHandle;
  try {
    // Non-blocking, so that a named pipe cannot block the program.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | flags);
  } catch (error) {
    throw keyFailure(origin, `the file cannot be opened (${systemCode(error)})`);
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw keyFailure(origin, 'it is not a regular file');
    if ((stats.mode & 0o077) !== 0) throw keyFailure(origin, `${OPEN_FILE}: \`chmod 600 ${path}\``);
    if (stats.size > MAX_TEXT_BYTES)
      throw keyFailure(origin, `the file is larger than ${MAX_TEXT_BYTES} bytes`);
    return await file.readFile('latin1');
  } finally {
    await file.close();
  }
}

/** E_KEY_INVALID; `origin` is the name of a variable or a fixed text, never a value. */
export function keyFailure(origin: string, why: string): LakeveilError {
  return failure('E_KEY_INVALID', { origin, why });
}

const ORIGIN = 'the local key';

/**
 * The text of the local key, created by the first call. Two processes that create it concurrently get the same key:
 * each writes a file of its own and links it into place, and only the first link succeeds.
 * @throws E_DISK if it cannot be created, E_KEY_INVALID if the path is not a private file
 */
export async function loadLocalKey(path: string): Promise<string> {
  if (!(await isThere(path))) await makeLocalKey(path);
  return await readKeyFile(path, ORIGIN, constants.O_NOFOLLOW);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

async function makeLocalKey(path: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeNew(draft, `${randomBytes(32).toString('base64')}\n`);
    await link(draft, path);
  } catch (error) {
    const kind = systemCode(error);
    if (kind !== 'EEXIST') throw failure('E_DISK', { path, kind });
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}
