import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  DATE,
  failureOf,
  makeDataset,
  makeRecords,
  pull,
  seedPagination,
  sendAsked,
  sendJson,
  serve,
} from './harness.js';
import {
  book,
  chain,
  CURSOR,
  LINK_IN_BODY,
  OFFSET,
  OFFSET_TOTAL,
  PAGE,
  PAGES,
  pullFrom,
  shelf,
  TOTAL,
  walk,
} from './sources.js';

const BODIES = { page: book, offset: shelf, cursor: walk, link: chain };

describe('a whole source', () => {
  it.each([
    { name: 'page with a total', pagination: TOTAL, body: book(45), pages: 5, records: 45, asked: 5 },
    {
      name: 'page with a total that pages divide',
      pagination: TOTAL,
      body: book(40),
      pages: 4,
      records: 40,
      asked: 4,
    },
    {
      name: 'page with a number of pages',
      pagination: PAGES,
      body: book(45),
      pages: 5,
      records: 45,
      asked: 5,
    },
    {
      name: 'page with a total, of a source that caps the size',
      pagination: TOTAL,
      body: book(45, 7),
      pages: 7,
      records: 45,
      asked: 7,
    },
    { name: 'page until a short one', pagination: PAGE, body: book(45), pages: 5, records: 45, asked: 5 },
    { name: 'page until an empty one', pagination: PAGE, body: book(40), pages: 5, records: 40, asked: 5 },
    {
      name: 'page of a source that caps the size',
      pagination: PAGE,
      body: book(45, 7),
      pages: 7,
      records: 45,
      asked: 7,
    },
    { name: 'page, all on one', pagination: PAGE, body: book(4), pages: 2, records: 4, asked: 2 },
    {
      name: 'page without a size',
      pagination: { ...PAGE, sizeParam: null, size: null },
      body: book(45),
      pages: 6,
      records: 45,
      asked: 6,
    },
    {
      name: 'offset with a total',
      pagination: OFFSET_TOTAL,
      body: shelf(45),
      pages: 5,
      records: 45,
      asked: 5,
    },
    {
      name: 'offset with a total, of a source that caps the size',
      pagination: OFFSET_TOTAL,
      body: shelf(45, 7),
      pages: 7,
      records: 45,
      asked: 7,
    },
    {
      name: 'offset until a short one',
      pagination: OFFSET,
      body: shelf(45),
      pages: 5,
      records: 45,
      asked: 5,
    },
    {
      name: 'offset until an empty one',
      pagination: OFFSET,
      body: shelf(40),
      pages: 5,
      records: 40,
      asked: 5,
    },
    {
      name: 'offset of a source that caps the size',
      pagination: OFFSET,
      body: shelf(45, 7),
      pages: 7,
      records: 45,
      asked: 7,
    },
    {
      name: 'offset without a size',
      pagination: { ...OFFSET, sizeParam: null, size: null },
      body: shelf(45),
      pages: 6,
      records: 45,
      asked: 6,
    },
    { name: 'link in the body', pagination: LINK_IN_BODY, body: chain(45), pages: 5, records: 45, asked: 5 },
    { name: 'cursor', pagination: CURSOR, body: walk(45), pages: 5, records: 45, asked: 5 },
    { name: 'cursor, all on one', pagination: CURSOR, body: walk(3), pages: 1, records: 3, asked: 1 },
    {
      name: 'none',
      pagination: { type: 'none' } as const,
      body: () => ({ data: makeRecords(30) }),
      pages: 1,
      records: 30,
      asked: 1,
    },
  ])(
    '$name: every record once, in order, nothing asked in vain',
    async ({ pagination, body, pages, records, asked }) => {
      const { server, work } = await pullFrom(pagination, body);
      const pulled = await work;
      expect(pulled.receipt).toMatchObject({ pages, records });
      expect(pulled.pages.flatMap((page) => page.records)).toEqual(makeRecords(records));
      expect(server.asked).toHaveLength(asked);
    },
  );

  it('at a total, the rest goes out at once; without one, one after another', async () => {
    for (const [pagination, inFlight] of [
      [TOTAL, 4],
      [OFFSET_TOTAL, 4],
      [PAGE, 1],
      [OFFSET, 1],
      [CURSOR, 1],
      [LINK_IN_BODY, 1],
    ] as const) {
      let open = (): void => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      const server = await serve(async (asked, response, count) => {
        // The first page has the total; those that go out at once are held until all have come.
        if (count === 1 + inFlight) open();
        await (inFlight > 1 && count > 1 ? opened : delay(5));
        sendJson(response, BODIES[pagination.type](60)(asked));
      });
      await pull(server.url, makeDataset(pagination));
      expect(server.mostInFlight()).toBe(inFlight);
    }
  });

  it('asks for pages from `start` and for the size', async () => {
    const { server, work } = await pullFrom({ ...TOTAL, start: 0 }, ({ query }) => {
      const page = Number(query.get('page'));
      return { meta: { total: '20' }, data: makeRecords(10, page * 10) };
    });
    expect((await work).receipt.declaredTotal).toBe(20);
    expect(server.asked.map(({ query }) => query.toString())).toEqual(['page=0&per=10', 'page=1&per=10']);
  });

  it('that grows while it is pulled is pulled to its new end', async () => {
    const { work } = await pullFrom(TOTAL, (asked, count) => book(count === 1 ? 25 : 45)(asked));
    expect((await work).receipt).toMatchObject({ pages: 5, records: 45, declaredTotal: 45 });
  });

  it('that grows while it is pulled by offset is pulled to its new end', async () => {
    const { work } = await pullFrom(OFFSET_TOTAL, (asked, count) => shelf(count === 1 ? 25 : 45)(asked));
    expect((await work).receipt).toMatchObject({ pages: 5, records: 45, declaredTotal: 45 });
  });

  it('may walk by numbers up to the last that is exact', async () => {
    const last = Number.MAX_SAFE_INTEGER;
    const { server, work } = await pullFrom(CURSOR, ({ query }) =>
      query.has('after') ? { data: makeRecords(5, 10) } : { meta: { next: last }, data: makeRecords(10) },
    );
    expect((await work).receipt).toMatchObject({ pages: 2, records: 15 });
    expect(server.asked[1]?.query.get('after')).toBe('9007199254740991');
  });

  it('may hold an empty page with a cursor', async () => {
    const { work } = await pullFrom(CURSOR, ({ query }) => {
      const after = Number(query.get('after') ?? 0);
      return { meta: { next: after < 3 ? after + 1 : '' }, data: makeRecords(after % 2, after) };
    });
    expect((await work).receipt).toMatchObject({ pages: 4, records: 2 });
  });
});

