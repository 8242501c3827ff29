import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import Table from 'cli-table3';
import type { RunResult } from '../src/base/types/result.js';
import type { RunRecord } from '../src/base/types/run-record.js';
import { readRuns } from '../src/ledger/read-runs.js';

/**
 * `npm run bench [-- SIZE…]`: ingests people with the built command from a server in a separate process, with a new process
 * and an empty lake for each size. Compare the ratio to the bare fetch: absolute times differ between machines and
 * between runs.
 */
const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [30_000, 200_000, 1_000_000];
const PAGE_SIZE = 1_000;
const CONCURRENCY = 8;
const root = join(import.meta.dirname, '..');
const run = promisify(execFile);

const table = new Table({
  head: [
    'people',
    'verb',
    'records/s',
    'ingest ms',
    'bare fetch ms',
    'ratio',
    'total ms',
    'cpu ms',
    'peak MB',
  ],
  style: { head: [], border: [] },
});
for (const people of SIZES) {
  await withPages(people, async (origin) => {
    for (const verb of people === SIZES[0] ? ['ingest', 'run'] : ['ingest']) {
      const bareMs = await fetchBare(origin, people);
      const { result, record } = await ingest(verb, origin, people);
      const { ingest: ingestMs, total } = result.timings_ms;
      const rate = Math.round((people / ingestMs) * 1000);
      const peakMb = Math.round((record.peak_memory_bytes ?? 0) / 2 ** 20);
      const ratio = (ingestMs / bareMs).toFixed(2);
      table.push([
        people,
        verb,
        rate,
        ingestMs,
        Math.round(bareMs),
        ratio,
        total,
        record.cpu_ms ?? 0,
        peakMb,
      ]);
      console.error(`${people} ${verb}, busy ms by stage: ${describeStages(record)}`);
    }
  });
}
console.log(table.toString());
console.log(
  `A bare start of Node: ${await timeStart(['-e', '0'])} ms; of \`pipeline --version\`: ${await timeStart([join(root, 'bin/run.js'), '--version'])} ms`,
);

async function withPages(people: number, work: (origin: string) => Promise<void>): Promise<void> {
  const args = ['--import', 'tsx', join(import.meta.dirname, 'page-server.ts')];
  const server = spawn(process.execPath, [...args, String(people / PAGE_SIZE), String(PAGE_SIZE)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [origin] = (await once(createInterface(server.stdout), 'line')) as [string];
    await work(origin);
  } finally {
    server.kill();
  }
}

async function fetchBare(origin: string, people: number): Promise<number> {
  const script = join(import.meta.dirname, 'bare-fetch.ts');
  const args = ['--import', 'tsx', script, origin, String(people / PAGE_SIZE), String(CONCURRENCY)];
  const { stdout } = await run(process.execPath, args);
  return Number(stdout);
}

async function ingest(
  verb: string,
  origin: string,
  people: number,
): Promise<{ result: RunResult; record: RunRecord }> {
  const project = mkdtempSync(join(tmpdir(), 'lakeveil-bench-'));
  try {
    for (const folder of ['pipelines', 'sql'])
      cpSync(join(root, folder), join(project, folder), { recursive: true });
    const flags = ['--source', origin, '--records', String(people), '--concurrency', String(CONCURRENCY)];
    const args = [
      join(root, 'bin/run.js'),
      verb,
      'persons',
      '--json',
      '--quiet',
      '--project',
      project,
      ...flags,
    ];
    const { stdout } = await run(process.execPath, args, { maxBuffer: 2 ** 26 });
    const [record] = (await readRuns(join(project, 'data_lake'), 1)).runs;
    if (record === undefined) throw new RangeError('the run has no ledger entry');
    return { result: JSON.parse(stdout) as RunResult, record };
  } finally {
    rmSync(project, { recursive: true });
  }
}

function describeStages({ stages }: RunRecord): string {
  return stages.map(({ stage, busy_ms }) => `${stage} ${busy_ms}`).join(', ');
}

/** Median of nine runs. */
async function timeStart(args: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 9; i++) {
    const startedAt = performance.now();
    await run(process.execPath, args);
    times.push(performance.now() - startedAt);
  }
  return Math.round(times.sort((a, b) => a - b)[4] ?? 0);
}
