import { addDays, dateOf } from '../../base/dates/calendar.js';
import { listHours } from '../../base/dates/date-ranges.js';
import { toLakeveilError } from '../../base/defect.js';
import type { Effects, LogFields, Progress } from '../../base/effects.js';
import { type ErrorCode, failure, LakeveilError } from '../../base/errors.js';
import { scrub } from '../../base/text/scrub.js';
import type { RunResult } from '../../base/types/result.js';
import type { RunRecord, RunStatus } from '../../base/types/run-record.js';
import type { IngestRequest } from '../../ingest/plan-ingest.js';
import type { Project } from '../../project.js';
import { describeProblem } from '../data/describe-run.js';
import type { Problem } from '../data/models.js';
import type { CurrentRun, Launcher, LauncherEvent, Refusal, RunRequest } from './run-request.js';

/** How often those who follow are told how far a run is. */
const TELL_EVERY_MS = 250;
/** Lines that who comes late is told of. */
const KEPT_LINES = 100;

/** What a desk needs; the work itself is `run` of the pipeline. */
interface LauncherInput {
  readonly effects: Effects;
  readonly openProject: (effects: Effects) => Promise<Project>;
  readonly run: (project: Project, request: IngestRequest) => Promise<RunResult>;
}

interface Work {
  readonly current: CurrentRun;
  readonly snapshot: () => RunRecord;
  readonly ended: Promise<unknown>;
}

/**
 * One run at a time, in this process; it goes on whoever looks. It has a signal of its own, so that ending the server
 * can ask first.
 */
export class RunLauncher implements Launcher {
  readonly #input: LauncherInput;
  readonly #listeners = new Set<(event: LauncherEvent) => void>();
  #asked: RunRequest | null = null;
  #beginning: Promise<CurrentRun> | null = null;
  #work: Work | null = null;
  #stop = new AbortController();
  #lines: LauncherEvent[] = [];
  #progress: Extract<LauncherEvent, { kind: 'progress' }> | null = null;

  constructor(input: LauncherInput) {
    this.#input = input;
  }

  current(): CurrentRun | null {
    return this.#work?.current ?? null;
  }

  /** The entry of the run that is under way here, as it will be in the ledger. */
  look(runId: string): RunRecord | null {
    return this.#work?.current.runId === runId ? this.#work.snapshot() : null;
  }

