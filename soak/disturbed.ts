import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LakeveilError } from '../src/base/errors.js';
import { ingest, transform } from '../src/pipeline.js';
import { start } from '../tests/support/kill-harness.js';
import { UNTAMPERED } from '../tests/support/plant-canaries.js';
import type { ChildInput } from './child.js';
import { drawEvent, type Event, EVENTS, type Landing, nameLanding } from './day.js';
import { EVENING, type ScheduledWorld, startScheduler } from './scheduled.js';
import type { SmallDisk } from './small-disk.js';
import { requestOf, type World, type WorldFacts } from './world.js';

/** What happened in a disturbed world. */
export interface Figures {
  readonly events: Record<Event, number>;
  landings: number;
  /** Runs that the scheduler started, and days on which it was down. */
  scheduled: number;
  down: number;
  /** Failed landings by error code. */
  readonly failures: Map<string, number>;
  /** Processes killed before they finished. */
  killed: number;
  /** Output of the killed processes. */
  readonly output: string[];
}

export interface Disturbance {
  readonly world: World;
  readonly facts: WorldFacts;
  readonly random: () => number;
  readonly disk: SmallDisk | null;
  readonly figures: Figures;
  /** Called when a day is over, and at the end. */
  readonly onEvening: () => Promise<void>;
}

const CHILD = join(import.meta.dirname, 'child.ts');
/** A process takes about a second to start; kills happen after that. */
const KILL_WITHIN_MS = 900;
const LEFT_BYTES = 20_000;
const MOST_TRIES = 40;
/** Share of days on which the scheduler is down. */
const DAYS_DOWN = 0.1;
/** Share of days on which the tables are built. */
const EVENINGS_AT_WORK = 0.3;

export function startFigures(): Figures {
  const events = Object.fromEntries(EVENTS.map((event) => [event, 0])) as Record<Event, number>;
  return { events, landings: 0, scheduled: 0, down: 0, failures: new Map(), killed: 0, output: [] };
}

/**
 * Simulates days with bad luck. The scheduler runs what is due, and what it missed; it is down on some days. An operator
 * retries what it cannot: snapshots of earlier days, and in the end what is left. The tables are built on some days. Ends
 * when everything is landed and built.
 */
export async function liveThrough(
  disturbance: Disturbance,
  days: readonly string[],
  dueOn: (day: string) => readonly Landing[],
): Promise<void> {
  const { world, random } = disturbance;
  const pending = new Map<string, Landing>();
  const attempt = async (landing: Landing): Promise<boolean> => {
    const hasLanded = await befall(disturbance, landing, drawEvent(random));
    if (hasLanded) pending.delete(nameLanding(landing));
    return hasLanded;
  };
  const schedule = (landing: Landing): Promise<boolean> => {
    disturbance.figures.scheduled += 1;
    return attempt(landing);
  };
  let scheduler: ScheduledWorld | null = null;
  for (const day of days) {
    world.setNow(new Date(`${day}${EVENING}`));
    const snapshots = [...pending.values()].filter((landing) => isSnapshot(world, landing));
    for (const landing of shuffle(snapshots, random)) if (random() < 0.4) await attempt(landing);
    for (const landing of dueOn(day)) pending.set(nameLanding(landing), landing);
    if (random() < DAYS_DOWN) {
      await scheduler?.close();
      scheduler = null;
      disturbance.figures.down += 1;
      continue;
    }
    scheduler ??= await startScheduler(world, day, schedule);
    await scheduler.live(day);
    if (random() < EVENINGS_AT_WORK) await build(disturbance);
    await disturbance.onEvening();
  }
  await scheduler?.close();
  let owed = [...pending.values()];
  for (let tries = 0; owed.length > 0; tries += 1) {
    const first = owed[0];
    if (tries >= MOST_TRIES && first !== undefined)
      throw new Error(`${nameLanding(first)} never landed: ${disturbance.figures.output.at(-1) ?? ''}`);
    const again: Landing[] = [];
    for (const landing of owed) if (!(await land(disturbance, landing))) again.push(landing);
    owed = again;
  }
  if (!(await build(disturbance))) throw new Error('the tables could not be built after the last day');
  await disturbance.onEvening();
}

/** @returns whether everything has landed */
async function befall(disturbance: Disturbance, landing: Landing, event: Event): Promise<boolean> {
  const { world, figures, disk } = disturbance;
  if (event === 'full_disk' && disk === null) return land(disturbance, landing);
  figures.events[event] += 1;
  switch (event) {
    case 'none':
      return land(disturbance, landing);
    case 'late':
      return false;
    case 'drift':
      world.setTampering({ ...UNTAMPERED, drift: true });
      return land(disturbance, landing);
    case 'early':
      world.setTampering({ ...UNTAMPERED, halve: true });
      await land(disturbance, landing, 'early');
      return false;
    case 'kill':
      await killUnderWay(disturbance, landing);
      return false;
    case 'full_disk':
      await landOnFullDisk(disturbance, landing);
      return false;
    default:
      return event satisfies never;
  }
}

async function land(
  { world, facts, figures }: Disturbance,
  landing: Landing,
  seed: string | null = null,
): Promise<boolean> {
  figures.landings += 1;
  try {
    await ingest(world.project, requestOf(landing, facts.source, seed));
    return true;
  } catch (error) {
    countFailure(figures, error);
    return false;
  } finally {
    world.setTampering(UNTAMPERED);
  }
}

async function landOnFullDisk(disturbance: Disturbance, landing: Landing): Promise<void> {
  const free = await disturbance.disk?.fill(LEFT_BYTES);
  const hasLanded = await land(disturbance, landing);
  await free?.();
  if (hasLanded) throw new Error(`${nameLanding(landing)} landed on a full disk`);
}

async function killUnderWay(disturbance: Disturbance, landing: Landing): Promise<void> {
  const { world, facts, figures, random } = disturbance;
  const now = world.project.effects.now().toISOString();
  const input: ChildInput = { facts: { ...facts, now }, landing };
  const running = start({ args: ['--import', 'tsx', CHILD, JSON.stringify(input)] });
  await running.nextLine();
  await sleep(random() * KILL_WITHIN_MS);
  running.child.kill('SIGKILL');
  const { signal, stdout, stderr } = await running.ended;
  if (signal === 'SIGKILL') figures.killed += 1;
  figures.output.push(stdout, stderr);
}

async function build({ world, figures }: Disturbance): Promise<boolean> {
  const [pipeline = ''] = world.project.definitions.keys();
  try {
    await transform(world.project, { pipeline, dates: [] });
    return true;
  } catch (error) {
    countFailure(figures, error);
    return false;
  }
}

/** Any error that is not a LakeveilError is a defect and ends the soak. */
function countFailure({ failures, output }: Figures, error: unknown): void {
  if (!(error instanceof LakeveilError)) throw error;
  output.push(JSON.stringify([error.message, error.where]));
  failures.set(error.code, (failures.get(error.code) ?? 0) + 1);
}

/** Past dates of a snapshot are landed by hand: the scheduler has no way to say that the source has them. */
function isSnapshot({ project }: World, { pipeline }: Landing): boolean {
  const datasets = project.definitions.get(pipeline)?.datasets ?? new Map<string, never>();
  return [...datasets.values()].some(({ time }) => time === 'snapshot');
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
