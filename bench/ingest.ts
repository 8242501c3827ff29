import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atLeast, atMost, type Figure, known } from './figures.js';
import {
  BIN,
  CONCURRENCY,
  copyProject,
  measure,
  type Measured,
  medianOf,
  PAGE_SIZE,
  withPages,
} from './measure.js';

/** Whole processes on an empty lake, with pages of people from a server in a process of its own. */

const ALONE = ['pipelines/persons.yaml', 'sql/persons'];
const DELAY_MS = 200;
const MANY = 200_000;
const MOST = 1_000_000;

interface Ingest {
  readonly run: Measured;
  /** From the first request to the commit. */
  readonly ingestMs: number;
}

/** @param parts of the package that the project has */
async function ingest(
  verb: 'ingest' | 'run',
  origin: string,
  people: number,
  parts: readonly string[] = ALONE,
  flags: readonly string[] = [],
): Promise<Ingest> {
  const project = await mkdtemp(join(tmpdir(), 'lakeveil-bench-'));
  try {
    await copyProject(project, parts);
    const source = ['--source', origin, '--records', String(people), '--concurrency', String(CONCURRENCY)];
    const command = [process.execPath, BIN, verb, 'persons', '--json', '--quiet', '--project', project];
    const run = await measure([...command, ...source, ...flags]);
    const { timings_ms } = JSON.parse(run.stdout) as { timings_ms: { ingest: number } };
    return { run, ingestMs: timings_ms.ingest };
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}

/** The one with the median of CPU time. */
async function repeat(rounds: number, work: () => Promise<Ingest>): Promise<Ingest> {
  const all: Ingest[] = [];
  for (let round = 0; round < rounds; round += 1) all.push(await work());
  const run = medianOf(all.map((one) => one.run));
  return all.find((one) => one.run === run) ?? { run, ingestMs: run.wallMs };
}

async function fetchBare(origin: string, people: number): Promise<number> {
  const script = join(import.meta.dirname, 'bare-fetch.ts');
  const args = [origin, String(people / PAGE_SIZE), String(CONCURRENCY)];
  return Number((await measure([process.execPath, '--import', 'tsx', script, ...args])).stdout);
}

/** A whole run, from the start of the process to its exit, with all five pipelines in the project. */
export async function measureRuns(): Promise<Figure[]> {
  const all = ['pipelines', 'sql'];
  const few = await withPages(1_000, (origin) => repeat(5, () => ingest('run', origin, 1_000, all)));
  const day = await withPages(30_000, (origin) => repeat(5, () => ingest('run', origin, 30_000, all)));
  const many = await withPages(MANY, (origin) => repeat(3, () => ingest('run', origin, MANY, all)));
  const more = ((many.run.cpuMs - day.run.cpuMs) / (MANY - 30_000)) * 1_000;
  return [
    atMost('run of 1,000 people, CPU', few.run.cpuMs / 1_000, 1.1, 's', few.run),
    atMost('run of 30,000 people, CPU', day.run.cpuMs / 1_000, 1.8, 's', day.run),
    atMost('run of 30,000 people, wall', day.run.wallMs / 1_000, 1.3, 's', day.run),
    atMost(`each 1,000 people more, up to ${MANY.toLocaleString('en')}, CPU`, more, 27, 'ms', many.run),
  ];
}

/** People a second from the first request to the commit, and a bare fetch of the same pages. */
export async function measureRates(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [people, target] of [
    [MANY, 85_000],
    [MOST, 100_000],
  ] as const) {
    await withPages(people, async (origin) => {
      const bareMs = await fetchBare(origin, people);
      const { run, ingestMs } = await repeat(people === MOST ? 1 : 3, () => ingest('ingest', origin, people));
      const size = people.toLocaleString('en');
      figures.push(
        atLeast(`ingest of ${size} people`, (people / ingestMs) * 1_000, target, 'a second', run),
        known(`  over a bare fetch of the pages`, ingestMs / bareMs, '×'),
        known(`  peak memory`, run.peakMb, 'MB'),
      );
    });
  }
  return figures;
}

/** With worker processes, where the command has them. */
export async function measureWorkers(): Promise<Figure[]> {
  const help = await measure([process.execPath, BIN, 'ingest', '--help']);
  if (!help.stdout.includes('--workers')) return [];
  return withPages(MANY, async (origin) => {
    const bareMs = await fetchBare(origin, MANY);
    const figures: Figure[] = [];
    let oneMs = 0;
    for (const workers of [1, 2, 4]) {
      const { run, ingestMs } = await repeat(3, () =>
        ingest('ingest', origin, MANY, ALONE, ['--workers', String(workers)]),
      );
      if (workers === 1) oneMs = ingestMs;
      const name = `ingest with --workers ${workers}`;
      figures.push(
        atMost(`${name}, over one`, ingestMs / oneMs, 1, '×', run),
        known(`  over a bare fetch of the pages`, ingestMs / bareMs, '×'),
      );
    }
    return figures;
  });
}

/** A source that takes 200 ms for each page. */
export async function measureLatency(): Promise<Figure[]> {
  const people = 30_000;
  return withPages(
    people,
    async (origin) => {
      const bareMs = Math.min(await fetchBare(origin, people), await fetchBare(origin, people));
      const { run, ingestMs } = await repeat(3, () => ingest('ingest', origin, people));
      const name = `30,000 people at ${DELAY_MS} ms a page, over a bare fetch`;
      return [atMost(name, ingestMs / bareMs, 1.1, '×', run)];
    },
    DELAY_MS,
  );
}
