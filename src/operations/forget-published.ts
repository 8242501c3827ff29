import { lstat, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Lists what was written into the folder, so that the next time knows which files are its own. */
export const LIST_NAME = 'files.json';
const OWN_NAME = /^[a-z0-9][a-z0-9_-]*\.(?:html|csv)$/;

export function writeList(names: readonly string[]): string {
  return `${JSON.stringify(names.toSorted(), null, 2)}\n`;
}

/** The files that are there from the last time; none where there is no list, or one that is not ours. */
export async function listPublished(dir: string): Promise<readonly string[]> {
  try {
    const names: unknown = JSON.parse(await readFile(join(dir, LIST_NAME), 'utf8'));
    return Array.isArray(names) ? names.filter(isOwnName) : [];
  } catch {
    return [];
  }
}

function isOwnName(name: unknown): name is string {
  return typeof name === 'string' && OWN_NAME.test(name);
}

/** Takes out what was written before and is no longer: a report that has become internal must not stay behind. */
export async function forgetPublished(
  dir: string,
  before: readonly string[],
  now: readonly string[],
): Promise<void> {
  const kept = new Set(now);
  for (const name of before) {
    const path = join(dir, name);
    if (kept.has(name) || (await lstat(path).catch(() => null))?.isFile() !== true) continue;
    await rm(path);
  }
}
