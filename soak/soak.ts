import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../fake-api/start.js';
import { seedRandom, start } from '../tests/support/kill-harness.js';
import { UNTAMPERED } from '../tests/support/plant-canaries.js';
import type { CalmInput } from './calm.js';
import { type Landing, HOURS, listDays } from './day.js';
import { type Figures, liveThrough, startFigures } from './disturbed.js';
import { type EveningTarget, startEveningTarget } from './evening-load.js';
import {
  checkCanaries,
  checkLake,
  checkLeaks,
  checkReleases,
  checkTables,
  evaluateCounts,
  evaluateDates,
} from './judge.js';
import { scheduleAll } from './scheduled.js';
import { mountSmallDisk } from './small-disk.js';
import { furnish, openWorld, type World } from './world.js';

export interface SoakInput {
  readonly days: number;
  readonly seed: number;
  /** Names of shipped pipelines; all by default. */
  readonly pipelines?: readonly string[];
  /** Loads the tables into a PostgreSQL of its own every evening, if it is installed. */
  readonly loads: boolean;
  /** Called with the current step. */
  readonly onStep: (step: string) => void;
  /** Changes the disturbed world before it is evaluated, to prove that a fault is found. */
  readonly tamperBefore?: (world: World) => Promise<void>;
}

export interface SoakResult {
  /** One line per problem. */
  readonly wrong: readonly string[];
  readonly figures: Figures;
  /** Number of retried requests in the disturbed world. */
  readonly retries: number;
  readonly landedRecords: number;
  readonly tables: number;
  readonly rows: number;
  /** False if no small disk could be mounted. */
  readonly hasSmallDisk: boolean;
  /** Of the loads into PostgreSQL; null if there were none. */
  readonly loaded: EveningTarget['figures'] | null;
}

const CALM = join(import.meta.dirname, 'calm.ts');
const FIRST_DAY = '2026-01-05';
const FAULTS = { too_many_requests: 0.1, server_error: 0.08, reset: 0.08, truncated: 0.04, html: 0.02 };

/** Simulates the same days in two worlds, one with faults and one without; both must end in the same state. */
export async function soak(input: SoakInput): Promise<SoakResult> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'lakeveil-soak-')));
  const [calm, rough] = [
    await startEmbedded({}),
    await startEmbedded({ faultRates: FAULTS, faultSeed: String(input.seed) }),
  ];
  const dirs = { calm: join(root, 'calm'), rough: join(root, 'rough') };
  for (const dir of Object.values(dirs)) {
    await furnish(dir, input.pipelines);
    await scheduleAll(dir);
  }
  const disk = await mountSmallDisk(join(dirs.rough, 'data_lake'));
  const target = input.loads ? await startEveningTarget(dirs) : null;
  try {
    const days = listDays(FIRST_DAY, input.days);
    const common = { retries: 3, now: `${FIRST_DAY}T00:00:00Z`, tampering: UNTAMPERED };
    const facts = { ...common, dir: dirs.rough, source: rough.url };
    const world = await openWorld(facts);
    const calmFacts = { ...common, dir: dirs.calm, source: calm.url };
    const undisturbed = await openWorld(calmFacts);
    const due = days.flatMap((day) => dueOn(world, day));
    input.onStep(
      `${due.length} landings of ${world.project.definitions.size} pipelines, disturbed and undisturbed`,
    );
    const figures = startFigures();
    const onEvening = async (): Promise<void> => target?.load(world);
    const disturbance = { world, facts, random: seedRandom(input.seed), disk, figures, onEvening };
    await Promise.all([
      liveThrough(disturbance, days, (day) => dueOn(world, day)),
      liveUndisturbed({ facts: calmFacts, due }),
    ]);
    await input.tamperBefore?.(world);
    input.onStep('comparing');
    const evaluated = await evaluate(world, undisturbed, due, figures);
    const wrong = [...evaluated.wrong, ...((await target?.compare(undisturbed)) ?? [])];
    const loaded = target?.figures ?? null;
    return { ...evaluated, wrong, figures, retries: world.retries(), hasSmallDisk: disk !== null, loaded };
  } finally {
    await Promise.all([calm.close(), rough.close(), target?.stop()]);
    disk?.unmount();
    await rm(root, { recursive: true, force: true });
  }
}

/** The landings due on a day, of all pipelines. */
function dueOn({ project }: World, date: string): Landing[] {
  return [...project.definitions.values()].flatMap(({ pipeline, datasets }): Landing[] => {
    const isHourly = [...datasets.values()].some(({ slot }) => slot === 'hour');
    return (isHourly ? HOURS : [null]).map((slot) => ({ pipeline, date, slot }));
  });
}

/** Runs in a separate process, so that each world has a core. */
async function liveUndisturbed(input: CalmInput): Promise<void> {
  const running = start({ args: ['--import', 'tsx', CALM, JSON.stringify(input)] });
  const { code, stderr } = await running.ended;
  if (code !== 0) throw new Error(`the undisturbed world failed: ${stderr}`);
}

async function evaluate(world: World, undisturbed: World, due: readonly Landing[], { output }: Figures) {
  const paths = [world, undisturbed].map(({ project }) => project.config.databasePath);
  const [lake, leaks, releases, dates, counts, tables, canaries] = await Promise.all([
    checkLake(world.project),
    checkLeaks(world.project),
    checkReleases(world.project),
    evaluateDates(world.project, due),
    evaluateCounts(world.project),
    checkTables(paths[0] ?? '', paths[1] ?? ''),
    checkCanaries(world.dir, { log: world.log(), output: output.join('\n') }),
  ]);
  const bare = world.bareLeaves().map((path) => `no canary was planted in ${path}`);
  const wrong = [
    ...lake,
    ...leaks,
    ...releases,
    ...dates,
    ...counts.wrong,
    ...tables.wrong,
    ...canaries,
    ...bare,
  ];
  return { wrong, landedRecords: counts.landed, tables: tables.tables, rows: tables.rows };
}
