import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { splitPages } from '../../src/ingest/crew/share-pages.js';
import { readRuns } from '../../src/ledger/read-runs.js';
import { makeEffects, sendJson, serve } from '../source/harness.js';
import { DATE, makeProject, readAll } from './land-project.js';

const CANARY = 'kanary-xq@leak.example';
const NOW = { now: () => new Date('2026-03-02T03:00:00Z') };
const FILE = `${DATE.replaceAll('-', '/')}/people.parquet`;
const PARTS = FILE.replace('.parquet', '*.parquet');
const WORKER = 'worker-from-source';

const KINDS = {
  seed: {
    time: 'seeded',
    pagination: '{ type: seed, size_param: size, size: 5, seed_param: seed, total: 120 }',
  },
  page: {
    time: 'by_date',
    pagination: '{ type: page, page_param: page, start: 0, size_param: size, size: 5, total_path: total }',
  },
  /** As long as a segment of two pages, whatever the source gives. */
  'page of short segments': {
    time: 'by_date',
    pagination:
      '{ type: page, page_param: page, start: 0, size_param: size, size: 61440, total_path: total }',
  },
  offset: {
    time: 'by_date',
    pagination: '{ type: offset, offset_param: skip, size_param: size, size: 5, total_path: total }',
  },
  'page without a total': {
    time: 'by_date',
    pagination: '{ type: page, page_param: page, start: 0, size_param: size, size: 5 }',
  },
  cursor: {
    time: 'by_date',
    pagination: '{ type: cursor, cursor_param: skip, next_path: next, size_param: size, size: 5 }',
  },
} as const;
type Kind = keyof typeof KINDS;

interface Behaviour {
  /** Called with each request, counted from 1; the status of the answer, if it is not 200. */
  readonly onRequest?: (count: number) => number | undefined;
  /** Every page is the same. */
  readonly isStuck?: boolean;
  /** No field is so rare that its name cannot be kept. */
  readonly isPlain?: boolean;
  readonly rateLimit?: string;
}

/** 120 people: of some the contract rejects a field or the record; some come twice, and some fields are not declared. */
async function makeSource(
  kind: Kind,
  { onRequest, isStuck = false, isPlain = false, rateLimit }: Behaviour = {},
) {
  const { time, pagination } = KINDS[kind];
  let processes = 0;
  const server = await serve(({ query }, response, count) => {
    processes = Math.max(processes, listWorkers().length);
    const status = onRequest?.(count);
    if (status !== undefined) {
      response.writeHead(status).end();
      return;
    }
    const seed = query.get('seed');
    const asked = Number(seed ?? query.get('page') ?? Number(query.get('skip') ?? 0) / 5);
    const index = isStuck ? 0 : asked % 100_000;
    const size = seed === null && index >= 24 ? 0 : 5;
    const data = Array.from({ length: size }, (_, row) => ({
      id: row === 0 && index % 6 === 0 ? 99_999 : (index * 5 + row) % 99_999,
      email: row === 3 ? 7 : `${index}-${row}-${CANARY}`,
      city: row === 2 ? 4 : `city ${index % 7}`,
      extra: row,
      ...(index === 20 && !isPlain ? { rare_field: 1 } : {}),
    }));
    const next = (index + 1) * 5 < 120 ? (index + 1) * 5 : null;
    sendJson(response, { data, ...(kind.includes('without') ? {} : { total: 120 }), next });
  });
  const limit = rateLimit === undefined ? '' : `, rate_limit: ${rateLimit}`;
  const project = await makeProject({
    'pipelines/shop.yaml': `
pipeline: shop
source: { base_url: ${server.url.origin}, retries: 0, concurrency: 3${limit} }
datasets:
  people:
    time: ${time}
    request: { path: '/people', query: { date: '{date}' }, records: data, pagination: ${pagination} }
    contract:
      max_rejected: 50%
      schema:
        type: object
        required: [id]
        properties:
          id: { type: integer, minimum: 0, maximum: 99999, x-pii: none }
          email: { type: string, maxLength: 80, x-pii: direct }
          city: { type: [string, 'null'], maxLength: 80, x-pii: quasi, x-on-invalid: set_null }
    landing:
      id: { from: id, treat: keep, reviewed: a number of the test }
      person: { from: email, treat: token, scope: person }
      city: { from: city, treat: keep, reviewed: 'made up' }
    primary_key: [id]
`,
  });
  return { server, project, countProcesses: () => processes };
}

const land = (project: Awaited<ReturnType<typeof makeProject>>, most: number, effects = {}) =>
  project.land({ workers: { most, pagesEach: 1 } }, { ...NOW, ...effects });

/** Process ids of workers of this process. */
function listWorkers(): number[] {
  try {
    const found = execFileSync('pgrep', ['-P', String(process.pid), '-f', WORKER]);
    return found.toString().trim().split('\n').map(Number);
  } catch {
    return [];
  }
}

/** Files below a folder that hold a raw value. */
function findRaw(dir: string): string[] {
  try {
    return execFileSync('grep', ['-rlaF', CANARY, dir]).toString().trim().split('\n');
  } catch {
    return []; // none
  }
}

async function listStaging(dir: string): Promise<string[]> {
  const names = await readdir(join(dir, 'data_lake', '_staging')).catch(() => []);
  return names.filter((name) => name !== 'resume');
}

