import { spawn, spawnSync } from 'node:child_process';
import { readSmallFileSync } from './files/small-file.js';

/**
 * A core file holds the memory of a process that crashed: raw values and the key. Commands that read a source therefore
 * work under a core limit of 0. Node cannot set a limit, but `prlimit` sets that of this process; where there is none, a
 * shell starts the command again under one.
 */

/** Commands that hold raw values or the key of tokens in memory. */
const READ_A_SOURCE = [
  ...['run', 'ingest', 'fetch-data', 'backfill', 'new', 'adopt'],
  ...['dashboard', 'schedule'],
];
/** Says that the command was started again, so that it is not once more. */
const RESTARTED = 'LAKEVEIL_CORE_LIMITED';

const WARNING =
  'Warning: a crash may write raw values to a core file: run `ulimit -c 0` first, or see `pipeline doctor`\n';

/** How the process is looked at and changed; a test hands in its own. */
export interface CoreEffects {
  /** Text of `/proc/self/limits`; '' where there is none. */
  readonly readLimits: () => string;
  /** Sets the limit of this process; false if that is not possible. */
  readonly lower: () => boolean;
  readonly warn: (text: string) => void;
}

const REAL: CoreEffects = {
  readLimits: () => readKernelFile('/proc/self/limits'),
  // Without an environment, it is looked for where the system has it.
  lower: () =>
    spawnSync('prlimit', ['--core=0:0', '--pid', String(process.pid)], { stdio: 'ignore', env: {} })
      .status === 0,
  warn: (text) => process.stderr.write(text),
};

/** The soft limit of core files, such as `0` or `unlimited`; null where it cannot be read. */
export function readCoreLimit(limits: string): string | null {
  return /^Max core file size\s+(\S+)/m.exec(limits)?.[1] ?? null;
}

/** '' where the kernel has no such file. */
export function readKernelFile(path: string): string {
  try {
    const file = readSmallFileSync(path);
    return file.kind === 'text' ? file.text : '';
  } catch {
    return '';
  }
}

/**
 * What is needed so that a command leaves no core file: nothing more, or to start it again. Warns if neither is possible.
 */
export function limitCoreFiles(
  command: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  { readLimits, lower, warn }: CoreEffects = REAL,
): 'done' | 'restart' {
  if (!READ_A_SOURCE.includes(command ?? '')) return 'done';
  const isLow = (): boolean => ['0', null].includes(readCoreLimit(readLimits()));
  if (isLow() || (lower() && isLow())) return 'done';
  if (environment[RESTARTED] === undefined) return 'restart';
  warn(WARNING);
  return 'done';
}

/**
 * Starts this command again by a shell that sets the limit and then becomes the command. Passes signals on, unless the
 * terminal has sent them to both, and ends as the command ends.
 */
export async function restartWithoutCoreFiles(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const [, script = '', ...args] = process.argv;
  const command = [process.execPath, ...process.execArgv, script, ...args];
  const child = spawn('/bin/sh', ['-c', 'ulimit -c 0; exec "$0" "$@"', ...command], {
    stdio: 'inherit',
    env: { ...environment, [RESTARTED]: '1' },
  });
  const isTerminal = process.stdin.isTTY || process.stderr.isTTY;
  const pass = (signal: NodeJS.Signals): void => {
    if (signal !== 'SIGINT' || !isTerminal) child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal === null) resolve(code ?? 1);
      else {
        process.removeAllListeners(signal);
        process.kill(process.pid, signal);
      }
    });
  });
}