describe('an empty source', () => {
  const empty = () => ({ meta: { total: 0, pages: 0, next: null }, data: [] });
  const NONE = { type: 'none' } as const;

  it.each([TOTAL, PAGES, PAGE, CURSOR, NONE])('may be an empty day: %o', async (pagination) => {
    const { work } = await pullFrom(pagination, empty, { time: 'by_date' });
    expect((await work).receipt).toMatchObject({ pages: 1, records: 0 });
  });

  it('that says so is empty', async () => {
    const { work } = await pullFrom(TOTAL, empty);
    expect((await work).receipt).toMatchObject({ records: 0, declaredTotal: 0 });
  });

  it.each([PAGE, CURSOR, NONE])('that does not say so has lost its records: %o', async (pagination) => {
    const { work } = await pullFrom(pagination, empty);
    expect(await failureOf(work)).toMatchObject({
      code: 'E_SHORT_PULL',
      exit: 3,
      where: { page: 0, tries: 1 },
    });
  });
});

describe('the seed of a page', () => {
  it('is the first 31 bits of SHA-256("<run seed>:<page>") in decimal, and the last page asks for the rest', async () => {
    const server = await serve(sendAsked);
    await pull(server.url, makeDataset(seedPagination(25, 10)), { source: { concurrency: 1 } });
    const expected = [10, 10, 5].map((size, page) => {
      const bits = createHash('sha256').update(`${DATE}:${page}`).digest().subarray(0, 4);
      return [String(size), BigInt(`0x${bits.toString('hex')}`) >> 1n];
    });
    const asked = server.asked.map(({ query }) => [query.get('_quantity'), BigInt(query.get('_seed') ?? -1)]);
    expect(asked).toEqual(expected);
  });

  it('does not mind pages that are alike', async () => {
    const { work } = await pullFrom(seedPagination(30, 10), () => ({ data: makeRecords(10) }));
    expect((await work).receipt.records).toBe(30);
  });
});