/** Everything that a run says and leaves of a date. */
async function describeLanding(kind: Kind, most: number) {
  const { project, countProcesses } = await makeSource(kind);
  let advanced = 0;
  const progress = { ...makeEffects({}).progress, advance: (records: number) => void (advanced += records) };
  const { datasets } = await land(project, most, { progress });
  const files = await readAll(join(project.dir, 'data_lake'));
  const { counts, observed_sha256 } = await project.manifest(FILE.replace('.parquet', '.manifest.json'));
  const bytes = Object.entries(files).filter(([name]) => name.endsWith('.parquet'));
  const [run] = (await readRuns(join(project.dir, 'data_lake'), 1)).runs;
  const landed = {
    stages: run?.stages.map(({ stage, rows_in, rows_out }) => [stage, rows_in, rows_out]),
    datasets,
    counts,
    observed_sha256,
    bytes,
    advanced,
    staging: await listStaging(project.dir),
  };
  return { landed, processes: countProcesses() };
}

describe('with several workers', () => {
  it.each([
    ['seed', 2, 2],
    ['seed', 3, 3],
    ['page', 2, 2],
    ['page', 3, 3],
    ['page of short segments', 2, 2],
    ['page of short segments', 3, 3],
    ['offset', 3, 3],
    ['page without a total', 3, 0],
    ['cursor', 3, 0],
  ] as const)('a date of pagination %s is the same as with one: %i workers', async (kind, most, started) => {
    const alone = await describeLanding(kind, 1);
    const shared = await describeLanding(kind, most);
    expect(shared.landed).toEqual(alone.landed);
    expect(alone.landed.counts).toMatchObject({ fetched: 120 });
    expect(alone.landed.counts.rejected).toBeGreaterThan(0);
    expect(alone.landed.counts.duplicates).toBeGreaterThan(0);
    expect([alone.processes, shared.processes]).toEqual([0, started]);
  });

  it('a worker that is killed fails the run, and nothing lands', async () => {
    const { project } = await makeSource('page', {
      onRequest: (count) => {
        const [worker] = count === 7 ? listWorkers() : [];
        if (worker !== undefined) process.kill(worker, 'SIGKILL');
        return undefined;
      },
    });
    await expect(land(project, 2)).rejects.toMatchObject({
      code: 'E_MASK',
      message: expect.stringContaining('a worker process ended by SIGKILL') as string,
    });
    expect(await listStaging(project.dir)).toEqual([]);
    await expect(readFile(join(project.dir, 'data_lake/raw', FILE))).rejects.toThrow();
    expect(listWorkers()).toEqual([]);
  });

  it.each(['page', 'page of short segments'] as const)(
    'a pull that fails is gone on with by the next try, whatever its workers: %s',
    async (kind) => {
      const plain = await makeSource(kind, { isPlain: true });
      await land(plain.project, 1);
      const broken = await makeSource(kind, {
        isPlain: true,
        onRequest: (count) => (count === 18 ? 503 : undefined),
      });
      const failed: unknown = await land(broken.project, 2).catch((error: unknown) => error);
      expect(failed).toMatchObject({ code: 'E_SOURCE_STATUS', exit: 3 });
      expect(failed).toMatchObject({ where: { kept_pages: expect.any(Number) as number } });
      const before = broken.server.asked.length;
      await land(broken.project, 3);
      expect(broken.server.asked.length - before).toBeLessThan(24);
      expect(await broken.project.rows(PARTS)).toEqual(await plain.project.rows(PARTS));
    },
  );

  it('a source that repeats a page is noticed across workers', async () => {
    const { project } = await makeSource('page', { isStuck: true });
    await expect(land(project, 3)).rejects.toMatchObject({ code: 'E_SOURCE_ENDLESS' });
  });

  it('the rate limit of the run counts the requests of all of them', async () => {
    const { project, server } = await makeSource('seed', { rateLimit: '4/s' });
    const waits: number[] = [];
    const sleep = (ms: number): Promise<void> => {
      waits.push(ms);
      return Promise.resolve();
    };
    await land(project, 3, { sleep });
    // By a clock that stands still: four requests in each span of 1,100 ms, the first four at once.
    const due = server.asked.map((_, request) => 1_100 * Math.floor(request / 4));
    expect(waits.sort((one, other) => one - other)).toEqual(due.slice(4));
  });

  it('no raw value is in a file of the project, nor while they work', async () => {
    const found: string[] = [];
    let dir = '';
    const { project } = await makeSource('page', {
      onRequest: (count) => {
        if (count % 6 === 0) found.push(...findRaw(dir));
        return undefined;
      },
    });
    dir = project.dir;
    await land(project, 2);
    expect(found).toEqual([]);
    for (const bytes of Object.values(await readAll(project.dir)))
      expect(Buffer.from(bytes, 'base64').includes(CANARY)).toBe(false);
    expect(JSON.stringify(await project.rows(FILE))).not.toContain(CANARY);
  });
});

test.each([
  [10, 2, 1, [5, 5]],
  [10, 3, 1, [4, 4, 2]],
  [200, 2, 50, [100, 100]],
  [210, 2, 50, [150, 60]],
  [30, 2, 122, [15, 15]],
])('%i pages for %i workers, segments of %i: ranges of %j', (pages, count, unit, lengths) => {
  const ranges = splitPages([...Array(pages).keys()], count, unit);
  expect(ranges.map(({ length }) => length)).toEqual(lengths);
  expect(ranges.flat()).toEqual([...Array(pages).keys()]);
});
