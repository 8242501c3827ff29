import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { build } from 'esbuild';

/** What the benchmarks share: whole processes, measured from their start to their exit. */

export const PACKAGE = join(import.meta.dirname, '..');
export const BIN = join(PACKAGE, 'bin', 'run.js');
export const PAGE_SIZE = 1_000;
export const CONCURRENCY = 8;
const LONGEST_OUTPUT = 2 ** 26;

/** Of a whole process with all that it started. */
export interface Measured {
  readonly wallMs: number;
  /** User and system time on all cores. */
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly stdout: string;
}

/**
 * Node has no `getrusage` of children, and what a process says of itself lacks its end. Children before count too where
 * `python3` is a script that looks for the interpreter.
 */
const MEASURE = `
import json, resource, subprocess, sys, time
def cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
before, since = cpu(), time.monotonic()
code = subprocess.call(sys.argv[1:])
wall = time.monotonic() - since
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
unit = 1 if sys.platform == "darwin" else 1024
print(json.dumps([wall * 1000, (cpu() - before) * 1000, peak * unit / 2**20]), file=sys.stderr)
sys.exit(code)
`;

/** Runs a command to its end. Needs Python 3. @throws if the command fails */
export async function measure(
  command: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Measured> {
  const { stdout, stderr } = await promisify(execFile)('python3', ['-c', MEASURE, ...command], {
    env: environment,
    maxBuffer: LONGEST_OUTPUT,
  });
  const [wallMs = 0, cpuMs = 0, peakMb = 0] = JSON.parse(
    stderr.trim().split('\n').at(-1) ?? '[]',
  ) as number[];
  return { wallMs, cpuMs, peakMb, stdout };
}

/** The same command several times; the run with the median of CPU time. */
export async function measureMedian(rounds: number, command: readonly string[]): Promise<Measured> {
  const runs: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) runs.push(await measure(command));
  return medianOf(runs);
}

/** The run with the median of CPU time. */
export function medianOf(runs: readonly Measured[]): Measured {
  const sorted = runs.toSorted((a, b) => a.cpuMs - b.cpuMs);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new RangeError('no runs');
  return middle;
}

/** Serves pages of people from a process of its own while `work` runs. @param delayMs the wait before each answer */
export async function withPages<T>(
  people: number,
  work: (origin: string) => Promise<T>,
  delayMs = 0,
): Promise<T> {
  const args = ['--import', 'tsx', join(import.meta.dirname, 'page-server.ts')];
  const sizes = [String(people / PAGE_SIZE), String(PAGE_SIZE), String(delayMs)];
  const server = spawn(process.execPath, [...args, ...sizes], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [origin] = (await once(createInterface(server.stdout), 'line')) as [string];
    return await work(origin);
  } finally {
    server.kill();
  }
}

/**
 * Bundles a script as the program is bundled, so that it starts alike. Its imports are relative to `src/`.
 * @returns the file to run
 */
export async function bundle(name: string, script: string): Promise<string> {
  const outfile = join(PACKAGE, 'dist', 'bench', `${name}.js`);
  await build({
    stdin: { contents: script, resolveDir: join(PACKAGE, 'src'), loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'warning',
  });
  return outfile;
}

/** Copies parts of the package into a project. */
export async function copyProject(project: string, parts: readonly string[]): Promise<void> {
  for (const part of parts) await cp(join(PACKAGE, part), join(project, part), { recursive: true });
}

/** The load of the machine over the last minute, as a sentence. */
export function describeLoad(): string {
  return `load of the machine at the start: ${(loadavg()[0] ?? 0).toFixed(2)}`;
}
