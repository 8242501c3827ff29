import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LakeveilError } from '../../src/base/errors.js';
import { sendJson, serve } from '../source/harness.js';
import { DATE, makeProject, readAll } from './land-project.js';

const CANARY = 'kanary-xq@leak.example';
const NOW = Date.parse('2026-03-02T03:00:00Z');
const at = (minutes: number) => ({ now: () => new Date(NOW + minutes * 60_000) });

/** Pages of a kind of pagination, as a definition and as requests have them. */
const KINDS = {
  seed: {
    time: 'seeded',
    path: '/people',
    pagination: '{ type: seed, size_param: size, size: 5, seed_param: seed, total: 60 }',
  },
  page: {
    time: 'by_date',
    path: '/people/{date}',
    pagination: '{ type: page, page_param: page, start: 0, size_param: size, size: 5, total_path: total }',
  },
  'page without a total': {
    time: 'by_date',
    path: '/people/{date}',
    pagination: '{ type: page, page_param: page, start: 0, size_param: size, size: 5 }',
  },
  offset: {
    time: 'by_date',
    path: '/people/{date}',
    pagination: '{ type: offset, offset_param: skip, size_param: size, size: 5, total_path: total }',
  },
  'offset without a total': {
    time: 'by_date',
    path: '/people/{date}',
    pagination: '{ type: offset, offset_param: skip, size_param: size, size: 5 }',
  },
  cursor: {
    time: 'by_date',
    path: '/people/{date}',
    pagination: '{ type: cursor, cursor_param: skip, next_path: next, size_param: size, size: 5 }',
  },
} as const;
type Kind = keyof typeof KINDS;

interface Faults {
  /** Requests, counted from 1 over all runs, that fail. */
  readonly failing: (count: number) => boolean;
  /** Added to every city, to change what the source answers. */
  suffix: string;
}

/** A source of 60 people, some of whom the contract rejects, with an undeclared field and an order of their own. */
async function makeSource(kind: Kind, faults: Faults) {
  const { time, path, pagination } = KINDS[kind];
  const seeds: string[] = [];
  const server = await serve(({ query }, response, count) => {
    if (faults.failing(count)) {
      response.writeHead(503).end();
      return;
    }
    const seed = query.get('seed');
    if (seed !== null && !seeds.includes(seed)) seeds.push(seed);
    const index =
      seed === null ? Number(query.get('page') ?? Number(query.get('skip') ?? 0) / 5) : Number(seed) % 1000;
    const size = Math.max(0, Math.min(5, 60 - (seed === null ? index * 5 : 0)));
    const data = Array.from({ length: size }, (_, row) => ({
      id: (index * 5 + row) % 100_000,
      email: row === 3 ? 7 : `${index}-${row}-${CANARY}`,
      city: `city ${index % 7}${faults.suffix}`,
      extra: row,
    }));
    const next = (index + 1) * 5 < 60 ? (index + 1) * 5 : null;
    sendJson(response, { data, ...(kind.endsWith('total') ? {} : { total: 60 }), next });
  });
  const project = await makeProject({
    'pipelines/shop.yaml': `
pipeline: shop
source: { base_url: ${server.url.origin}, retries: 0, concurrency: 3 }
datasets:
  people:
    time: ${time}
    request: { path: '${path}', records: data, pagination: ${pagination} }
    contract:
      max_rejected: 50%
      schema:
        type: object
        required: [id]
        properties:
          id: { type: integer, minimum: 0, maximum: 99999, x-pii: none }
          email: { type: string, maxLength: 80, x-pii: direct }
          city: { type: string, maxLength: 80, x-pii: quasi, x-on-invalid: set_null }
    landing:
      id: { from: id, treat: keep, reviewed: a number of the test }
      person: { from: email, treat: token, scope: person }
      city: { from: city, treat: keep, reviewed: 'made up' }
    ${time === 'seeded' ? '' : 'primary_key: [id]'}
`,
  });
  return { server, project };
}

const FILE = `${DATE.replaceAll('-', '/')}/people.parquet`;

async function describeLanding(project: Awaited<ReturnType<typeof makeProject>>) {
  const { files, counts, observed_sha256 } = await project.manifest(
    FILE.replace('.parquet', '.manifest.json'),
  );
  return { files, counts, observed_sha256, rows: await project.rows(FILE) };
}

const RESUMED: readonly Kind[] = ['seed', 'page', 'page without a total', 'offset', 'offset without a total'];

async function keptIn(dir: string): Promise<string[]> {
  return readdir(join(dir, 'data_lake', '_staging', 'resume')).catch(() => []);
}

