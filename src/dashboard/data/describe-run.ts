import { CATALOGUE } from '../../base/catalogue.js';
import { LakeveilError } from '../../base/errors.js';
import type { RunRecord } from '../../base/types/run-record.js';
import type { Problem, RunLine, RunModel } from './models.js';
import type { IsOwnCheck } from './own-checks.js';

/** An entry of the ledger as a line of a list. */
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
 * An entry of the ledger as a page of its own, with the checks that are `isOwn`, and those of others that stopped the
 * run.
 */
export function describeRun(run: RunRecord, isHere: boolean, isOwn: IsOwnCheck = () => true): RunModel {
  const { stages, datasets, models, healed, error } = run;
  const own = run.checks.filter(isOwn);
  const others = run.checks.filter((check) => !isOwn(check));
  const checks = [...own, ...others.filter(({ passed, severity }) => !passed && severity === 'error')];
  return {
    ...describeRunLine(run),
    ...{ stages, datasets, models, checks, healed, isHere },
    otherChecks: run.checks.length - checks.length,
    toolVersion: run.tool_version,
    cpuMs: run.cpu_ms,
    peakMemoryBytes: run.peak_memory_bytes,
    error:
      error === null
        ? null
        : {
            ...describeCode(error.code),
            where: Object.entries(error.where).map(([name, value]) => [name, String(value)] as const),
          },
  };
}

export function describeProblem({ code, message, remedy }: LakeveilError): Problem {
  return { code, message, remedy };
}

/** The ledger keeps the code of an error and its place, not its facts: they are left open. */
function describeCode(code: keyof typeof CATALOGUE): Problem {
  const [, message, remedy] = CATALOGUE[code];
  const leaveOpen = (text: string): string => text.replace(/\{[a-z_]+\}/g, '…');
  return { code, message: leaveOpen(message), remedy: leaveOpen(remedy) };
}
