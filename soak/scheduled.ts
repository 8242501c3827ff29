import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Scheduler } from '../src/actions/schedule/scheduler.js';
import { failure } from '../src/base/errors.js';
import { FakeClock } from '../tests/schedule/fake-clock.js';
import type { Landing } from './day.js';
import type { World } from './world.js';

/** When everything is due: every date of the soak ends with it. */
export const EVENING = 'T23:30:00Z';

/** Has every pipeline of a project run in the evening, and what was missed as far as its source allows. */
export async function scheduleAll(dir: string): Promise<void> {
  const folder = join(dir, 'pipelines');
  for (const name of (await readdir(folder)).filter((entry) => entry.endsWith('.yaml'))) {
    const text = await readFile(join(folder, name), 'utf8');
    const policy = /time: snapshot/.test(text) ? 'latest' : 'all';
    const keys = `schedule: '30 23 * * *'\nscheduled_date: current\non_missed: ${policy}`;
    await writeFile(join(folder, name), text.replace(/^schedule: .*$/m, keys));
  }
}

/** A scheduler of a world, with a clock that the soak sets. */
export interface ScheduledWorld {
  /** Lets an evening come; resolves when everything that it is time for has ended. */
  readonly live: (day: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Starts a scheduler in the afternoon of a day; it first runs what was missed.
 * @param land what becomes of a run: whether it has landed
 */
export async function startScheduler(
  { project }: World,
  day: string,
  land: (landing: Landing) => Promise<boolean>,
): Promise<ScheduledWorld> {
  const stop = new AbortController();
  const clock = new FakeClock(`${day}T16:00:00Z`);
  let defect: unknown = null;
  const scheduler = new Scheduler({
    project,
    effects: { now: clock.now, sleep: clock.sleep, signal: stop.signal },
    parallel: 1,
    onEvent: (event) => {
      if (event.kind === 'fails') defect = new Error(`the scheduler could not read the lake: ${event.code}`);
    },
    start: ({ pipeline, date, slot }) => {
      const ended = land({ pipeline, date: date ?? '', slot }).catch((error: unknown) => {
        defect = error;
        return false;
      });
      return { ended: ended.then(describe), stop: () => undefined };
    },
  });
  const running = scheduler.run();
  const count = scheduler.states().length;
  const settle = async (work: Promise<void>): Promise<void> => {
    await work;
    if (defect !== null) throw defect as Error;
  };
  await settle(clock.settle(count));
  return {
    live: (evening) => settle(clock.set(`${evening}${EVENING}`, count)),
    close: async () => {
      stop.abort(failure('E_INTERRUPTED', {}));
      await running;
    },
  };
}

function describe(hasLanded: boolean) {
  const error = hasLanded ? null : failure('E_RUN_DIED', { kind: 'in the soak' });
  return { runId: null, status: hasLanded ? 'succeeded' : 'failed', datasets: [], error } as const;
}