describe('a pull that failed', () => {
  it.each(RESUMED)(
    'is gone on with by the next try, and lands what an undisturbed run lands: %s',
    async (kind) => {
      const plain = await makeSource(kind, { failing: () => false, suffix: '' });
      const undisturbed = (await plain.project.land({}, at(0))).datasets[0];
      const broken = await makeSource(kind, { failing: (count) => count === 6 || count === 11, suffix: '' });
      const failed: unknown = await broken.project.land({}, at(0)).catch((error: unknown) => error);
      expect(failed).toMatchObject({ code: 'E_SOURCE_STATUS' });
      expect((failed as LakeveilError).where.kept_pages).toBeGreaterThan(2);
      expect(await keptIn(broken.project.dir)).toHaveLength(1);
      const before = broken.server.asked.length;
      await expect(broken.project.land({}, at(10))).rejects.toMatchObject({ code: 'E_SOURCE_STATUS' });
      const result = (await broken.project.land({}, at(20))).datasets[0];
      expect(before).toBeGreaterThan(4);
      expect(broken.server.asked.length).toBeLessThan(plain.server.asked.length + 8);
      expect(await describeLanding(broken.project)).toEqual(await describeLanding(plain.project));
      expect({ ...result, partitions: [], partition: null }).toEqual({
        ...undisturbed,
        partitions: [],
        partition: null,
      });
      expect(await keptIn(broken.project.dir)).toEqual([]);
    },
  );

  it('keeps no raw value, and no digest without a key', async () => {
    const { project } = await makeSource('page', { failing: (count) => count === 6, suffix: '' });
    await expect(project.land({}, at(0))).rejects.toMatchObject({ code: 'E_SOURCE_STATUS' });
    for (const bytes of Object.values(await readAll(join(project.dir, 'data_lake')))) {
      expect(Buffer.from(bytes, 'base64').toString('latin1')).not.toContain(CANARY);
    }
  });

  it.each<[string, (project: { dir: string }, faults: Faults) => Promise<void> | void, number, object]>([
    ['the source answers otherwise', (_, faults) => void (faults.suffix = '!'), 10, {}],
    ['more than an hour has passed', () => undefined, 61, {}],
    ['another date is asked for', () => undefined, 10, { date: '2026-02-28' }],
    [
      'the definition has changed',
      async ({ dir }) => {
        const file = join(dir, 'pipelines/shop.yaml');
        await writeFile(
          file,
          (await readFile(file, 'utf8')).replace('max_rejected: 50%', 'max_rejected: 60%'),
        );
      },
      10,
      {},
    ],
    [
      'its state is damaged',
      async ({ dir }) => {
        const root = join(dir, 'data_lake', '_staging', 'resume');
        const file = join(root, (await readdir(root))[0] ?? '', 'state.json');
        await writeFile(file, (await readFile(file, 'utf8')).replace('"fetched":', '"fetched":1'));
      },
      10,
      {},
    ],
  ])('starts over where %s', async (_, change, minutes, request) => {
    const faults: Faults = { failing: (count) => count === 6, suffix: '' };
    const { server, project } = await makeSource('page', faults);
    await expect(project.land({}, at(0))).rejects.toMatchObject({ code: 'E_SOURCE_STATUS' });
    await change(project, faults);
    const before = server.asked.length;
    const [dataset] = (await project.land(request, at(minutes))).datasets;
    expect(dataset).toMatchObject({ fetched: 60, landed: 48, rejected: 12 });
    expect(server.asked.length - before).toBeGreaterThanOrEqual(12);
  });

  it('is not kept where a cursor may hold a value, or where the day is not over', async () => {
    const cursor = await makeSource('cursor', { failing: (count) => count === 6, suffix: '' });
    await expect(cursor.project.land({}, at(0))).rejects.toMatchObject({ code: 'E_SOURCE_STATUS' });
    expect(await keptIn(cursor.project.dir)).toEqual([]);
    const today = await makeSource('page', { failing: (count) => count === 6, suffix: '' });
    await expect(today.project.land({}, at(-600))).rejects.toMatchObject({ code: 'E_SOURCE_STATUS' });
    expect(await keptIn(today.project.dir)).toEqual([]);
  });

  it('is left alone by the cleanup of dead runs, and removed after an hour', async () => {
    const faults: Faults = { failing: (count) => count === 6, suffix: '' };
    const { project } = await makeSource('page', faults);
    await expect(project.land({}, at(0))).rejects.toMatchObject({ code: 'E_SOURCE_STATUS' });
    await (await project.open(at(5))).lake.exclusively('a test', () => Promise.resolve());
    expect(await keptIn(project.dir)).toHaveLength(1);
    await project.land({ date: '2026-02-27' }, at(90));
    expect(await keptIn(project.dir)).toEqual([]);
  });
});
