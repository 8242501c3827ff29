import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { assertNoLinks, orDiskError, writeDurably } from '../base/files/durable.js';
import type { RunRecord } from '../base/types/run-record.js';
import { ledgerPath } from './run-id.js';

/**
 * Writes or replaces a run's file atomically: completely under another name, then renamed. Two processes can write at the
 * same time, so the draft's name is random.
 * @throws E_DISK; E_LAKE_DAMAGED if a parent folder is a symbolic link
 */
export async function writeRun(lakeDir: string, record: RunRecord): Promise<void> {
  const path = ledgerPath(record.run_id);
  const target = join(lakeDir, path);
  const draft = join(dirname(target), `.${record.run_id}.${randomBytes(4).toString('hex')}.tmp`);
  await orDiskError(target, () => {
    assertNoLinks(lakeDir, dirname(target));
    return writeDurably(target, `${JSON.stringify(record)}\n`, draft);
  });
}
