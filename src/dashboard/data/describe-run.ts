import { describeDisk, describeKept, type LakeveilError } from '../../base/errors.js';
import type { RunRecord } from '../../base/types/run-record.js';
import { countOf, formatCount } from '../../base/text/numbers.js';
import type { Problem, RunFilter, RunKind, RunLine, RunModel } from './models.js';
import type { IsOwnCheck } from './own-checks.js';

/** Converts a ledger entry to a line of the list of runs. */
export function describeRunLine(run: RunRecord): RunLine {
  const sum = (key: 'fetched' | 'landed' | 'rejected'): number =>
    run.datasets.reduce((total, dataset) => total + dataset[key], 0);
  return {
    runId: run.run_id,
    command: run.command,
    kind: kindOf(run),
    outcome: describeOutcome(run),
    pipeline: run.pipeline,
    date: run.date,
    slot: run.slot,
    status: run.status,
    startedAt: run.started_at,
    finishedAt: run.finished_at,
    fetched: sum('fetched'),
    landed: sum('landed'),
    rejected: sum('rejected'),
    errorCode: run.error?.code ?? null,
  };
}

const LOADS: readonly string[] = ['run', 'ingest', 'backfill', 'adopt'];
const BUILDS: readonly string[] = ['transform', 'init-db'];

/** A backfill ends with a run without a date, which builds the tables. Pure. */
export function kindOf({ command, date }: Pick<RunRecord, 'command' | 'date'>): RunKind {
  if (BUILDS.includes(command) || (command === 'backfill' && date === null)) return 'build';
  if (LOADS.includes(command)) return 'load';
  return command === 'check' ? 'check' : 'other';
}

/** Whether a list with this filter has the run. Pure. */
export function isListed(run: RunRecord, { kind, status }: RunFilter): boolean {
  if (kind !== null && kindOf(run) !== kind) return false;
  if (status === null) return true;
  const wanted: readonly RunRecord['status'][] =
    status === 'failed' ? ['failed', 'interrupted'] : ['succeeded', 'unchanged'];
  return wanted.includes(run.status);
}

function describeOutcome(run: RunRecord): string {
  const { datasets, models, checks } = run;
  const sum = (key: 'landed' | 'rejected'): number =>
    datasets.reduce((total, dataset) => total + dataset[key], 0);
  switch (kindOf(run)) {
    case 'load': {
      if (datasets.length === 0) return '';
      const rejected = sum('rejected') === 0 ? '' : `, ${formatCount(sum('rejected'))} rejected`;
      return `${countOf(sum('landed'), 'row')} landed${rejected}`;
    }
    case 'build':
      return models.length === 0 ? '' : countOf(models.length, 'table');
    case 'check':
      return checks.length === 0
        ? ''
        : `${checks.filter(({ passed }) => passed).length} of ${countOf(checks.length, 'check')} passed`;
    case 'other':
      return '';
  }
}

/**
 * Converts a ledger entry to the model of its view. Lists the checks for which `isOwn` holds, and other checks that
 * stopped the run.
 */
export function describeRun(run: RunRecord, isHere: boolean, isOwn: IsOwnCheck = () => true): RunModel {
  const { stages, datasets, models, healed, error } = run;
  const own = run.checks.filter(isOwn);
  const others = run.checks.filter((check) => !isOwn(check));
  const checks = [...own, ...others.filter(({ passed, severity }) => !passed && severity === 'error')];
  return {
    ...describeRunLine(run),
    stages,
    datasets,
    models,
    checks,
    healed,
    isHere,
    otherChecks: run.checks.length - checks.length,
    toolVersion: run.tool_version,
    cpuMs: run.cpu_ms,
    peakMemoryBytes: run.peak_memory_bytes,
    error: error === null ? null : describeError(error),
  };
}

function describeError({ code, where, facts = {} }: NonNullable<RunRecord['error']>): RunModel['error'] {
  return {
    code,
    ...describeKept(code, facts),
    onDisk: describeDisk({ code, where }),
    where: Object.entries(where).map(([name, value]) => [name, String(value)] as const),
  };
}

export function describeProblem({ code, message, remedy }: LakeveilError): Problem {
  return { code, message, remedy };
}
