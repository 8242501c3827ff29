import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { listRuns } from './read-runs.js';

/** An entry of the ledger that may go. */
export interface OldEntry {
  /** Below the lake, with forward slashes. */
  readonly path: string;
  /** `YYYY-MM-DD`, the UTC day of its start. */
  readonly date: string;
  readonly bytes: number;
}

/**
 * Entries of runs that began before a day, of one pipeline or all. One that says that it is running stays, and so does
 * what is no entry.
 * @throws E_DISK_READ
 */
export async function listOldEntries(
  lakeDir: string,
  before: string,
  pipeline: string | null,
): Promise<OldEntry[]> {
  const old: OldEntry[] = [];
  for await (const entry of listRuns(lakeDir)) {
    if (entry.kind !== 'run' || entry.run.status === 'running') continue;
    const date = entry.path.split('/').slice(1, 4).join('-');
    const isWanted = date < before && (pipeline === null || entry.run.pipeline === pipeline);
    const stats = isWanted ? await lstat(join(lakeDir, entry.path)).catch(() => null) : null;
    if (stats !== null) old.push({ path: entry.path, date, bytes: stats.size });
  }
  return old.reverse();
}
