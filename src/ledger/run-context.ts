import type { Effects } from '../base/effects.js';
import { keepFacts, LakeveilError } from '../base/errors.js';
import type { ReleaseResult } from '../base/types/release-result.js';
import type { AcceptedLoss } from '../base/types/result.js';
import type {
  CheckResult,
  DatasetResult,
  ModelResult,
  PrunedZone,
  RunRecord,
  StageMetrics,
} from '../base/types/run-record.js';
import type { Recovery, Staging } from '../base/types/staging.js';
import { finishRun, openRun, type RunEnd, type RunStart, type Usage } from './ledger.js';
import { logEnd, logStart } from './log-run.js';
import { createRunId } from './run-id.js';
import { Meters, type RowCounts, type StageMeter, type StageSpan } from './stage-meter.js';

type Stage = StageMetrics['stage'];

/** What a run collects while it works. It is written to the ledger when the run ends, also after a failure. */
export class RunContext {
  readonly runId: string;
  /** The run's own folder, held from before its ledger entry is written until the entry has an end. */
  readonly staging: Staging;
  datasets: readonly DatasetResult[] = [];
  models: readonly ModelResult[] = [];
  checks: readonly CheckResult[] = [];
  releases: readonly ReleaseResult[] = [];
  /** Partitions that are not as they landed, and that a transform built the tables without. */
  acceptedLosses: readonly AcceptedLoss[] = [];
  /** What a prune removes; null for other commands. */
  pruned: readonly PrunedZone[] | null = null;
  readonly #opened: RunRecord;
  readonly #meters = new Meters();
  readonly #recovered: string[] = [];
  readonly #cleanedUp: string[] = [];
  #firstRequestAt: number | null = null;
  #workers: Usage = { cpuMs: 0, peakBytes: 0 };

  constructor(opened: RunRecord, staging: Staging) {
    this.#opened = opened;
    this.staging = staging;
    this.runId = opened.run_id;
  }

  /** Runs one call of a stage, and adds its rows and time to the stage's metrics in the ledger. */
  stage<Output>(
    stage: Stage,
    dataset: string | null,
    rows: RowCounts<Output>,
    work: () => Promise<Output>,
  ): Promise<Output> {
    return this.#meters.stage(stage, dataset, rows, work);
  }

  /** The meter of a stage, for stages that do not wait or that pass rows on one piece at a time. */
  meter(stage: Stage, dataset: string | null): StageMeter {
    return this.#meters.meter(stage, dataset);
  }

  /** Records the counts of a dataset that does not land because of its records. */
  recordRejection(
    dataset: string,
    checked: Pick<DatasetResult, 'fetched' | 'rejected' | 'rejects' | 'nulled' | 'drift'>,
    empty: number,
  ): void {
    const { fetched, rejected, rejects, nulled, drift } = checked;
    const nothing = {
      landed: 0,
      duplicates: 0,
      forgotten: 0,
      partition: null,
      partitions: [],
      withheld: null,
      singled_out: null,
      page_drift: null,
    };
    const counts = { dataset, fetched, rejected, empty, rejects, nulled, drift, unchanged: false };
    this.datasets = [...this.datasets, { ...nothing, ...counts }];
  }

  /** Records that the first request is about to be sent. */
  recordFirstRequest(): void {
    this.#firstRequestAt ??= performance.now();
  }

  /** When the first request was sent, by the monotonic clock in milliseconds; null if none was. */
  get firstRequestAt(): number | null {
    return this.#firstRequestAt;
  }

  /** Adds what another process of the run has used. */
  recordWorker({ cpuMs, peakBytes }: Usage): void {
    this.#workers = { cpuMs: this.#workers.cpuMs + cpuMs, peakBytes: this.#workers.peakBytes + peakBytes };
  }

  /** What other processes of the run have used. */
  get workers(): Usage {
    return this.#workers;
  }

  readonly recordRelease = (release: ReleaseResult): void => {
    this.releases = [...this.releases, release];
  };

  recordRecovery({ recovered, cleanedUp }: Recovery): void {
    this.#recovered.push(...recovered);
    this.#cleanedUp.push(...cleanedUp);
  }

