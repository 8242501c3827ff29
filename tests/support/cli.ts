import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeLock } from '../../src/lake/lock.js';
import { CANARY_KEY } from './canary-people.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a finished process left behind. */
export interface CliEnd {
  /** Null where a signal ended it. */
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess {
  readonly child: ChildProcess;
  readonly end: Promise<CliEnd>;
  /** What it has written so far. */
  readonly written: { readonly stdout: string; readonly stderr: string };
}

export type Environment = Readonly<Record<string, string>>;

/** A project in a folder of its own, with everything that a process of it can write to. */
export interface Sandbox {
  /** Holds the project, the temporary folder and the user's folders: all that a scan must look at. */
  readonly root: string;
  readonly project: string;
  readonly lake: string;
  readonly database: string;
  readonly start: (args: readonly string[], environment?: Environment) => CliProcess;
  readonly run: (args: readonly string[], environment?: Environment) => Promise<CliEnd>;
  readonly remove: () => Promise<void>;
}

/**
 * A sandbox with the shipped pipelines and SQL.
 * @param edit changes the text of `pipelines/persons.yaml`
 */
export async function makeSandbox(edit: (yaml: string) => string = (yaml) => yaml): Promise<Sandbox> {
  await buildOnce();
  const root = await realpath(await mkdtemp(join(tmpdir(), 'lakeveil-cli-')));
  const project = join(root, 'project');
  for (const folder of ['tmp', 'config', 'home', 'project']) await mkdir(join(root, folder));
  for (const folder of ['pipelines', 'sql']) {
    await cp(join(ROOT, folder), join(project, folder), { recursive: true });
  }
  const page = join(project, 'pipelines', 'persons.yaml');
  await writeFile(page, edit(await readFile(page, 'utf8')));
  const start = (args: readonly string[], environment: Environment = {}): CliProcess =>
    startCli([...args, '--project', project], { ...baseEnvironment(root), ...environment }, project);
  return {
    ...{ root, project, start },
    lake: join(project, 'data_lake'),
    database: join(project, 'db', 'lake.duckdb'),
    run: (args, environment) => start(args, environment).end,
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** Nothing of the environment that the tests run in, but where programs are found. */
export function baseEnvironment(root: string): Environment {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: join(root, 'home'),
    TMPDIR: join(root, 'tmp'),
    XDG_CONFIG_HOME: join(root, 'config'),
    XDG_CACHE_HOME: join(root, 'home', 'cache'),
    TOKEN_KEY: CANARY_KEY,
  };
}

function startCli(args: readonly string[], environment: Environment, cwd: string): CliProcess {
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'run.js'), ...args], {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (written[name] += text));
  }
  const end = new Promise<CliEnd>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit, signal) => {
      resolve({ exit, signal, ...written });
    });
  });
  return { child, end, written };
}

let built: Promise<void> | null = null;

/** Builds what is out of date, one process at a time; at once if there is nothing to do. */
async function buildOnce(): Promise<void> {
  built ??= build();
  await built;
}

async function build(): Promise<void> {
  const lock = await takeLock(join(ROOT, 'node_modules', '.lakeveil-build.duckdb'), 'a build for tests', {
    patienceMs: 120_000,
    sleep: (ms) => sleep(ms),
    onWait: () => undefined,
  });
  try {
    const setup = spawn(process.execPath, [join(ROOT, 'scripts', 'setup.mjs')], { stdio: 'inherit' });
    const exit = await new Promise((resolve) => setup.on('close', resolve));
    if (exit !== 0) throw new Error('the command line could not be built');
  } finally {
    await lock.release();
  }
}
