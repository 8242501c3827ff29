import { describe, expect, it } from 'vitest';
import { isTransient, readWaitMs } from '../../src/source/wait.js';
import { json, status } from '../support/stub-api.js';
import { failureOf, makeDataset, makeEffects, makeRecords, pull, sendJson, serve } from './harness.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const EPOCH_S = NOW.getTime() / 1000;
const DAY = makeDataset({ type: 'none' }, { time: 'by_date' });

describe('the reset of a rate limit', () => {
  it.each<[number, Record<string, string>, number]>([
    [429, { 'x-ratelimit-reset': '7' }, 7_000],
    [429, { 'x-ratelimit-reset': String(EPOCH_S + 9) }, 9_000],
    [429, { 'x-ratelimit-reset': String(NOW.getTime() + 9_500) }, 9_500],
    [429, { 'x-ratelimit-reset': '2026-03-01T12:00:09Z' }, 9_000],
    [429, { 'x-rate-limit-reset': '3' }, 3_000],
    [429, { 'ratelimit-reset': '3' }, 3_000],
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(EPOCH_S + 9) }, 9_000],
    [401, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '5' }, 5_000],
    [429, { 'retry-after': '2', 'x-ratelimit-reset': '7' }, 2_000],
    [429, { 'x-ratelimit-reset': String(EPOCH_S - 9) }, 0],
    [429, { 'x-ratelimit-reset': 'soon' }, 0],
    [503, { 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': '7' }, 0],
  ])('of status %i with %o is %i ms away', (code, headers, ms) => {
    expect(readWaitMs({ status: code, headers }, NOW)).toBe(ms);
  });
});

it.each<[number, Record<string, string>, boolean]>([
  [403, { 'x-ratelimit-remaining': '0' }, true],
  [401, { 'x-ratelimit-remaining': '0' }, true],
  [403, { 'retry-after': '1' }, true],
  [403, {}, false],
  [401, { 'retry-after': '1' }, false],
  [403, { 'x-ratelimit-remaining': '10' }, false],
  [404, { 'retry-after': '1' }, false],
])('status %i with %o may resolve by itself: %s', (code, headers, expected) => {
  expect(isTransient({ status: code, headers })).toBe(expected);
});

describe('a wait that a source asks for', () => {
  it.each<[string, number, Record<string, string>, number]>([
    ['429', 429, { 'retry-after': '1.25' }, 1_250],
    [
      '403 with a rate limit that is used up',
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' },
      60_000,
    ],
    [
      '401 with a rate limit that is used up',
      401,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' },
      60_000,
    ],
  ])('is kept: %s', async (_, code, headers, ms) => {
    const effects = makeEffects();
    const { url } = await serve((asked, response, count) => {
      if (count === 1) return status(code, headers)(response, asked);
      sendJson(response, { data: makeRecords(1) });
    });
    expect((await pull(url, DAY, { effects })).receipt).toMatchObject({ records: 1, retries: 1 });
    expect(effects.slept).toEqual([ms]);
  });

  it('ends the run above max_wait', async () => {
    const { url } = await serve((asked, response) => status(429, { 'retry-after': '301' })(response, asked));
    const error = await failureOf(pull(url, DAY));
    expect(error).toMatchObject({ code: 'E_SOURCE_RETRY_AFTER', exit: 3 });
    expect(error.message).toContain('301 s');
    const source = { maxWaitMs: 400_000, retries: 0 };
    expect(await failureOf(pull(url, DAY, { source }))).toMatchObject({ code: 'E_SOURCE_STATUS' });
  });
});

describe('an answer that the source works on (202)', () => {
  it('is polled for, whatever the number of retries', async () => {
    const effects = makeEffects();
    const { url } = await serve((asked, response, count) =>
      count < 5
        ? status(202, count === 1 ? { 'retry-after': '2' } : {})(response, asked)
        : json({ data: makeRecords(3) })(response, asked),
    );
    const { receipt } = await pull(url, DAY, { effects, source: { retries: 0 } });
    expect(receipt.records).toBe(3);
    expect(effects.slept[0]).toBe(2_000);
    expect(effects.slept).toHaveLength(4);
  });

  it('is asked for where its Location says, by GET', async () => {
    const server = await serve((asked, response) => {
      if (asked.path === '/jobs/7') return json({ data: makeRecords(2) })(response, asked);
      return status(202, { location: '/jobs/7' })(response, asked);
    });
    const dataset = makeDataset(
      { type: 'none' },
      { time: 'by_date', request: { method: 'POST', body: new Map() } },
    );
    expect((await pull(server.url, dataset)).receipt.records).toBe(2);
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v1/2026-03-01/people',
      'GET /jobs/7',
    ]);
  });

  it('is given up after max_wait', async () => {
    const { url } = await serve((asked, response) => status(202)(response, asked));
    const error = await failureOf(pull(url, DAY, { source: { maxWaitMs: 5_000 } }));
    expect(error).toMatchObject({ code: 'E_SOURCE_STATUS', exit: 3 });
    expect(error.message).toContain('202');
  });

  it('is not fetched from another origin', async () => {
    const { url } = await serve((asked, response) =>
      status(202, { location: 'https://elsewhere.example/jobs/7' })(response, asked),
    );
    expect(await failureOf(pull(url, DAY))).toMatchObject({ code: 'E_SOURCE_REDIRECT' });
  });
});
