import { failure } from '../base/errors.js';
import type { Counts, RunRecord } from '../base/types/run-record.js';
import { readRun } from './read-runs.js';
import { createRunId, isRunId } from './run-id.js';
import { writeRun } from './write-run.js';

/** The facts known when a run starts. */
export type RunStart = Pick<RunRecord, 'command' | 'pipeline' | 'date' | 'slot' | 'tool_version'>;

type ProcessMetrics = Pick<RunRecord, 'cpu_ms' | 'peak_memory_bytes'>;

/** CPU time in milliseconds and peak memory in bytes of processes. */
export interface Usage {
  readonly cpuMs: number;
  readonly peakBytes: number;
}

/** The outcome of a run. */
export type RunEnd = Pick<
  RunRecord,
  'stages' | 'datasets' | 'models' | 'checks' | 'releases' | 'error' | 'healed' | 'pruned'
> & {
  readonly status: Exclude<RunRecord['status'], 'running'>;
};

/**
 * Writes a new run into the ledger with status `running` and returns its record. What a process used says nothing about
 * a run that shares it with others.
 * @throws E_DISK
 */
export async function openRun(
  lakeDir: string,
  now: Date,
  start: RunStart,
  runId: string = createRunId(now),
  hasOwnProcess = true,
): Promise<RunRecord> {
  const record: RunRecord = {
    format: 1,
    run_id: runId,
    ...start,
    status: 'running',
    started_at: now.toISOString(),
    finished_at: null,
    stages: [],
    datasets: [],
    models: [],
    checks: [],
    releases: [],
    error: null,
    healed: [],
    ...(hasOwnProcess ? measureProcess() : NOT_MEASURED),
  };
  await writeRun(lakeDir, record);
  return record;
}

/**
 * Replaces a run's record with its outcome. A succeeded run must account for every record.
 * @param workers what its other processes have used
 * @throws E_COUNTS, E_DISK
 */
export async function finishRun(
  lakeDir: string,
  now: Date,
  run: RunRecord,
  end: RunEnd,
  workers: Usage = { cpuMs: 0, peakBytes: 0 },
): Promise<RunRecord> {
  if (end.error === null) for (const dataset of end.datasets) checkCounts(dataset.dataset, dataset);
  const used = run.cpu_ms === null ? NOT_MEASURED : measureProcess(workers);
  const finished: RunRecord = { ...run, ...end, finished_at: now.toISOString(), ...used };
  await writeRun(lakeDir, finished);
  return finished;
}

/**
 * Records a dead run as interrupted, without a time of its end. Leaves ended entries and names that are not run ids
 * unchanged.
 * @throws E_DISK
 */
export async function finishDead(lakeDir: string, runId: string): Promise<void> {
  const run = isRunId(runId) ? await readRun(lakeDir, runId) : null;
  if (run?.status === 'running') await writeRun(lakeDir, { ...run, status: 'interrupted' });
}

const NOT_MEASURED: ProcessMetrics = { cpu_ms: null, peak_memory_bytes: null };

/** CPU time so far, on all threads, and peak memory, of this process and others. */
function measureProcess({ cpuMs, peakBytes }: Usage = { cpuMs: 0, peakBytes: 0 }): ProcessMetrics {
  const own = measureUsage();
  return { cpu_ms: own.cpuMs + Math.round(cpuMs), peak_memory_bytes: own.peakBytes + peakBytes };
}

/** The same of this process alone. */
export function measureUsage(): Usage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpuMs: Math.round((userCPUTime + systemCPUTime) / 1000), peakBytes: maxRSS * 1024 };
}

/**
 * Promise 4, no record is lost silently: fetched = landed + rejected + duplicates + forgotten.
 * @throws E_COUNTS
 */
export function checkCounts(dataset: string, counts: Counts): void {
  const accounted = counts.landed + counts.rejected + counts.duplicates + counts.forgotten;
  if (accounted !== counts.fetched) {
    throw failure('E_COUNTS', { dataset, fetched: counts.fetched, accounted }, { dataset });
  }
}
