import type { Log } from '../base/effects.js';
import { describeKept } from '../base/errors.js';
import type { RunRecord } from '../base/types/run-record.js';

/** Lines of the log for what a run did; from the start on, each line has the id of the run. */
export function logStart(log: Log, { run_id, command, pipeline, date, slot }: RunRecord): void {
  log.setRun(run_id);
  log.info('run_started', { command, pipeline, ...momentOf({ date, slot }) });
}

/** What landed and what was built, then the end of the run: what failed is printed by the command as well. */
export function logEnd(log: Log, run: RunRecord): void {
  const { pipeline, date, slot, status, error, datasets, models } = run;
  for (const { dataset, fetched, landed, rejected, duplicates, forgotten, unchanged } of datasets) {
    const counts = { fetched, landed, rejected, duplicates, forgotten, unchanged };
    log.info('records_counted', { dataset, ...momentOf({ date, slot }), ...counts });
  }
  for (const { model, rows, built } of models) log.info('table_built', { model, rows, built });
  const end = { pipeline, ...momentOf({ date, slot }), status, ms: elapsedMs(run) };
  if (error === null) {
    log.info('run_ended', end);
    return;
  }
  const { message, remedy } = describeKept(error.code, error.facts ?? {});
  log.reported('error', 'run_failed', { ...end, code: error.code, message, next: remedy });
}

function momentOf({ date, slot }: Pick<RunRecord, 'date' | 'slot'>): Record<string, string> {
  return { ...(date === null ? {} : { date }), ...(slot === null ? {} : { slot }) };
}

function elapsedMs({ started_at, finished_at }: RunRecord): number {
  return finished_at === null ? 0 : Date.parse(finished_at) - Date.parse(started_at);
}
