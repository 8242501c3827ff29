import { join } from 'node:path';
import { failure } from '../errors.js';
import { isRunId, readRunStart } from './run-id.js';

/** Of the ledger in the lake's folder. */
export const LEDGER_FOLDER = '_runs';

/**
 * Where a run's record lies below the lake, with forward slashes: `_runs/2026/11/20/<run id>.json`, by the UTC day of
 * its start, which the id holds.
 * @throws E_RUN_ID if the id is none
 */
export function ledgerPath(runId: string): string {
  if (!isRunId(runId)) throw failure('E_RUN_ID', {});
  const [day = ''] = readRunStart(runId).toISOString().split('T', 1);
  return [LEDGER_FOLDER, ...day.split('-'), `${runId}.json`].join('/');
}

/** The same as an absolute path. */
export function ledgerFile(lakeDir: string, runId: string): string {
  return join(lakeDir, ledgerPath(runId));
}
