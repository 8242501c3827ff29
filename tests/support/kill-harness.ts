import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Starts programs in processes of their own and kills them without warning (SIGKILL), where and when a test says. */

export interface Ended {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  /** Absolute path; Node where it is left out. */
  readonly command?: string;
  /** Of Node: a script and its own arguments. */
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The whole environment of the process. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when the process is gone and its output is read. */
  readonly ended: Promise<Ended>;
  /** The next line that the process writes to stdout; rejects if it ends first. */
  readonly nextLine: () => Promise<string>;
}

/** Arguments that run a TypeScript file beside this one. */
export function scriptArgs(script: string, input: unknown): string[] {
  return ['--import', 'tsx', join(import.meta.dirname, script), JSON.stringify(input)];
}

export function start({ command = process.execPath, args, cwd, env }: Program): Running {
  const child = spawn(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'], ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const ended = once(child, 'close').then((): Ended => ({
    code: child.exitCode,
    signal: child.signalCode,
    ...output,
  }));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const line: IteratorResult<string, undefined> = await lines.next();
    if (line.done === true) throw new Error(`the process ended without a line: ${output.stderr}`);
    return line.value;
  };
  return { child, ended, nextLine };
}

/** Kills one process, and waits until it is gone. */
export async function kill({ child, ended }: Running): Promise<Ended> {
  child.kill('SIGKILL');
  return ended;
}

export interface Moment {
  /** Uniform in [0, 1): from a seed, so that a failure can be had again. */
  readonly random: () => number;
  /** The process is killed before so many milliseconds have passed, if it has not ended by then. */
  readonly withinMs: number;
}

/** Runs a program and kills it at a random moment. `signal` is null if it came to its end before. */
export async function killAtRandom(
  program: Program,
  { random, withinMs }: Moment,
): Promise<Ended & { readonly afterMs: number }> {
  const afterMs = Math.floor(random() * withinMs);
  const running = start(program);
  const timer = setTimeout(() => running.child.kill('SIGKILL'), afterMs);
  try {
    return { ...(await running.ended), afterMs };
  } finally {
    clearTimeout(timer);
  }
}

/** A small generator of random numbers (mulberry32): the same seed gives the same moments. */
export function seedRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
