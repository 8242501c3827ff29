import { join } from 'node:path';
import { alertAfter } from '../../alert/send-alerts.js';
import type { Config } from '../../base/config/config.js';
import type { Effects } from '../../base/effects.js';
import { failure, LakeveilError } from '../../base/errors.js';
import { SILENT_PROGRESS } from '../../base/terminal/progress.js';
import { countOf } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import type { Workers } from '../../ingest/staging-work.js';
import { tryLock } from '../../lake/lock.js';
import { startRun } from '../../launch/start-run.js';
import { openProject } from '../../project.js';
import { gatherMetrics } from '../metrics/gather-metrics.js';
import { findWorst } from '../run/run-all.js';
import { type LastRun, type PipelineState, type ScheduleEvent, Scheduler } from './scheduler.js';
import { nameDate, type ScheduledDate } from './plan-schedule.js';
import { describeHealth, type Health, serveHealth } from './serve-health.js';

export interface ScheduleRequest {
  readonly host: string;
  readonly port: number;
  readonly parallel: number;
  readonly workers: Workers;
  /** Takes a line for people; never a value. */
  readonly print: (line: string) => void;
}

interface Context {
  readonly config: Config;
  readonly effects: Effects;
}

/** What `schedule` prints once it is up. */
interface ScheduleDocument {
  /** Null for `--once`. */
  readonly health: string | null;
  readonly pipelines: readonly PipelineState[];
}

export interface RunningSchedule {
  readonly document: ScheduleDocument;
  /**
   * Resolves when Ctrl-C has stopped the scheduler, which is its normal end, and the runs in progress have ended.
   * @throws E_TERMINATED
   */
  readonly stopped: () => Promise<void>;
}

/**
 * Starts the scheduler of a project: one for each lake.
 * @throws E_LOCKED if another one is up; E_USAGE if no pipeline has a schedule; E_PORT, and as `openProject`
 */
export async function serveSchedule(context: Context, request: ScheduleRequest): Promise<RunningSchedule> {
  const { effects } = context;
  const { project, scheduler, release } = await openScheduler(context, request);
  const startedAt = effects.now();
  const read = (): Health => {
    const isStopping = effects.signal.aborted;
    return describeHealth(scheduler.states(), { now: effects.now(), startedAt, isStopping });
  };
  const metrics = async (): Promise<string> => (await gatherMetrics(project)).text;
  const health = await serveHealth(request, read, metrics).catch(async (error: unknown) => {
    await release();
    throw error;
  });
  return {
    document: { health: health.url, pipelines: scheduler.states() },
    stopped: async () => {
      try {
        await Promise.all([scheduler.run(), alertRegularly(context)]);
      } finally {
        await health.close();
        await release();
      }
      const reason: unknown = effects.signal.reason;
      if (!(reason instanceof LakeveilError && reason.code === 'E_INTERRUPTED')) throw reason;
    },
  };
}

const ALERT_EVERY_MS = 5 * 60_000;

/** For what no run can notice: data that is late, and runs that were killed. */
async function alertRegularly(context: Context): Promise<void> {
  const { sleep, signal } = context.effects;
  while (!signal.aborted) {
    await alertAfter(context, null);
    await sleep(ALERT_EVERY_MS, signal).catch(() => undefined);
  }
}

/** Runs what was missed, and ends. @throws as `serveSchedule`; the reason of the signal */
export async function catchUp(
  context: Context,
  request: Omit<ScheduleRequest, 'host' | 'port'>,
): Promise<{ readonly document: ScheduleDocument; readonly worst: LakeveilError | null }> {
  const errors: LakeveilError[] = [];
  const { scheduler, release } = await openScheduler(context, request, (event) => {
    if (event.kind === 'ends' && event.error !== null) errors.push(event.error);
  });
  try {
    await scheduler.catchUp();
  } finally {
    await release();
  }
  context.effects.signal.throwIfAborted();
  return { document: { health: null, pipelines: scheduler.states() }, worst: findWorst(errors) };
}

async function openScheduler(
  context: Context,
  { parallel, workers, print }: Omit<ScheduleRequest, 'host' | 'port'>,
  onEvent: (event: ScheduleEvent) => void = () => undefined,
) {
  const { config, effects } = context;
  const project = await openProject(context);
  if (![...project.definitions.values()].some(({ schedule }) => schedule !== null)) {
    const hint = 'add `schedule: 0 3 * * *` to a definition, or run a pipeline with `pipeline run`';
    throw failure('E_USAGE', { what: 'no pipeline has a schedule', hint });
  }
  const lock = await tryLock(join(config.lakeDir, '_schedule.duckdb'), 'a scheduler');
  if (lock === null) throw failure('E_LOCKED', { holder: 'another scheduler', seconds: 0 });
  const scheduler = new Scheduler({
    project,
    effects,
    parallel,
    start: (run) =>
      startRun({ config, effects: { ...effects, progress: SILENT_PROGRESS } }, { ...run, workers }),
    onEvent: (event) => {
      print(scrub(formatEvent(event, (pipeline) => project.definitions.get(pipeline)?.timezone ?? 'UTC')));
      onEvent(event);
    },
  });
  return { project, scheduler, release: () => lock.release() };
}

/** One line for an event. Pure. */
export function formatEvent(event: ScheduleEvent, zoneOf: (pipeline: string) => string): string {
  const { pipeline } = event;
  switch (event.kind) {
    case 'waits':
      return `${pipeline}: next run at ${formatTime(event.next, zoneOf(pipeline))} for ${nameDate(event.lands)}`;
    case 'starts':
      return `${pipeline}, ${nameDate(event.lands)}: started`;
    case 'busy':
      return `${pipeline}: waiting for a run that is in progress`;
    case 'ends':
      return `${pipeline}, ${nameDate(event.run)}: ${formatEnd(event.run, pipeline)}`;
    case 'fails':
      return `${pipeline}: the lake could not be read (${event.code}); see \`pipeline verify\``;
  }
}

function formatEnd({ status, exit, code, landed, run_id, ...lands }: LastRun, pipeline: string): string {
  if (code === null) return `${status}, ${countOf(landed, 'row')}`;
  const view =
    run_id === null
      ? ''
      : `; see \`pipeline runs ${pipeline} --date ${(lands satisfies ScheduledDate).date}\``;
  return `${status} (exit ${exit}, ${code})${view}`;
}

/** A time as clocks in the zone show it: `2026-11-21 03:00 Europe/Berlin`. */
function formatTime(time: Date, timezone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  return `${format.format(time)} ${timezone}`;
}

/** The table that is printed when the scheduler is up. */
export function formatSchedule({ health, pipelines }: ScheduleDocument): string {
  const width = Math.max(...pipelines.map(({ pipeline }) => pipeline.length));
  const lines = pipelines.map(
    ({ pipeline, schedule, timezone, next }) =>
      `  ${pipeline.padEnd(width)}  ${schedule}, next ${formatTime(new Date(next), timezone)}`,
  );
  const head = health === null ? 'What was missed has run.' : `Scheduler: ${health}. Press Ctrl-C to stop.`;
  return [head, ...lines].join('\n');
}
