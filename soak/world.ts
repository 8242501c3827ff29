import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../src/base/config/config.js';
import type { Effects } from '../src/base/effects.js';
import { openProject, type Project } from '../src/project.js';
import { createFetch } from '../src/source/http.js';
import { CANARY_KEY } from '../tests/support/canary-people.js';
import { seedRandom } from '../tests/support/kill-harness.js';
import { createPlanter, type Planter, type Tampering } from '../tests/support/plant-canaries.js';
import type { Landing } from './day.js';
import { createTamperedFetch } from './tamper.js';

const PACKAGE = join(import.meta.dirname, '..');

/** A project in its own folder, with a clock, a log and a source that the soak controls. */
export interface World {
  readonly dir: string;
  readonly project: Project;
  /** Sets the simulated time for everything that starts from now on. */
  setNow: (now: Date) => void;
  setTampering: (tampering: Tampering) => void;
  /** The log so far. */
  readonly log: () => string;
  /** Masked leaves in which no canary was planted. */
  readonly bareLeaves: () => readonly string[];
  /** Number of retried requests. */
  readonly retries: () => number;
}

/** The inputs of a world; can be passed to another process. */
export interface WorldFacts {
  readonly dir: string;
  /** Origin of the API server. */
  readonly source: string;
  readonly retries: number;
  readonly now: string;
  readonly tampering: Tampering;
}

/** Copies shipped pipelines into `dir`, all of them by default: their definitions, additional files and SQL. */
export async function furnish(dir: string, pipelines?: readonly string[]): Promise<void> {
  await mkdir(dir, { recursive: true });
  const parts = pipelines?.flatMap((name) => [`pipelines/${name}.yaml`, `pipelines/${name}`, `sql/${name}`]);
  for (const part of parts ?? ['pipelines', 'sql']) {
    if (existsSync(join(PACKAGE, part))) await cp(join(PACKAGE, part), join(dir, part), { recursive: true });
  }
}

export async function openWorld(facts: WorldFacts): Promise<World> {
  const lines: string[] = [];
  let [now, tampering] = [new Date(facts.now), facts.tampering];
  let retries = 0;
  let planter: Planter = createPlanter({ datasets: new Map() });
  const note = (event: string, fields?: object): void =>
    void lines.push(JSON.stringify({ event, ...fields }));
  const ignore = (): void => undefined;
  const effects: Effects = {
    now: () => now,
    random: seedRandom(1),
    // Waits before retries are skipped; waits for the lake's lock are not.
    sleep: async (_ms, signal) => {
      retries += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      signal.throwIfAborted();
    },
    fetch: createTamperedFetch(
      createFetch({ connections: 8 }),
      () => planter,
      () => tampering,
    ),
    log: {
      info: note,
      warn: note,
      debug: note,
      reported: (_, ...of) => {
        note(...of);
      },
      setRun: () => undefined,
    },
    progress: { start: ignore, advance: ignore, stop: ignore },
    signal: new AbortController().signal,
  };
  const environment = { TOKEN_KEY: CANARY_KEY, RECORDS: '200', RETRIES: String(facts.retries) };
  const config = loadConfig({ project: facts.dir, environment });
  const project = await openProject({ config, effects });
  const definitions = [...project.definitions.values()];
  planter = createPlanter({ datasets: new Map(definitions.flatMap(({ datasets }) => [...datasets])) });
  return {
    dir: facts.dir,
    project,
    setNow: (time) => (now = time),
    setTampering: (next) => (tampering = next),
    log: () => lines.join('\n'),
    bareLeaves: () => planter.listBare(),
    retries: () => retries,
  };
}

/** The request for `ingest`; for a seeded source, another seed gives other people. */
export function requestOf({ pipeline, date, slot }: Landing, source: string, seed: string | null = null) {
  const said = { pipeline, date, slot, source, seed };
  return { ...said, dataset: null, force: false, asOfNow: true, limitPages: null };
}
