import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { baseEnvironment, type Environment, type Sandbox } from './cli.js';
import { type Ended, start } from './kill-harness.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Airflow of a virtual environment, with the DAGs of the project and files of its own. */
export interface Airflow {
  /** Everything that Airflow writes: database, logs, configuration. */
  readonly home: string;
  readonly environment: Environment;
  /** Runs `airflow …`. */
  readonly run: (args: readonly string[], more?: Environment) => Promise<Ended>;
  /** Runs Python with Airflow's packages, and gives what it printed as JSON. */
  readonly ask: (script: string) => Promise<unknown>;
  /** Starts a server, such as the scheduler, in a process group of its own. */
  readonly serve: (args: readonly string[]) => ChildProcess;
}

/** The folder of the virtual environment; null where there is none. Where everything must be tried, that is a failure. */
export function findAirflow(): string | null {
  const venv = process.env['AIRFLOW_VENV'] ?? '';
  if (existsSync(join(venv, 'bin', 'airflow'))) return venv;
  if (process.env['REQUIRE_INTEGRATION'] === '1') throw new Error('Airflow is not installed');
  console.log('skipped: the DAGs, since AIRFLOW_VENV names no virtual environment with Airflow');
  return null;
}

/** Also adds the pools of the DAGs. @param database the address of a server's database; null for a file of SQLite */
export async function openAirflow(
  venv: string,
  sandbox: Sandbox,
  more: Environment,
  database: string | null = null,
): Promise<Airflow> {
  const home = join(sandbox.root, database === null ? 'airflow' : 'airflow-served');
  await mkdir(home, { recursive: true });
  const environment = {
    ...baseEnvironment(sandbox.root),
    PATH: `${join(venv, 'bin')}:${process.env['PATH'] ?? ''}`,
    AIRFLOW_HOME: home,
    AIRFLOW__CORE__DAGS_FOLDER: join(ROOT, 'airflow', 'dags'),
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    ...(database !== null && { AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: database }),
    LAKEVEIL_COMMAND: `${process.execPath} ${join(ROOT, 'bin', 'run.js')}`,
    LAKEVEIL_PROJECT: sandbox.project,
    LAKEVEIL_RETRY_SECONDS: '0',
    PYTHONDONTWRITEBYTECODE: '1',
    ...more,
  };
  const program = join(venv, 'bin', 'airflow');
  const run = (args: readonly string[], extra: Environment = {}): Promise<Ended> =>
    start({ command: program, args, env: { ...environment, ...extra }, cwd: home }).ended;
  const python = join(venv, 'bin', 'python');
  const script = join(ROOT, 'airflow', 'dags', 'lakeveil.py');
  const pools = await start({ command: python, args: [script], env: environment, cwd: home }).ended;
  await writeFile(join(home, 'pools.json'), pools.stdout);
  for (const line of [
    ['db', 'migrate'],
    ['pools', 'import', 'pools.json'],
  ]) {
    const { code, stderr } = await run(line);
    if (code !== 0) throw new Error(`airflow ${line.join(' ')}: ${stderr}`);
  }
  return {
    ...{ home, environment, run },
    ask: (text) => askPython(python, text, environment, home),
    serve: (args) => spawn(program, args, { env: environment, cwd: home, detached: true, stdio: 'ignore' }),
  };
}

function askPython(python: string, script: string, env: Environment, cwd: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    execFile(python, ['-c', script], { env, cwd, maxBuffer: 100_000_000 }, (error, stdout) => {
      if (error === null) resolve(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
      else reject(new Error(`Python: ${error.message}`));
    });
  });
}
