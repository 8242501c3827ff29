import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { dateOf } from '../base/dates/calendar.js';
import { failure } from '../base/errors.js';
import { RUN_ID } from '../base/names.js';

/**
 * A UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix time in milliseconds, then 74 random ones; ids sort by the time
 * of their runs.
 * @param random 10 octets
 */
export function createRunId(startedAt: Date, random: Uint8Array = randomBytes(10)): string {
  const octets = Buffer.alloc(16);
  octets.writeUIntBE(startedAt.getTime(), 0, 6);
  octets.set(random.subarray(0, 10), 6);
  octets.writeUInt8((octets.readUInt8(6) & 0x0f) | 0x70, 6);
  octets.writeUInt8((octets.readUInt8(8) & 0x3f) | 0x80, 8);
  return octets.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

/** When the run started, to the millisecond: it stands in the id. */
export function readRunStart(runId: string): Date {
  return new Date(Number.parseInt(runId.slice(0, 8) + runId.slice(9, 13), 16));
}

/** Of the ledger in the lake's folder. */
export const LEDGER_FOLDER = '_runs';

/**
 * Where a run's record lies below the lake, with forward slashes: `_runs/2026/11/20/<run id>.json`, by the UTC day of
 * its start, which the id holds.
 * @throws E_RUN_ID if the id is none
 */
export function ledgerPath(runId: string): string {
  if (!isRunId(runId)) throw failure('E_RUN_ID', {});
  return [LEDGER_FOLDER, ...dateOf(readRunStart(runId)).split('-'), `${runId}.json`].join('/');
}

/** The same as an absolute path. */
export function ledgerFile(lakeDir: string, runId: string): string {
  return join(lakeDir, ledgerPath(runId));
}
