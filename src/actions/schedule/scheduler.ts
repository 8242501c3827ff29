import pLimit from 'p-limit';
import { CATALOGUE } from '../../base/catalogue.js';
import { toLakeveilError } from '../../base/defect.js';
import type { Effects } from '../../base/effects.js';
import type { LakeveilError } from '../../base/errors.js';
import type { RunRecord } from '../../base/types/run-record.js';
import type { LaunchRequest } from '../../launch/messages.js';
import type { RunEnd, RunProcess } from '../../launch/start-run.js';
import { listRuns, readRun } from '../../ledger/read-runs.js';
import type { Project } from '../../project.js';
import { findLeftBehind } from '../../lake/find-left-behind.js';
import {
  dateAt,
  isScheduled,
  lastTime,
  listMissing,
  nameDate,
  nextTime,
  planDue,
  type Scheduled,
  type ScheduledDate,
} from './plan-schedule.js';

/** The clock is looked at again after so long, since a machine may sleep and its clock may be set. */
const LONGEST_SLEEP_MS = 60_000;
/** How often a run that someone else has started is looked at. */
const LOOK_AGAIN_MS = 5_000;
/** A scheduled time that is noticed later than this was missed. */
const LATE_MS = 5 * 60_000;
const LANDS = ['run', 'ingest', 'backfill', 'adopt'];

/** How the last run of a pipeline ended; names, numbers and codes alone. */
export interface LastRun extends ScheduledDate {
  readonly run_id: string | null;
  readonly status: RunRecord['status'];
  readonly exit: number;
  readonly code: string | null;
  readonly finished_at: string | null;
  readonly landed: number;
}

/** A pipeline as the health of the scheduler shows it. */
export interface PipelineState {
  readonly pipeline: string;
  readonly schedule: string;
  readonly timezone: string;
  readonly next: string;
  readonly running: (ScheduledDate & { readonly since: string }) | null;
  readonly last: LastRun | null;
}

export interface SchedulerInput {
  readonly project: Project;
  readonly effects: Pick<Effects, 'now' | 'sleep' | 'signal'>;
  readonly start: (request: LaunchRequest) => RunProcess;
  /** Runs of different pipelines at once. */
  readonly parallel: number;
  /** Called with each change that a person may want to see. */
  readonly onEvent: (event: ScheduleEvent) => void;
}

export type ScheduleEvent =
  | { readonly kind: 'waits'; readonly pipeline: string; readonly next: Date; readonly lands: ScheduledDate }
  | { readonly kind: 'starts'; readonly pipeline: string; readonly lands: ScheduledDate }
  | { readonly kind: 'busy'; readonly pipeline: string }
  | {
      readonly kind: 'ends';
      readonly pipeline: string;
      readonly run: LastRun;
      readonly error: LakeveilError | null;
    }
  | { readonly kind: 'fails'; readonly pipeline: string; readonly code: string };

/**
 * Runs the pipelines of a project when they are due, each in a loop of its own: never two runs of one pipeline at once. It
 * keeps no state on disk: what was missed follows from the lake and the ledger.
 */
export class Scheduler {
  readonly #input: SchedulerInput;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #states = new Map<string, PipelineState>();

