import { describe, expect, it } from 'vitest';
import { failure } from '../../src/base/errors.js';
import { createPace } from '../../src/source/pace.js';
import { computeBackoffMs, retry, TransientFailure } from '../../src/source/retry.js';
import { readWaitMs } from '../../src/source/wait.js';
import {
  failureOf,
  makeDataset,
  makeEffects,
  pull,
  seedPagination,
  sendAsked,
  serve,
  sleepForReal,
} from './harness.js';

describe('the wait before another try', () => {
  it.each([
    { k: 0, most: 200 },
    { k: 1, most: 400 },
    { k: 5, most: 6_400 },
    { k: 6, most: 10_000 },
    { k: 2_000, most: 10_000 },
  ])('is anywhere from 0 to $most ms after failure $k', ({ k, most }) => {
    expect(computeBackoffMs(k, 0)).toBe(0);
    expect(computeBackoffMs(k, 0.5)).toBe(most / 2);
    expect(computeBackoffMs(k, 1)).toBe(most);
  });

  it('grows with each failure, and is told beforehand', async () => {
    const effects = makeEffects({ random: () => 0.25 });
    const told: number[] = [];
    const error = await failureOf(
      retry(() => Promise.reject(new TransientFailure(failure('E_SOURCE_STATUS', { status: 503 }))), {
        retries: 4,
        maxWaitMs: 1_000,
        effects,
        signal: new AbortController().signal,
        onRetry: (_, waitMs) => told.push(waitMs),
      }),
    );
    expect(effects.slept).toEqual([50, 100, 200, 400]);
    expect(told).toEqual(effects.slept);
    expect(error.where.tries).toBe(5);
  });

  it('lets a defect of ours through as it is', async () => {
    const options = {
      retries: 4,
      maxWaitMs: 1_000,
      effects: makeEffects(),
      signal: new AbortController().signal,
      onRetry: () => undefined,
    };
    await expect(retry(() => Promise.reject(new TypeError('ours')), options)).rejects.toThrow(TypeError);
  });
});

describe('Retry-After', () => {
  const now = new Date('2026-03-01T12:00:00Z');
  it.each([
    { text: '7', ms: 7_000 },
    { text: '0', ms: 0 },
    { text: 'Sun, 01 Mar 2026 12:00:09 GMT', ms: 9_000 },
    { text: 'Sunday, 01-Mar-26 12:00:09 GMT', ms: 9_000 },
    { text: 'Sun Mar  1 12:00:09 2026', ms: 9_000 },
    { text: 'Sun, 01 Mar 2026 11:00:00 GMT', ms: 0 },
    { text: '-5', ms: 0 },
    { text: '1.5', ms: 1_500 },
    { text: '2026-03-01T12:00:09Z', ms: 9_000 },
    { text: '2026-03-01T13:00:09.5+01:00', ms: 9_500 },
    { text: 'soon', ms: 0 },
    { text: '2026-03-01', ms: 0 },
    { text: '99999999999999999999', ms: 365 * 86_400_000 },
  ])('"$text" is $ms ms', ({ text, ms }) => {
    expect(readWaitMs({ status: 503, headers: { 'retry-after': text } }, now)).toBe(ms);
  });

  it('as a date counts from the date of the answer, when that clock differs from ours', () => {
    const headers = { 'retry-after': 'Sun, 01 Mar 2026 15:00:03 GMT', date: 'Sun, 01 Mar 2026 15:00:00 GMT' };
    expect(readWaitMs({ status: 503, headers }, now)).toBe(3_000);
  });

  it('is kept, by the clock of the server', async () => {
    const server = await serve((asked, response, count) => {
      if (count > 1) {
        sendAsked(asked, response);
        return;
      }
      response.writeHead(429, { 'retry-after': '1' });
      response.end();
    });
    await pull(server.url, makeDataset(seedPagination(5, 5)), {
      effects: makeEffects({ sleep: sleepForReal }),
    });
    const [first, second] = server.asked.map(({ atMs }) => atMs);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(990);
  });
});

describe('the rate limit', () => {
  it('holds for all requests of a run, retries too, by the clock of the server', async () => {
    const server = await serve((asked, response, count) => {
      if (count % 3 !== 0) {
        sendAsked(asked, response);
        return;
      }
      response.writeHead(503);
      response.end();
    });
    const source = { concurrency: 8, retries: 5, rateLimit: { requests: 4, perMs: 150 } };
    const effects = makeEffects({ sleep: sleepForReal, random: () => 0 });
    const { receipt } = await pull(server.url, makeDataset(seedPagination(12, 1)), { source, effects });
    const at = server.asked.map(({ atMs }) => atMs);
    expect(receipt.retries).toBeGreaterThan(3);
    const tookMs = (at.at(-1) ?? 0) - (at[0] ?? 0);
    // One span is let off, for how late a busy machine may take in the first request.
    expect(tookMs).toBeGreaterThan((Math.floor((at.length - 1) / 4) - 1) * 150);
  });

  it('lets so many go at once and makes the next wait for the oldest', async () => {
    let nowMs = 1_000;
    const effects = makeEffects({ now: () => new Date(nowMs) });
    const pace = createPace({ requests: 2, perMs: 1_000 }, effects);
    const { signal } = new AbortController();
    await pace(signal);
    nowMs = 1_400;
    await pace(signal);
    await pace(signal);
    await pace(signal);
    expect(effects.slept).toEqual([700, 1_100]);
    nowMs = 9_000;
    await pace(signal);
    expect(effects.slept).toHaveLength(2);
  });
});
