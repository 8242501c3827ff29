import { formatEvent } from '../../base/terminal/log-text.js';
import { addDays, dateOf } from '../../base/dates/calendar.js';
import { listHours } from '../../base/dates/date-ranges.js';
import { toLakeveilError } from '../../base/defect.js';
import type { Effects, LogFields, Progress } from '../../base/effects.js';
import { type ErrorCode, failure, type LakeveilError } from '../../base/errors.js';
import { scrub } from '../../base/text/scrub.js';
import type { RunRecord } from '../../base/types/run-record.js';
import type { IngestRequest } from '../../ingest/plan-ingest.js';
import type { RunEnd, RunProcess } from '../../launch/start-run.js';
import { describeProblem } from '../data/describe-run.js';
import type { Problem } from '../data/models.js';
import type { CurrentRun, Launcher, LauncherEvent, Refusal, RunRequest } from './run-request.js';

/** Lines replayed to late subscribers. */
const KEPT_LINES = 100;

/** Dependencies of the launcher; `start` is that of `src/launch/`. */
interface LauncherInput {
  readonly effects: Effects;
  readonly start: (
    effects: Pick<Effects, 'now' | 'log' | 'progress'>,
    request: IngestRequest,
    onRecord: (record: RunRecord) => void,
  ) => RunProcess;
}

interface Work {
  readonly current: CurrentRun;
  readonly record: RunRecord;
}

/**
 * Starts one run at a time, in a process of its own, independent of who follows it. The run is not stopped with the
 * server: stopping the server can ask first.
 */
export class RunLauncher implements Launcher {
  readonly #input: LauncherInput;
  readonly #listeners = new Set<(event: LauncherEvent) => void>();
  #request: RunRequest | null = null;
  #starting: Promise<CurrentRun> | null = null;
  #process: RunProcess | null = null;
  #ended: Promise<unknown> = Promise.resolve();
  #work: Work | null = null;
  #lines: LauncherEvent[] = [];
  #progress: Extract<LauncherEvent, { kind: 'progress' }> | null = null;

  constructor(input: LauncherInput) {
    this.#input = input;
  }

  current(): CurrentRun | null {
    return this.#work?.current ?? null;
  }

  /** The ledger entry of the run in progress here; null if that run is not in progress. */
  snapshotOf(runId: string): RunRecord | null {
    return this.#work?.current.runId === runId ? this.#work.record : null;
  }

  async start(request: RunRequest): Promise<CurrentRun | Refusal> {
    if (this.#request !== null) {
      const { pipeline } = this.#request;
      const busy = failure('E_BUSY', { pipeline, date: formatMomentOf(this.#request) });
      // A run gets its id when it enters the ledger; if it fails before that, it has none.
      await this.#starting?.catch(() => null);
      return this.#reject(busy, request);
    }
    this.#request = request;
    try {
      assertNotFuture(request, this.#input.effects.now());
      this.#starting = this.#startRun(request);
      return await this.#starting;
    } catch (error) {
      this.#clear();
      return this.#reject(toLakeveilError(error), request);
    }
  }

  follow(runId: string, listener: (event: LauncherEvent) => void): (() => void) | null {
    if (this.current()?.runId !== runId) return null;
    for (const line of this.#lines) listener(line);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops the run in progress, if any; resolves when it has ended. */
  async stop(reason: LakeveilError): Promise<void> {
    this.#process?.stop(reason.code === 'E_TERMINATED' ? 'E_TERMINATED' : 'E_INTERRUPTED');
    await this.ended();
  }

  async ended(): Promise<void> {
    await this.#ended;
  }

  /** Resolves once the run is in the ledger; rejects if it ends before. */
  #startRun(request: RunRequest): Promise<CurrentRun> {
    this.#lines = [];
    this.#progress = null;
    return new Promise((resolve, reject) => {
      const { pipeline, date, slot } = request;
      const onRecord = (record: RunRecord): void => {
        const current = { runId: record.run_id, pipeline, date, slot };
        this.#work = { current, record };
        resolve(current);
        this.#emitProgress();
      };
      const run = this.#input.start(this.#observedEffects(), requestFor(request), onRecord);
      this.#process = run;
      this.#ended = run.ended.then((end) => {
        if (end.runId === null && end.error !== null) reject(end.error);
        else this.#end(end);
      });
    });
  }

  #end({ status, error }: RunEnd): void {
    if (error !== null) this.#emitLine(`${error.code}: ${error.message}`);
    this.#emitProgress();
    this.#clear();
    this.#emit({ kind: 'end', status });
    this.#listeners.clear();
  }

  #clear(): void {
    this.#request = null;
    this.#starting = null;
    this.#process = null;
    this.#work = null;
  }

  #reject(error: LakeveilError, request: RunRequest): Refusal {
    return { ...describeRefusal(error, request), current: error.code === 'E_BUSY' ? this.current() : null };
  }