  constructor(input: SchedulerInput) {
    this.#input = input;
    this.#limit = pLimit(input.parallel);
    const now = input.effects.now();
    for (const definition of this.#list()) {
      const { pipeline, schedule, timezone } = definition;
      const next = nextTime(definition, now).toISOString();
      this.#states.set(pipeline, {
        pipeline,
        schedule: schedule.cron,
        timezone,
        next,
        running: null,
        last: null,
      });
    }
  }

  states(): readonly PipelineState[] {
    return [...this.#states.values()];
  }

  /** Runs what was missed, and nothing else. */
  async catchUp(): Promise<void> {
    await Promise.all(
      this.#list().map(async (definition) => {
        await this.#runDue(definition, await this.#findMissed(definition));
      }),
    );
  }

  /** Runs what was missed, then what becomes due; resolves once the signal is aborted and no run is in progress. */
  async run(): Promise<void> {
    await Promise.all(this.#list().map((definition) => this.#follow(definition)));
  }

  #list(): Scheduled[] {
    return [...this.#input.project.definitions.values()].filter(isScheduled);
  }

  async #follow(definition: Scheduled): Promise<void> {
    const { effects, onEvent } = this.#input;
    const { pipeline } = definition;
    let handled = effects.now();
    await this.#guard(pipeline, async () => {
      await this.#runDue(definition, await this.#findMissed(definition));
    });
    while (!effects.signal.aborted) {
      const next = nextTime(definition, handled);
      this.#change(pipeline, { next: next.toISOString() });
      onEvent({ kind: 'waits', pipeline, next, lands: dateAt(definition, next) });
      if (!(await this.#sleepUntil(next))) return;
      const now = effects.now();
      // Several times may have passed: the latest is due, the others are missed.
      const time = lastTime(definition, now) ?? next;
      handled = time;
      await this.#guard(pipeline, async () => {
        const isMissed = now.getTime() - time.getTime() > LATE_MS;
        await this.#runDue(definition, await this.#plan(definition, time, isMissed));
      });
    }
  }

  /** A lake that cannot be read is no reason to stop: it may be in order by the next time. */
  async #guard(pipeline: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (this.#input.effects.signal.aborted) return;
      this.#input.onEvent({ kind: 'fails', pipeline, code: toLakeveilError(thrown).code });
    }
  }

  /** False once the signal is aborted. */
  async #sleepUntil(time: Date): Promise<boolean> {
    const { effects } = this.#input;
    for (;;) {
      const leftMs = time.getTime() - effects.now().getTime();
      if (effects.signal.aborted) return false;
      if (leftMs <= 0) return true;
      await effects.sleep(Math.min(leftMs, LONGEST_SLEEP_MS), effects.signal).catch(() => undefined);
    }
  }

  /** What was missed while no scheduler was up. A project in which the pipeline never ran has missed nothing. */
  async #findMissed(definition: Scheduled): Promise<ScheduledDate[]> {
    const now = this.#input.effects.now();
    const time = lastTime(definition, now);
    if (time === null) return [];
    const { last, isDone } = await this.#readLedger(definition, time);
    this.#change(definition.pipeline, { last });
    const due = await this.#plan(definition, time, true);
    const own = nameDate(dateAt(definition, time));
    if (!isDone && (last !== null || (await this.#hasLanded(definition)))) return due;
    return due.filter((one) => nameDate(one) !== own);
  }

  async #plan(definition: Scheduled, time: Date, isMissed: boolean): Promise<ScheduledDate[]> {
    const { effects, project } = this.#input;
    const now = effects.now();
    const needsAll = definition.schedule.onMissed === 'all';
    const missing = needsAll ? listMissing(definition, await readState(project), time, now) : [];
    return planDue({ definition, time, now, isMissed, missing });
  }

  async #hasLanded({ datasets }: Scheduled): Promise<boolean> {
    return (await this.#input.project.lake.list()).some(({ dataset }) => datasets.has(dataset));
  }

  /** The newest run of a pipeline, and whether what was due at a time has been run since. */
  async #readLedger(
    definition: Scheduled,
    time: Date,
  ): Promise<{ readonly last: LastRun | null; readonly isDone: boolean }> {
    const { date, slot } = dateAt(definition, time);
    let last: LastRun | null = null;
    for await (const entry of listRuns(this.#input.project.config.lakeDir)) {
      if (entry.kind !== 'run') continue;
      const { run } = entry;
      if (run.pipeline !== definition.pipeline || !LANDS.includes(run.command) || run.date === null) continue;
      last ??= describeRecord(run, run.date);
      if (run.started_at < time.toISOString()) break;
      const isOwn = run.date === date && run.slot === slot;
      if (isOwn && (run.status === 'succeeded' || run.status === 'unchanged')) return { last, isDone: true };
    }
    return { last, isDone: false };
  }

  async #runDue({ pipeline }: Scheduled, due: readonly ScheduledDate[]): Promise<void> {
    for (const lands of due) {
      await this.#limit(async () => {
        await this.#untilFree(pipeline);
        if (!this.#input.effects.signal.aborted) await this.#runOne(pipeline, lands);
      });
    }
  }

  /** Waits for a run of the pipeline that a person or another program has started. */
  async #untilFree(pipeline: string): Promise<void> {
    const { project, effects, onEvent } = this.#input;
    const { lakeDir } = project.config;
    for (let looks = 0; !effects.signal.aborted; looks++) {
      const runs = await Promise.all(
        (await findLeftBehind(lakeDir)).at_work.map((runId) => readRun(lakeDir, runId)),
      );
      if (!runs.some((run) => run?.pipeline === pipeline)) return;
      if (looks === 0) onEvent({ kind: 'busy', pipeline });
      await effects.sleep(LOOK_AGAIN_MS, effects.signal).catch(() => undefined);
    }
  }

  async #runOne(pipeline: string, lands: ScheduledDate): Promise<void> {
    const { effects, start, onEvent } = this.#input;
    onEvent({ kind: 'starts', pipeline, lands });
    this.#change(pipeline, { running: { ...lands, since: effects.now().toISOString() } });
    const run = start({ ...WHOLE, pipeline, ...lands });
    const stop = (): void => {
      run.stop('E_TERMINATED');
    };
    effects.signal.addEventListener('abort', stop, { once: true });
    if (effects.signal.aborted) stop();
    const end = await run.ended;
    const last = describeEnd(end, lands, effects.now());
    effects.signal.removeEventListener('abort', stop);
    this.#change(pipeline, { running: null, last });
    onEvent({ kind: 'ends', pipeline, run: last, error: end.error });
  }

  #change(pipeline: string, change: Partial<PipelineState>): void {
    const state = this.#states.get(pipeline);
    if (state !== undefined) this.#states.set(pipeline, { ...state, ...change });
  }
}

const WHOLE = { dataset: null, source: null, seed: null, force: false, asOfNow: false, limitPages: null };

async function readState({ lake }: Project) {
  const [manifests, { horizons }] = await Promise.all([lake.list(), lake.listKept()]);
  return { manifests, horizons };
}

function describeRecord(run: RunRecord, date: string): LastRun {
  return {
    date,
    slot: run.slot,
    run_id: run.run_id,
    // One that is at work holds the next one up; any other died.
    status: run.status === 'running' ? 'interrupted' : run.status,
    exit: run.error === null ? 0 : CATALOGUE[run.error.code][0],
    code: run.error?.code ?? null,
    finished_at: run.finished_at,
    landed: countLanded(run),
  };
}

function describeEnd(end: RunEnd, lands: ScheduledDate, now: Date): LastRun {
  return {
    ...lands,
    run_id: end.runId,
    status: end.status,
    exit: end.error?.exit ?? 0,
    code: end.error?.code ?? null,
    finished_at: now.toISOString(),
    landed: countLanded(end),
  };
}

function countLanded({ datasets }: Pick<RunEnd, 'datasets'>): number {
  return datasets.reduce((sum, { landed }) => sum + landed, 0);
}
