import type { Config, Terminal } from '../../base/config/config.js';
import type { Effects } from '../../base/effects.js';
import type { LakeveilError } from '../../base/errors.js';
import { paint } from '../../base/terminal/paint.js';
import { type ErrorDocument, toErrorDocument } from '../../base/terminal/print-error.js';
import { countOf, formatCount } from '../../base/text/numbers.js';
import type { DatasetResult, RunRecord, RunStatus } from '../../base/types/run-record.js';
import { readDefinitions } from '../../definition/load-project.js';
import type { LaunchRequest } from '../../launch/messages.js';
import { startRun } from '../../launch/start-run.js';

/** The run of one pipeline, as `--json` prints it. */
interface PipelineRun {
  readonly pipeline: string;
  /** Null if the run ended before it was in the ledger, as are the date and the hour. */
  readonly run_id: string | null;
  readonly date: string | null;
  readonly slot: string | null;
  readonly status: RunStatus;
  readonly exit: number;
  readonly datasets: readonly DatasetResult[];
  readonly error: ErrorDocument['error'] | null;
}

export interface AllRuns {
  readonly document: { readonly runs: readonly PipelineRun[] };
  /** The error with the worst exit code; null if every run succeeded. */
  readonly worst: LakeveilError | null;
}

/** From worst to best: what is broken or leaks comes before what only needs another try. */
const WORST_FIRST: readonly number[] = [1, 5, 4, 2, 3, 6];

/**
 * Runs every pipeline of the project, one after another, each in a process of its own: one that fails or dies does not
 * stop the others.
 * @throws as `readDefinitions`; the reason of the signal, once the run in progress has ended
 */
export async function runAll(
  context: { readonly config: Config; readonly effects: Effects },
  request: Omit<LaunchRequest, 'pipeline'>,
): Promise<AllRuns> {
  const { config, effects } = context;
  const runs: PipelineRun[] = [];
  const errors: LakeveilError[] = [];
  for (const { pipeline } of await readDefinitions(config.projectDir)) {
    effects.signal.throwIfAborted();
    let record: RunRecord | null = null;
    const run = startRun(context, { ...request, pipeline }, (found) => {
      record = found;
    });
    const stop = (): void => {
      run.stop('E_INTERRUPTED');
    };
    effects.signal.addEventListener('abort', stop, { once: true });
    const { error, ...end } = await run.ended;
    effects.signal.removeEventListener('abort', stop);
    effects.signal.throwIfAborted();
    if (error !== null) errors.push(error);
    runs.push(describe(pipeline, record, { ...end, error }));
  }
  return { document: { runs }, worst: findWorst(errors) };
}

function describe(
  pipeline: string,
  record: RunRecord | null,
  { runId, status, datasets, error }: Awaited<ReturnType<typeof startRun>['ended']>,
): PipelineRun {
  return {
    pipeline,
    run_id: runId,
    date: record?.date ?? null,
    slot: record?.slot ?? null,
    status,
    exit: error?.exit ?? 0,
    datasets,
    error: error && toErrorDocument(error).error,
  };
}

/** The first of the errors with the worst exit code. Pure. */
export function findWorst(errors: readonly LakeveilError[]): LakeveilError | null {
  const rank = ({ exit }: LakeveilError): number =>
    WORST_FIRST.includes(exit) ? WORST_FIRST.indexOf(exit) : WORST_FIRST.length;
  return errors.reduce<LakeveilError | null>(
    (worst, error) => (worst === null || rank(error) < rank(worst) ? error : worst),
    null,
  );
}

/** A line for each pipeline, and what to do next for one that failed. */
export function formatAllRuns({ runs }: AllRuns['document'], { color }: Terminal): string {
  const failed = runs.filter(({ exit }) => exit !== 0).length;
  const head = `${countOf(runs.length, 'pipeline')}: ${runs.length - failed} succeeded, ${failed} failed`;
  const width = Math.max(0, ...runs.map(({ pipeline }) => pipeline.length));
  const lines = runs.flatMap((run) => [
    `  ${run.pipeline.padEnd(width)}  ${describeRun(run)}`,
    ...(run.error === null ? [] : [`  ${' '.repeat(width)}  next: ${run.error.remedy}`]),
  ]);
  return [paint(head, 'bold', color), ...lines].join('\n');
}

function describeRun({ date, slot, status, exit, datasets, error }: PipelineRun): string {
  const moment = date === null ? '' : `${date}${slot === null ? '' : `T${slot}`}: `;
  if (error !== null) return `${moment}${status} (exit ${exit}, ${error.code}): ${error.message}`;
  const sum = (key: 'landed' | 'rejected'): number =>
    datasets.reduce((total, dataset) => total + dataset[key], 0);
  return `${moment}${status}, ${countOf(sum('landed'), 'row')}, rejected ${formatCount(sum('rejected'))}`;
}
