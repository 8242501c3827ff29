import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import autocannon from 'autocannon';
import Table from 'cli-table3';

/**
 * `npm run bench:dashboard [-- ROWS [SECONDS]]`: 500 connections request one view after another as fast as they can, from a
 * process on the same cores as the built dashboard, with a lake of ROWS rows. Exits with 1 if the 99th percentile of a
 * view exceeds its limit, or if memory grows with the number of requests.
 */
const ROWS = Number(process.argv[2] ?? 1_000_000);
const SECONDS = Number(process.argv[3] ?? 10);
const READERS = 500;
const PROMISED_P99_MS = 300;
/** Requests per round of the memory test. Memory varies with garbage collection, so the lowest values are compared. */
const ROUND = 10_000;
const ROUNDS = 10;
const GROWTH_MB = 16;
const DEADLINE_MS = 60_000;
const WARM_UP_SECONDS = 3;
const DATES = ['2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20'] as const;

const PACKAGE = join(import.meta.dirname, '..');
const BIN = join(PACKAGE, 'bin', 'run.js');
const dir = await mkdtemp(join(tmpdir(), 'lakeveil-bench-'));
const environment = {
  PATH: process.env['PATH'],
  HOME: dir,
  XDG_CONFIG_HOME: join(dir, 'config'),
  TOKEN_KEY: Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64'),
  RECORDS: String(Math.ceil(ROWS / DATES.length)),
};

interface Server {
  readonly process: ChildProcess;
  readonly origin: string;
  readonly cookie: string;
}

try {
  await land();
  const server = await serve();
  try {
    const paths = await listPaths();
    const isFast = await timePages(server, paths);
    const isFlat = await watchMemory(server, Object.values(paths));
    process.exitCode = isFast && isFlat ? 0 : 1;
  } finally {
    server.process.kill('SIGINT');
    await once(server.process, 'exit');
  }
} finally {
  await rm(dir, { recursive: true, force: true });
}

async function land(): Promise<void> {
  for (const part of ['pipelines/persons.yaml', 'sql/persons']) {
    await mkdir(join(dir, part, '..'), { recursive: true });
    await cp(join(PACKAGE, part), join(dir, part), { recursive: true });
  }
  const dates = ['--from', DATES[0], '--to', DATES.at(-1) ?? ''];
  await promisify(execFile)(process.execPath, [BIN, 'backfill', 'persons', ...dates, '--project', dir], {
    env: environment,
    maxBuffer: 2 ** 26,
  });
}

/** Starts the dashboard as a user would, and signs in. */
async function serve(): Promise<Server> {
  const token = randomBytes(32).toString('hex');
  const file = join(dir, 'dashboard.token');
  await writeFile(file, token, { mode: 0o600 });
  const args = ['dashboard', '--json', '--token-file', file, '--project', dir];
  const server = spawn(process.execPath, [BIN, ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let printed = '';
  for await (const part of server.stdout) {
    printed += String(part);
    if (printed.includes('}')) break;
  }
  const { address } = JSON.parse(printed) as { address: string };
  const origin = address.replace(/\/$/, '');
  const body = new URLSearchParams({ token });
  const { headers } = await fetch(`${origin}/enter`, { method: 'POST', headers: { origin }, body });
  const [cookie = ''] = headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '');
  return { process: server, origin, cookie };
}

async function listPaths(): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await promisify(execFile)(process.execPath, [BIN, 'runs', '--json', '--project', dir], {
    env: environment,
    maxBuffer: 2 ** 26,
  });
  const [runId = ''] = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(stdout) ?? [];
  return {
    overview: '/',
    pipeline: '/pipelines/persons',
    'pipeline, a date': `/pipelines/persons?date=${DATES[0]}`,
    runs: '/runs',
    run: `/runs/${runId}`,
    privacy: '/privacy/persons',
    lake: '/lake/persons',
    CSV: `/pipelines/persons/email_provider_count.csv?date=${DATES[0]}`,
  };
}

