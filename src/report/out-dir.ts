import { chmod, mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { failure, LakeveilError, systemCode } from '../base/errors.js';

/** A folder that exports must stay out of, under the name that an error gives it. */
export interface ForbiddenPlace {
  readonly place: string;
  readonly dir: string;
}

export interface OutDirOptions {
  readonly projectDir: string;
  /** What `--out` says, absolute or relative to the working directory; null for `exports/<date>` of the project. */
  readonly out: string | null;
  readonly date: string;
  readonly forbidden: readonly ForbiddenPlace[];
}

/**
 * Makes the folder that exports go to, open to its owner alone, and gives its real path.
 * @throws E_OUT_DIR if it lies in a forbidden place once links are followed, E_DISK
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

/** The real path, also of what does not exist yet: that of the nearest folder that does, and the rest. */
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
