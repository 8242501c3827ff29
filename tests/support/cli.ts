import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { takeLock } from '../../src/lake/lock.js';
import { CANARY_KEY } from './canary-people.js';
import { type Ended, type Program, start } from './kill-harness.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a finished command left behind; `exit` is null where a signal ended it. */
export type CliEnd = Omit<Ended, 'code'> & { readonly exit: number | null };

export type Environment = Readonly<Record<string, string>>;

/** A project in a folder of its own, with everything that a process of it can write to. */
export interface Sandbox {
  /** Holds the project, the temporary folder and the user's folders: all that a scan must look at. */
  readonly root: string;
  readonly project: string;
  readonly lake: string;
  readonly database: string;
  /** A command line of the built CLI, to be started or killed. */
  readonly program: (args: readonly string[], environment?: Environment) => Program;
  readonly run: (args: readonly string[], environment?: Environment) => Promise<CliEnd>;
  readonly remove: () => Promise<void>;
}

/** Changes the text of a pipeline's page. */
export type Edit = (yaml: string) => string;

/** A sandbox with one of the shipped pipelines, alone: its page, the files beside it, its SQL. */
export async function makeSandbox(edit: Edit = (yaml) => yaml, pipeline = 'persons'): Promise<Sandbox> {
  await buildOnce();
  const sandbox = openSandbox(await makeRoot());
  const { root, project } = sandbox;
  for (const folder of ['tmp', 'config', 'home', 'project']) await mkdir(join(root, folder));
  const page = join(project, 'pipelines', `${pipeline}.yaml`);
  for (const path of [`pipelines/${pipeline}.yaml`, `pipelines/${pipeline}`, `sql/${pipeline}`]) {
    if (existsSync(join(ROOT, path))) await cp(join(ROOT, path), join(project, path), { recursive: true });
  }
  await writeFile(page, edit(await readFile(page, 'utf8')));
  return sandbox;
}

/**
 * A sandbox that begins with all that another one holds, such as a date that has landed. Until its warehouse is built
 * again, `bronze` there reads the files of the other one.
 */
export async function copySandbox(original: Sandbox): Promise<Sandbox> {
  const sandbox = openSandbox(await makeRoot());
  await cp(original.root, sandbox.root, { recursive: true });
  return sandbox;
}

async function makeRoot(): Promise<string> {
  return await realpath(await mkdtemp(join(tmpdir(), 'lakeveil-cli-')));
}

function openSandbox(root: string): Sandbox {
  const project = join(root, 'project');
  const program = (args: readonly string[], environment: Environment = {}): Program => ({
    args: [join(ROOT, 'bin', 'run.js'), ...args, '--project', project],
    env: { ...baseEnvironment(root), ...environment },
    cwd: project,
  });
  return {
    ...{ root, project, program },
    lake: join(project, 'data_lake'),
    database: join(project, 'db', 'lake.duckdb'),
    run: async (args, environment) => {
      const { code: exit, ...rest } = await start(program(args, environment)).ended;
      return { exit, ...rest };
    },
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
    // Every scan of what a command wrote looks at its events, too.
    LINEAGE_FILE: join(root, 'home', 'lineage.jsonl'),
  };
}

let built: Promise<void> | null = null;

/** Builds what is out of date, one process at a time; at once if there is nothing to do. */
export async function buildOnce(): Promise<void> {
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
