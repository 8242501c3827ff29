import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '../../src/base/config/config.js';
import type { Effects, Fetch } from '../../src/base/effects.js';
import { openProject, type Project } from '../../src/project.js';
import { makeTempFolder } from './lake-fixture.js';
import { PROJECT_DIR } from './people.js';

const ignore = (): void => undefined;

const noFetch: Fetch = () => Promise.reject(new Error('there is no network'));

/** Nothing is told, and the clock stands still. */
const effects: Omit<Effects, 'fetch'> = {
  now: () => new Date('2026-11-20T12:00:00.000Z'),
  random: () => 0.5,
  sleep: async (ms) => {
    await delay(ms);
  },
  log: { info: ignore, warn: ignore, debug: ignore, reported: ignore, setRun: ignore },
  progress: { start: ignore, advance: ignore, stop: ignore },
  signal: new AbortController().signal,
};

/** A project of its own with some of the shipped pipelines and their SQL, and an empty lake. */
export async function makeProject(
  environment: Readonly<Record<string, string>> = {},
  fetch: Fetch = noFetch,
  pipelines: readonly string[] = ['persons'],
): Promise<Project> {
  const project = await makeTempFolder();
  await mkdir(join(project, 'config'));
  for (const part of pipelines.flatMap((name) => [`pipelines/${name}.yaml`, `sql/${name}`])) {
    await cp(join(PROJECT_DIR, part), join(project, part), { recursive: true });
  }
  const config = loadConfig({
    project,
    environment: { XDG_CONFIG_HOME: join(project, 'config'), ...environment },
  });
  return openProject({ config, effects: { ...effects, fetch } });
}
