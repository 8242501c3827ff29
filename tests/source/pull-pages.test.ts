import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { failure } from '../../src/base/errors.js';
import { createFetch } from '../../src/source/http.js';
import { runBounded } from '../../src/source/run-bounded.js';
import {
  failureOf,
  type Handler,
  makeDataset,
  makeEffects,
  pull,
  seedPagination,
  sendAsked,
  serve,
  sleepForReal,
} from './harness.js';

/** Longer than any test: what waits so long was not stopped. */
const HOUR_MS = 3_600_000;

describe('a pull', () => {
  it('gives every page once, numbered in source order, and a receipt that adds up', async () => {
    const server = await serve(async (asked, response, count) => {
      await delay(count % 4);
      sendAsked(asked, response);
    });
    const { receipt, pages } = await pull(server.url, makeDataset(seedPagination(45, 10)));
    expect(pages.map(({ index, records }) => [index, records.length])).toEqual([
      [0, 10],
      [1, 10],
      [2, 10],
      [3, 10],
      [4, 5],
    ]);
    expect(receipt).toMatchObject({ pages: 5, records: 45, declaredTotal: 45, retries: 0 });
    expect(receipt.bytes).toBeGreaterThan(45 * 20);
    expect(receipt.busyMs).toBeGreaterThan(0);
  });

  it.each([1, 3, 8])(
    'never has more than %i requests in flight, and reuses its connections',
    async (concurrency) => {
      const sockets = new Set<unknown>();
      let open = (): void => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      const server = await serve(async (asked, response, count) => {
        sockets.add(response.socket);
        if (count === concurrency) open();
        await opened;
        await delay(3);
        sendAsked(asked, response);
      });
      const effects = makeEffects({ fetch: createFetch({ connections: concurrency }) });
      const source = { concurrency };
      const { receipt } = await pull(server.url, makeDataset(seedPagination(40, 1)), { source, effects });
      expect(receipt.pages).toBe(40);
      expect(server.mostInFlight()).toBe(concurrency);
      expect(sockets.size).toBe(concurrency);
    },
  );

  it('counts a page as in flight until it was taken in', async () => {
    const server = await serve(sendAsked);
    let held = 0;
    let most = 0;
    const each = async (): Promise<void> => {
      most = Math.max(most, ++held);
      await delay(5);
      most = Math.max(most, held--);
      expect(server.asked.length).toBeLessThanOrEqual(20);
    };
    await pull(server.url, makeDataset(seedPagination(20, 1)), { source: { concurrency: 3 }, each });
    expect(most).toBe(3);
  });

  it('asks nothing more while all slots are held', async () => {
    const server = await serve(sendAsked);
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const pulled = pull(server.url, makeDataset(seedPagination(20, 1)), {
      source: { concurrency: 2 },
      each: () => opened,
    });
    await expect.poll(() => server.asked.length).toBe(2);
    await delay(60);
    expect(server.asked).toHaveLength(2);
    open();
    expect((await pulled).receipt.pages).toBe(20);
  });

  it('with limit_pages asks for so many and does not call the rest a short pull', async () => {
    const server = await serve(sendAsked);
    const { receipt } = await pull(server.url, makeDataset(seedPagination(100, 10)), { limitPages: 3 });
    expect(receipt).toMatchObject({ pages: 3, records: 30 });
    expect(server.asked).toHaveLength(3);
  });

  it.each([
    { cap: { maxPages: 3 }, message: '3 pages' },
    { cap: { maxRecords: 39 }, message: '39 records' },
  ])('beyond a cap fails before the first request: $message', async ({ cap, message }) => {
    const server = await serve(sendAsked);
    const error = await failureOf(pull(server.url, makeDataset(seedPagination(40, 10)), { source: cap }));
    expect(error).toMatchObject({ code: 'E_SOURCE_CAP', exit: 3 });
    expect(error.message).toContain(message);
    expect(server.asked).toHaveLength(0);
  });
});