  #emit(event: LauncherEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #emitProgress(): void {
    if (this.#progress !== null) this.#emit(this.#progress);
    if (this.#work !== null) this.#emit({ kind: 'stages', stages: this.#work.record.stages });
  }

  #emitLine(text: string): void {
    const line: LauncherEvent = { kind: 'log', text: scrub(text) };
    this.#lines = [...this.#lines, line].slice(-KEPT_LINES);
    this.#emit(line);
  }

  /** The server's clock and log, extended to emit log events and progress to subscribers. */
  #observedEffects(): Pick<Effects, 'now' | 'log' | 'progress'> {
    const { now, log } = this.#input.effects;
    const emitLine = (event: string, fields: LogFields = {}): void => {
      const shown = Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'run_id'));
      this.#emitLine(formatEvent(event, shown));
    };
    return {
      now,
      progress: this.#observedProgress(),
      log: {
        debug: (event, fields) => {
          log.debug(event, fields);
        },
        info: (event, fields) => {
          log.info(event, fields);
          emitLine(event, fields);
        },
        warn: (event, fields) => {
          log.warn(event, fields);
          emitLine(event, fields);
        },
        reported: (level, event, fields) => {
          log.reported(level, event, fields);
          emitLine(event, fields);
        },
        setRun: () => undefined,
      },
    };
  }

  #observedProgress(): Progress {
    return {
      start: (label, total) => {
        this.#progress = { kind: 'progress', label: scrub(label), done: 0, total };
        this.#emitLine(`fetching ${label}`);
      },
      advance: (records) => {
        if (this.#progress !== null)
          this.#progress = { ...this.#progress, done: this.#progress.done + records };
      },
      stop: () => {
        if (this.#progress !== null)
          this.#emitLine(`fetched ${this.#progress.done} of ${this.#progress.label}`);
      },
    };
  }
}

/** @throws E_DATE_FUTURE; E_USAGE for an hour that has not started, because partial data would count as complete */
function assertNotFuture({ date, slot }: RunRequest, now: Date): void {
  if (date > addDays(dateOf(now), 1)) throw failure('E_DATE_FUTURE', { date });
  if (slot === null || listHours(date, now).includes(slot)) return;
  const what = `${formatMomentOf({ date, slot })} has not started yet (UTC)`;
  throw failure('E_USAGE', { what, hint: `choose an hour no later than ${now.toISOString().slice(0, 13)}` });
}

function requestFor(request: RunRequest): IngestRequest {
  return {
    ...request,
    dataset: null,
    source: null,
    seed: null,
    limitPages: null,
    force: false,
  };
}

/** The date and hour as `--date` takes them. */
export function formatMomentOf({ date, slot }: Pick<RunRequest, 'date' | 'slot'>): string {
  return slot === null ? date : `${date}T${slot}`;
}

/** Whole commands, with all flags that the request needs besides. */
const COMMANDS: Partial<Record<ErrorCode, (request: RunRequest, asOfNow: string) => string>> = {
  E_DATE_FUTURE: (request, asOfNow) =>
    `choose an earlier date, or type \`pipeline run ${request.pipeline} --date ${formatMomentOf(request)}${asOfNow} --allow-future\``,
  E_DATE_SNAPSHOT: (request) =>
    `choose today or select “as of now”, or type \`pipeline run ${request.pipeline} --date ${formatMomentOf(request)} --as-of-now\``,
  E_SLOT: ({ pipeline, date }, asOfNow) => `type \`pipeline run ${pipeline} --date ${date}${asOfNow}\``,
  E_SLOT_MISSING: ({ pipeline, date }, asOfNow) =>
    `choose an hour, or land all hours: type \`pipeline backfill ${pipeline} --from ${date} --to ${date}${asOfNow}\``,
};

/** Why a run was not started. The remedy suits a form: flags appear only as part of a whole command. */
function describeRefusal(error: LakeveilError, request: RunRequest): Problem {
  const problem = describeProblem(error);
  return {
    ...problem,
    remedy: COMMANDS[error.code]?.(request, request.asOfNow ? ' --as-of-now' : '') ?? problem.remedy,
  };
}
