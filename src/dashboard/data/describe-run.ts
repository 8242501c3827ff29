import { describeDisk, describeKept, type LakeveilError } from '../../base/errors.js';
import type { RunRecord } from '../../base/types/run-record.js';
import type { Problem, RunLine, RunModel } from './models.js';
import type { IsOwnCheck } from './own-checks.js';

/** Converts a ledger entry to a line of the list of runs. */
export function describeRunLine(run: RunRecord): RunLine {
  const sum = (key: 'fetched' | 'landed' | 'rejected'): number =>
    run.datasets.reduce((total, dataset) => total + dataset[key], 0);
  return {
    runId: run.run_id,
    command: run.command,
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
