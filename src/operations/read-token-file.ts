import { open } from 'node:fs/promises';
import { failure, LakeveilError } from '../errors.js';
import { nameSystemError } from '../system-error.js';

const MIN_LENGTH = 32;
const MAX_BYTES = 4_096;

/** The token that readers of the dashboard give: one line of a file that is its owner's alone. @throws E_TOKEN_FILE */
export async function readTokenFile(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const stats = await file.stat();
      if (!stats.isFile() || stats.size > MAX_BYTES)
        throw failure('E_TOKEN_FILE', { path, why: 'it is no small file' });
      if ((stats.mode & 0o077) !== 0) throw failure('E_TOKEN_FILE', { path, why: 'others can read it' });
      const token = (await file.readFile('utf8')).trim();
      if (/^[\x21-\x7e]+$/.test(token) && token.length >= MIN_LENGTH) return token;
      throw failure('E_TOKEN_FILE', { path, why: 'it is no line of 32 characters or more' });
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof LakeveilError) throw error;
    throw failure('E_TOKEN_FILE', { path, why: `it cannot be read (${nameSystemError(error)})` });
  }
}
