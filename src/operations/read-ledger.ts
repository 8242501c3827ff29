import type { Config } from '../config.js';
import type { Effects } from '../effects.js';
import type { LedgerPage } from '../ledger/read-runs.js';
import { readRuns } from '../ledger/read-runs.js';
import { findDefinition } from '../project.js';
import { openProject } from './open-project.js';

/** Which runs are wanted; null where nothing was said. */
export interface LedgerRequest {
  readonly pipeline: string | null;
  /** Logical date of the runs, `YYYY-MM-DD`. */
  readonly date: string | null;
  readonly limit: number;
}

/**
 * The newest runs, and the files that are no runs. Definitions are read only if a pipeline is named, so that the
 * ledger tells what went wrong even where one of them is broken.
 * @throws E_UNKNOWN, E_DISK_READ
 */
export async function readLedger(
  context: { readonly config: Config; readonly effects: Effects },
  { pipeline, date, limit }: LedgerRequest,
): Promise<LedgerPage> {
  if (pipeline !== null) findDefinition(await openProject(context), pipeline);
  return readRuns(
    context.config.lakeDir,
    limit,
    (run) => (pipeline === null || run.pipeline === pipeline) && (date === null || run.date === date),
  );
}
