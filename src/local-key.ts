import { randomBytes } from 'node:crypto';
import { constants, link, lstat, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failure } from './errors.js';
import { readKeyFile } from './key-file.js';
import { nameSystemError } from './system-error.js';

const ORIGIN = 'the local key';

/**
 * The text of the local key, made at the first call. Two processes that make it at once end up with the same one:
 * each writes a file of its own and links it into place, and only the first link succeeds.
 * @throws E_DISK if it cannot be made, E_KEY_INVALID if what is there is not a private file
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
    await writeDurably(draft, `${randomBytes(32).toString('base64')}\n`);
    await link(draft, path);
  } catch (error) {
    const kind = nameSystemError(error);
    if (kind !== 'EEXIST') throw failure('E_DISK', { path, kind });
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
