import type { CurrentRun, Desk, DeskEvent, Refusal, RunWish } from '../dashboard/desk.js';
import type { Effects, LogFields, Progress } from '../effects.js';
import { failure, LakeveilError } from '../errors.js';
import { toLakeveilError } from '../output/defect.js';
import { scrub } from '../output/scrub.js';
import type { Project } from '../project.js';
import type { RunResult } from '../result.js';
import type { RunRecord, RunStatus } from '../run-record.js';
import { listHours } from './hours.js';
import type { IngestRequest } from './plan-ingest.js';
import { tellMoment, tellRefusal } from './tell-refusal.js';

export { tellMoment };

const DAY_MS = 86_400_000;
/** How often those who follow are told how far a run is. */
const TELL_EVERY_MS = 250;
/** Lines that who comes late is told of. */
const KEPT_LINES = 100;

/** What a desk needs; the work itself is `run` of the pipeline. */
export interface DeskInput {
  readonly effects: Effects;
  readonly openProject: (effects: Effects) => Promise<Project>;
  readonly run: (project: Project, request: IngestRequest) => Promise<RunResult>;
}

interface Work {
  readonly current: CurrentRun;
  readonly look: () => RunRecord;
  readonly ended: Promise<unknown>;
}

/**
 * One run at a time, in this process; it goes on whoever looks. It has a signal of its own, so that ending the server
 * can ask first.
 */
export class RunDesk implements Desk {
  readonly #input: DeskInput;
  readonly #listeners = new Set<(event: DeskEvent) => void>();
  #asked: RunWish | null = null;
  #beginning: Promise<CurrentRun> | null = null;
  #work: Work | null = null;
  #stop = new AbortController();
  #lines: DeskEvent[] = [];
  #progress: Extract<DeskEvent, { kind: 'progress' }> | null = null;

  constructor(input: DeskInput) {
    this.#input = input;
  }

  current(): CurrentRun | null {
    return this.#work?.current ?? null;
  }

  /** The entry of the run that is under way here, as it will be in the ledger. */
  look(runId: string): RunRecord | null {
    return this.#work?.current.runId === runId ? this.#work.look() : null;
  }

  async start(wish: RunWish): Promise<CurrentRun | Refusal> {
    if (this.#asked !== null) {
      const { pipeline } = this.#asked;
      const busy = failure('E_BUSY', { pipeline, date: tellMoment(this.#asked) });
      // It has its id once it is in the ledger; if it does not get there, there is none to tell.
      await this.#beginning?.catch(() => null);
      return this.#refuse(busy, wish);
    }
    this.#asked = wish;
    try {
      refuseFuture(wish, this.#input.effects.now());
      this.#beginning = this.#begin(wish);
      return await this.#beginning;
    } catch (error) {
      this.#forget();
      return this.#refuse(toLakeveilError(error), wish);
    }
  }

  follow(runId: string, listener: (event: DeskEvent) => void): (() => void) | null {
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
  async #begin(wish: RunWish): Promise<CurrentRun> {
    this.#stop = new AbortController();
    this.#lines = [];
    this.#progress = null;
    const project = await this.#input.openProject(this.#watchedEffects());
    return new Promise((resolve, reject) => {
      const onRun: Project['onRun'] = (runId, look) => {
        const { pipeline, date, slot } = wish;
        const current = { runId, pipeline, date, slot };
        this.#work = { current, look, ended };
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

  #refuse(error: LakeveilError, wish: RunWish): Refusal {
    return { ...tellRefusal(error, wish), current: error.code === 'E_BUSY' ? this.current() : null };
  }

  #tell(event: DeskEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #tellHowFar(): void {
    if (this.#progress !== null) this.#tell(this.#progress);
    if (this.#work !== null) this.#tell({ kind: 'stages', stages: this.#work.look().stages });
  }

  #say(text: string): void {
    const line: DeskEvent = { kind: 'log', text: scrub(text) };
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
function refuseFuture({ date, slot }: RunWish, now: Date): void {
  const tomorrow = new Date(now.getTime() + DAY_MS).toISOString().slice(0, 10);
  if (date > tomorrow) throw failure('E_DATE_FUTURE', { date });
  if (slot === null || listHours(date, now).includes(slot)) return;
  const what = `${tellMoment({ date, slot })} has not begun (UTC)`;
  throw failure('E_USAGE', { what, hint: `choose an hour up to ${now.toISOString().slice(0, 13)}` });
}

function requestFor(wish: RunWish): IngestRequest {
  return {
    ...wish,
    ...{ dataset: null, source: null, seed: null, limitPages: null },
    force: false,
  };
}