describe('a failure', () => {
  it('of one page stops the others, is the one that is told, and leaves nothing running', async () => {
    const server = await serve(async (asked, response, count) => {
      if (count === 2) response.writeHead(404).end();
      else if (count > 2) await delay(HOUR_MS, undefined, { ref: false });
      else sendAsked(asked, response);
    });
    let unsettled = 0;
    const each = async (_: unknown, signal: AbortSignal): Promise<void> => {
      unsettled++;
      await sleepForReal(HOUR_MS, signal).catch(() => undefined);
      unsettled--;
    };
    const source = { timeoutMs: HOUR_MS };
    const error = await failureOf(pull(server.url, makeDataset(seedPagination(40, 1)), { each, source }));
    expect(error).toMatchObject({ code: 'E_SOURCE_STATUS', where: { tries: 1 } });
    expect(unsettled).toBe(0);
    expect(server.asked.length).toBeLessThanOrEqual(4);
  });

  it('of what takes the pages in is thrown as it is', async () => {
    const server = await serve(sendAsked);
    const thrown = failure('E_MASK', { dataset: 'persons', kind: 'x' });
    const error = await failureOf(
      pull(server.url, makeDataset(seedPagination(4, 1)), { each: () => Promise.reject(thrown) }),
    );
    expect(error).toBe(thrown);
  });
});

describe('an interruption', () => {
  const PLACES: readonly { place: string; answer: Handler }[] = [
    { place: 'while the source is silent', answer: () => undefined },
    {
      place: 'in the middle of a body',
      answer: (_, response) => void response.writeHead(200, { 'content-length': 9 }).write('{'),
    },
    {
      place: 'while waiting to try again',
      answer: (_, response) => void response.writeHead(429, { 'retry-after': '60' }).end(),
    },
  ];

  it.each(PLACES)('$place stops the pull at once', async ({ answer }) => {
    const server = await serve(answer);
    const controller = new AbortController();
    const effects = makeEffects({ signal: controller.signal, sleep: sleepForReal });
    const source = { timeoutMs: HOUR_MS };
    const pulled = failureOf(pull(server.url, makeDataset(seedPagination(40, 1)), { effects, source }));
    await expect.poll(() => server.asked.length).toBeGreaterThan(0);
    await delay(60);
    controller.abort();
    expect((await pulled).code).toBe('E_INTERRUPTED');
  });

  it('under a rate limit stops the pull too', async () => {
    const server = await serve(sendAsked);
    const controller = new AbortController();
    const effects = makeEffects({ signal: controller.signal, sleep: sleepForReal });
    const source = { rateLimit: { requests: 1, perMs: HOUR_MS } };
    const pulled = failureOf(pull(server.url, makeDataset(seedPagination(40, 1)), { effects, source }));
    await expect.poll(() => server.asked.length).toBeGreaterThan(0);
    await delay(60);
    controller.abort();
    expect((await pulled).code).toBe('E_INTERRUPTED');
  });

  it('from before lets nothing be asked', async () => {
    const server = await serve(sendAsked);
    const effects = makeEffects({ signal: AbortSignal.abort() });
    const error = await failureOf(pull(server.url, makeDataset(seedPagination(4, 1)), { effects }));
    expect(error.code).toBe('E_INTERRUPTED');
    expect(server.asked).toHaveLength(0);
  });
});

describe('the window', () => {
  it('lets nothing start further than twice the concurrency from the oldest unfinished page', async () => {
    const concurrency = 3;
    let next = 0;
    let farthest = 0;
    let release = (): void => undefined;
    const oldest = new Promise<void>((resolve) => (release = resolve));
    const work = runBounded({
      next: () => (next < 50 ? { index: next++ } : null),
      run: async ({ index }) => {
        if (index === 0) await oldest;
        else await delay(1);
        farthest = index;
      },
      concurrency,
      signal: new AbortController().signal,
    });
    await expect.poll(() => farthest).toBe(2 * concurrency);
    await delay(20);
    expect(farthest).toBe(2 * concurrency);
    release();
    await work;
    expect(next).toBe(50);
  });

  it('plans no further than it may start', async () => {
    let planned = 0;
    let started = 0;
    await runBounded({
      next: () => (planned < 1_000 ? { index: planned++ } : null),
      run: () => {
        started++;
        expect(planned - started).toBeLessThan(4);
        return Promise.resolve();
      },
      concurrency: 4,
      signal: new AbortController().signal,
    });
    expect(started).toBe(1_000);
  });
});