/** @returns whether every view stays within its limit */
async function timePages(server: Server, paths: Readonly<Record<string, string>>): Promise<boolean> {
  const firsts = new Map<string, Answer>();
  for (const path of Object.values(paths)) firsts.set(path, await askOnce(server, path));
  // Warm-up: a running dashboard has compiled code and open connections.
  await load(server, Object.values(paths), { duration: WARM_UP_SECONDS });
  const head = ['page', 'kB', 'first ms', 'answers', 'a second', 'p50 ms', 'p99 ms', 'failed', 'cpu µs'];
  const table = new Table({ head, style: { head: [], border: [] } });
  let isFast = true;
  for (const [name, path] of Object.entries(paths)) {
    const first = firsts.get(path);
    const cpuMs = await readCpuMs(server);
    const { latency, requests, non2xx, errors, timeouts } = await load(server, [path], {
      duration: SECONDS,
    });
    const failed = non2xx + errors + timeouts;
    isFast &&= latency.p99 <= PROMISED_P99_MS && failed === 0 && requests.total > READERS;
    table.push([
      ...[name, Math.round((first?.bytes ?? 0) / 1024), Math.round(first?.ms ?? 0), requests.total],
      ...[Math.round(requests.average), latency.p50, latency.p99, failed],
      Math.round((1_000 * ((await readCpuMs(server)) - cpuMs)) / Math.max(1, requests.total)),
    ]);
  }
  const [busy = 0] = loadavg();
  console.log(`${READERS} concurrent readers, ${SECONDS} s per view, a lake of ${ROWS} rows`);
  console.log(`${availableParallelism()} cores, ${busy.toFixed(1)} of them busy (whole machine)`);
  console.log(table.toString());
  return isFast;
}

interface Answer {
  readonly ms: number;
  readonly bytes: number;
}

/** Waits for the view itself, not the loading view. */
async function askOnce({ origin, cookie }: Server, path: string): Promise<Answer> {
  const startedAt = performance.now();
  for (;;) {
    const response = await fetch(origin + path, { headers: { cookie } });
    const body = await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
    if (!response.headers.has('refresh'))
      return { ms: performance.now() - startedAt, bytes: body.byteLength };
    await sleep(20);
  }
}

/** @returns whether memory use is stable over many requests */
async function watchMemory(server: Server, paths: readonly string[]): Promise<boolean> {
  const sizes: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { requests } = await load(server, paths, { amount: ROUND });
    if (requests.total < ROUND) throw new Error(`${requests.total} of ${ROUND} requests were answered`);
    await sleep(500);
    sizes.push(await readResident(server));
  }
  console.log(`resident MB after every ${ROUND} requests over all views: ${sizes.join(', ')}`);
  const half = ROUNDS / 2;
  return Math.min(...sizes.slice(half)) - Math.min(...sizes.slice(0, half)) <= GROWTH_MB;
}

/** Always ends; requests without a response by then are not counted. */
function load(
  { origin, cookie }: Server,
  paths: readonly string[],
  limit: { readonly duration: number } | { readonly amount: number },
): Promise<autocannon.Result> {
  const options: autocannon.Options = {
    ...limit,
    url: origin,
    connections: READERS,
    headers: { cookie, 'accept-encoding': 'gzip, deflate, br, zstd' },
    requests: paths.map((path) => ({ method: 'GET', path })),
  };
  return new Promise((resolve, reject) => {
    const running = autocannon(options, (error: Error | null, result) => {
      clearTimeout(deadline);
      if (error === null) resolve(result);
      else reject(error);
    });
    const deadline = setTimeout(() => {
      running.stop();
    }, DEADLINE_MS);
  });
}

async function readResident({ process: { pid } }: Server): Promise<number> {
  const status = await readFile(`/proc/${pid ?? 'self'}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}

/** CPU time since the start. @see proc(5): utime and stime are in hundredths of a second */
async function readCpuMs({ process: { pid } }: Server): Promise<number> {
  const stat = await readFile(`/proc/${pid ?? 'self'}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}
