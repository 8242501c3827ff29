import { formatMoment } from '../../base/dates/calendar.js';
import { describeKept } from '../../base/errors.js';
import { countFound } from '../../base/types/result.js';
import { ALL_PIPELINES, type RunRecord } from '../../base/types/run-record.js';
import { listRuns } from '../../ledger/read-runs.js';

/** What the published tables are of. */
export interface TablesState {
  /** When the run ended that built them; null if the ledger does not say. */
  readonly as_of: string | null;
  /** A later run of the pipeline whose rows are not in the tables; null if there is none. */
  readonly not_included: NotIncluded | null;
}

interface NotIncluded {
  readonly run_id: string;
  readonly ended_at: string;
  readonly status: 'failed' | 'interrupted';
  /** Why it failed; null if that is not known. */
  readonly why: string | null;
}

/** Commands that fetch or build. */
const RUN_COMMANDS: readonly string[] = ['run', 'ingest', 'backfill', 'transform', 'init-db'];
/** Ledger entries to look at: a longer row of runs that built nothing says no more. */
const MAX_RUNS = 300;

/**
 * Pure.
 * @param runs newest first
 * @param pipeline null for the tables of any
 */
export function findTablesState(runs: readonly RunRecord[], pipeline: string | null): TablesState {
  const at = runs.findIndex((run) => hasBuilt(run, pipeline));
  const built = runs[at];
  const later = runs
    .slice(0, at === -1 ? runs.length : at)
    .find(
      ({ command, status, ...run }) =>
        status !== 'running' &&
        RUN_COMMANDS.includes(command) &&
        (pipeline === null || [pipeline, ALL_PIPELINES].includes(run.pipeline)),
    );
  return {
    as_of: built === undefined ? null : endOf(built),
    not_included: later === undefined ? null : describeLeftOut(later),
  };
}

function hasBuilt({ models }: RunRecord, pipeline: string | null): boolean {
  return models.some((model) => pipeline === null || model.pipeline === pipeline);
}

function describeLeftOut(run: RunRecord): NotIncluded | null {
  const { run_id, status } = run;
  if (status !== 'failed' && status !== 'interrupted') return null;
  return { run_id, ended_at: endOf(run), status, why: explain(run) };
}

function explain({ error, checks, status }: RunRecord): string | null {
  if (error === null || status === 'interrupted') return null;
  const [first] = checks.filter(({ passed, severity }) => !passed && severity === 'error');
  if (error.code === 'E_CHECK_FAILED' && first !== undefined) {
    return `check ${first.check} found ${countFound(first)}`;
  }
  return describeKept(error.code, error.facts ?? {}).message;
}

function endOf({ finished_at, started_at }: RunRecord): string {
  return finished_at ?? started_at;
}

/** The same, read from the ledger. @throws E_DISK_READ */
export async function readTablesState(lakeDir: string, pipeline: string): Promise<TablesState> {
  const runs: RunRecord[] = [];
  for await (const entry of listRuns(lakeDir)) {
    if (entry.kind === 'run') runs.push(entry.run);
    const last = runs.at(-1);
    if ((last !== undefined && hasBuilt(last, pipeline)) || runs.length >= MAX_RUNS) break;
  }
  return findTablesState(runs, pipeline);
}

/** `Showing the tables of 2026-11-20 21:10 UTC. The run of 21:24 failed (…); …`; null if all rows are included. */
export function describeLeftOutRun({ as_of, not_included }: TablesState): string | null {
  if (not_included === null) return null;
  const { ended_at, status, why } = not_included;
  const [run, tables] = [
    formatMoment(ended_at, 'minute'),
    as_of === null ? null : formatMoment(as_of, 'minute'),
  ];
  const isSameDay = tables?.slice(0, 10) === run.slice(0, 10);
  const shown = tables === null ? 'Showing earlier tables.' : `Showing the tables of ${tables} UTC.`;
  const what = status === 'failed' ? 'failed' : 'was interrupted';
  const reason = why === null ? '' : ` (${why})`;
  return `${shown} The run of ${isSameDay ? run.slice(11) : run} ${what}${reason}; its rows are not included.`;
}