  async start(wish: RunRequest): Promise<CurrentRun | Refusal> {
    if (this.#asked !== null) {
      const { pipeline } = this.#asked;
      const busy = failure('E_BUSY', { pipeline, date: formatMomentOf(this.#asked) });
      // It has its id once it is in the ledger; if it does not get there, there is none to tell.
      await this.#beginning?.catch(() => null);
      return this.#refuse(busy, wish);
    }
    this.#asked = wish;
    try {
      assertNotFuture(wish, this.#input.effects.now());
      this.#beginning = this.#begin(wish);
      return await this.#beginning;
    } catch (error) {
      this.#forget();
      return this.#refuse(toLakeveilError(error), wish);
    }
  }

  follow(runId: string, listener: (event: LauncherEvent) => void): (() => void) | null {
    if (this.current()?.runId !== runId) return null;
    for (const line of this.#lines) listener(line);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops the run that is under way, if one is; resolves when it has ended. */
  async stop(reason: LakeveilError): Promise<void> {
    this.#stop.abort(reason);
    await this.ended();
  }

  async ended(): Promise<void> {
    await this.#work?.ended;
  }

  /** Resolves once the run is in the ledger; rejects if it ends before. */
  async #begin(wish: RunRequest): Promise<CurrentRun> {
    this.#stop = new AbortController();
    this.#lines = [];
    this.#progress = null;
    const project = await this.#input.openProject(this.#watchedEffects());
    return new Promise((resolve, reject) => {
      const onRun: Project['onRun'] = (runId, snapshot) => {
        const { pipeline, date, slot } = wish;
        const current = { runId, pipeline, date, slot };
        this.#work = { current, snapshot, ended };
        resolve(current);
      };
      const ended = this.#runToEnd({ ...project, onRun }, requestFor(wish)).catch(reject);
    });
  }

  async #runToEnd(project: Project, request: IngestRequest): Promise<void> {
    const telling = setInterval(() => {
      this.#tellHowFar();
    }, TELL_EVERY_MS);
    let status: RunStatus = 'failed';
    try {
      status = (await this.#input.run(project, request)).status;
    } catch (error) {
      const { code, message } = toLakeveilError(error);
      if (this.#stop.signal.aborted) status = 'interrupted';
      this.#say(`${code}: ${message}`);
      if (this.#work === null) throw error;
    } finally {
      clearInterval(telling);
      this.#tellHowFar();
      this.#forget();
      this.#tell({ kind: 'end', status });
      this.#listeners.clear();
    }
  }

  #forget(): void {
    this.#asked = null;
    this.#beginning = null;
    this.#work = null;
  }

  #refuse(error: LakeveilError, wish: RunRequest): Refusal {
    return { ...describeRefusal(error, wish), current: error.code === 'E_BUSY' ? this.current() : null };
  }

  #tell(event: LauncherEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #tellHowFar(): void {
    if (this.#progress !== null) this.#tell(this.#progress);
    if (this.#work !== null) this.#tell({ kind: 'stages', stages: this.#work.snapshot().stages });
  }

  #say(text: string): void {
    const line: LauncherEvent = { kind: 'log', text: scrub(text) };
    this.#lines = [...this.#lines, line].slice(-KEPT_LINES);
    this.#tell(line);
  }

  /** The server's own, but for what a page is told: the log's events, and how far the records are. */
  #watchedEffects(): Effects {
    const { effects } = this.#input;
    const say = (event: string, fields: LogFields = {}): void => {
      this.#say([event, ...Object.entries(fields).map(([name, value]) => `${name} ${value}`)].join(', '));
    };
    return {
      ...effects,
      signal: this.#stop.signal,
      progress: this.#watchedProgress(),
      log: {
        debug: (event, fields) => {
          effects.log.debug(event, fields);
        },
        info: (event, fields) => {
          effects.log.info(event, fields);
          say(event, fields);
        },
        warn: (event, fields) => {
          effects.log.warn(event, fields);
          say(event, fields);
        },
      },
    };
  }

  #watchedProgress(): Progress {
    return {
      start: (label, total) => {
        this.#progress = { kind: 'progress', label: scrub(label), done: 0, total };
        this.#say(`fetching ${label}`);
      },
      advance: (records) => {
        if (this.#progress !== null)
          this.#progress = { ...this.#progress, done: this.#progress.done + records };
      },
      stop: () => {
        if (this.#progress !== null) this.#say(`fetched ${this.#progress.done} of ${this.#progress.label}`);
      },
    };
  }
}

/** @throws E_DATE_FUTURE; E_USAGE for an hour that has not begun: what landed for it would pass for all of it */
function assertNotFuture({ date, slot }: RunRequest, now: Date): void {
  if (date > addDays(dateOf(now), 1)) throw failure('E_DATE_FUTURE', { date });
  if (slot === null || listHours(date, now).includes(slot)) return;
  const what = `${formatMomentOf({ date, slot })} has not begun (UTC)`;
  throw failure('E_USAGE', { what, hint: `choose an hour up to ${now.toISOString().slice(0, 13)}` });
}

function requestFor(wish: RunRequest): IngestRequest {
  return {
    ...wish,
    ...{ dataset: null, source: null, seed: null, limitPages: null },
    force: false,
  };
}

/** As it is typed behind `--date`. */
export function formatMomentOf({ date, slot }: Pick<RunRequest, 'date' | 'slot'>): string {
  return slot === null ? date : `${date}T${slot}`;
}

const COMMANDS: Partial<Record<ErrorCode, (wish: RunRequest) => string>> = {
  E_DATE_FUTURE: (wish) =>
    `give an earlier date, or type \`pipeline run ${wish.pipeline} --date ${formatMomentOf(wish)} --allow-future\``,
  E_DATE_SNAPSHOT: ({ pipeline, date }) =>
    `choose today, or tick “as of now”; to type: \`pipeline run ${pipeline} --date ${date} --as-of-now\``,
  E_SLOT: ({ pipeline, date }) => `to type: \`pipeline run ${pipeline} --date ${date}\``,
  E_SLOT_MISSING: ({ pipeline, date }) =>
    `choose an hour; to type, for all of them: \`pipeline backfill ${pipeline} --from ${date} --to ${date}\``,
};

/** Why a run was not started, for somebody at a button: a flag is told as part of a whole command alone. */
function describeRefusal(error: LakeveilError, wish: RunRequest): Problem {
  const told = describeProblem(error);
  return { ...told, remedy: COMMANDS[error.code]?.(wish) ?? told.remedy };
}
