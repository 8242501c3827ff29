import { chmod, mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { failure, LakeveilError, systemCode } from '../base/errors.js';

/** A folder that exports must not write to, and its name in errors. */
export interface ForbiddenPlace {
  readonly place: string;
  readonly dir: string;
}

export interface OutDirOptions {
  readonly projectDir: string;
  /** The value of `--out`, absolute or relative to the working directory; null for `exports/<date>` in the project. */
  readonly out: string | null;
  readonly date: string;
  readonly forbidden: readonly ForbiddenPlace[];
}

/**
 * Creates the output folder, accessible only to its owner, and returns its real path.
 * @throws E_OUT_DIR if it is in a forbidden folder after resolving links, E_DISK
 */
export async function makeOutDir({ projectDir, out, date, forbidden }: OutDirOptions): Promise<string> {
  const exportsDir = join(projectDir, 'exports');
  const dir = out === null ? join(exportsDir, date) : resolve(out);
  try {
    const real = await followLinks(dir);
    for (const { place, dir: closed } of forbidden) {
      if (isInside(real, await followLinks(resolve(closed)))) throw failure('E_OUT_DIR', { place });
    }
    await mkdir(real, { recursive: true, mode: 0o700 });
    if (out === null) await chmod(exportsDir, 0o700);
    return real;
  } catch (error) {
    if (error instanceof LakeveilError) throw error;
    throw failure('E_DISK', { path: dir, kind: systemCode(error) });
  }
}

/** The real path of the nearest existing parent folder, plus the rest of the path. */
async function followLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return join(await followLinks(dirname(path)), basename(path));
  }
}

function isInside(path: string, dir: string): boolean {
  const way = relative(dir, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
}