  /** Dead runs that this run recovered or cleaned up. */
  get recovery(): Recovery {
    return { recovered: this.#recovered, cleanedUp: this.#cleanedUp };
  }

  /** Whether datasets landed, and all of them with the bytes that the lake had. */
  get isUnchanged(): boolean {
    return this.datasets.length > 0 && this.datasets.every(({ unchanged }) => unchanged);
  }

  /** When its stages had work. */
  get spans(): readonly StageSpan[] {
    return this.#meters.readSpans();
  }

  /** The ledger entry as it will be if nothing fails from here on. */
  preview(now: Date): RunRecord {
    return { ...this.#opened, ...this.end('succeeded', null), finished_at: now.toISOString() };
  }

  /** The ledger entry of the run so far. */
  snapshot(): RunRecord {
    return { ...this.#opened, ...this.end('succeeded', null), status: 'running' };
  }

  end(status: RunEnd['status'], error: RunEnd['error']): RunEnd {
    return {
      status,
      stages: this.#meters.read(),
      datasets: this.datasets,
      models: this.models,
      checks: this.checks,
      releases: this.releases,
      error,
      healed: this.#recovered,
      ...(this.pruned === null ? {} : { pruned: this.pruned }),
    };
  }
}

/** Follows runs from their start to their end. It throws nothing. */
export interface RunWatch {
  started(run: RunRecord): Promise<void>;
  ended(run: RunRecord, spans: readonly StageSpan[]): Promise<void>;
}

/** What a run needs of its project. */
interface RunEnvironment {
  readonly config: { readonly lakeDir: string };
  readonly effects: Pick<Effects, 'now' | 'signal' | 'log'>;
  readonly lake: { stage(runId: string): Promise<Staging> };
  readonly toolVersion: string;
  /** Called with each run once it is in the ledger, and with a way to read how far it is. */
  readonly onRun?: (runId: string, snapshot: () => RunRecord) => void;
  /** Absent where no one follows the runs. */
  readonly watch?: RunWatch;
}

/**
 * Runs `work` with a ledger entry around it: opened before, finished after, with the error's code and place if there is
 * one. The run's lock is held around both: a process that can take it knows that a run without an end is dead.
 */
export async function withRun<T>(
  { config, effects, lake, toolVersion, onRun, watch }: RunEnvironment,
  start: Omit<RunStart, 'tool_version'>,
  work: (context: RunContext) => Promise<T>,
): Promise<T> {
  const startedAt = effects.now();
  const staging = await lake.stage(createRunId(startedAt));
  let isOpen = false;
  try {
    const run = { ...start, tool_version: toolVersion };
    // The runs of a backfill share their process.
    const hasOwnProcess = start.command !== 'backfill';
    const opened = await openRun(config.lakeDir, startedAt, run, staging.name, hasOwnProcess);
    isOpen = true;
    const context = new RunContext(opened, staging);
    onRun?.(context.runId, () => context.snapshot());
    await watch?.started(opened);
    const finish = async (end: RunEnd): Promise<void> => {
      const ended = await finishRun(config.lakeDir, effects.now(), opened, end, context.workers);
      isOpen = false;
      logEnd(effects.log, ended);
      await watch?.ended(ended, context.spans);
    };
    return await finishing(context, finish, effects.signal, () => {
      logStart(effects.log, opened);
      return work(context);
    });
  } catch (error) {
    throw error instanceof LakeveilError ? error.at({ pipeline: start.pipeline }) : error;
  } finally {
    await (isOpen ? staging.abandon() : staging.close());
    effects.log.setRun(null);
  }
}

/** Finishes the entry however `work` ends. An entry that cannot be finished is an error only where nothing else failed. */
async function finishing<T>(
  context: RunContext,
  finish: (end: RunEnd) => Promise<void>,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    const result = await work();
    await finish(context.end(context.isUnchanged ? 'unchanged' : 'succeeded', null));
    return result;
  } catch (error) {
    const recorded = error instanceof LakeveilError ? recordError(error) : DEFECT;
    const end = context.end(signal.aborted ? 'interrupted' : 'failed', recorded);
    await finish(end).catch(() => undefined);
    throw error;
  }
}

function recordError({ code, where, facts }: LakeveilError): RunEnd['error'] {
  return { code, where, facts: keepFacts(facts) };
}

const DEFECT = { code: 'E_DEFECT', where: {} } as const;
