import type { TransformResult } from '../pipeline.js';
import type { Project } from '../project.js';
import { journaled, nameInLedger } from './journal.js';
import { transformDates } from './transform-dates.js';

/**
 * The warehouse with every schema, view and table of the project, typed, and filled with what has landed, if anything
 * has. The ledger has it under the pipeline that was named, or under `*`. Errors as of `transformWarehouse`, and E_UNKNOWN, E_LOCKED.
 */
export async function initDatabase(project: Project, name: string | null): Promise<TransformResult> {
  const pipeline = nameInLedger(project, name);
  return journaled(project, { command: 'init-db', pipeline, date: null, slot: null }, async (journal) => {
    const startedAt = performance.now();
    const models = await transformDates(project, journal, []);
    const spentMs = Math.round(performance.now() - startedAt);
    return {
      run_id: journal.runId,
      models,
      checks: journal.checks,
      ...journal.found,
      timings_ms: { transform: spentMs },
    };
  });
}
