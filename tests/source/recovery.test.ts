import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Answer, bytes, drip, hangUpMidBody, resetMidBody } from '../support/stub-api.js';
import { BODY, deny, RECORDS, sendRaw } from './answers.js';
import { makeDataset, makeRecords, pull, seedPagination, sendAsked, sendJson, serve } from './harness.js';

describe('a fault that passes', () => {
  const PASSING: readonly { name: string; send: Answer }[] = [
    { name: '500', send: deny(500) },
    { name: '429', send: deny(429) },
    { name: 'a reset in the body', send: resetMidBody(BODY) },
    { name: 'a body shorter than declared', send: hangUpMidBody(BODY) },
    { name: 'a drip feed', send: drip(BODY) },
  ];

  it.each(PASSING)('$name: the page is asked again with the same seed, and counted', async ({ send }) => {
    const seeds: (string | null)[] = [];
    const { url } = await serve((asked, response, count) => {
      seeds.push(asked.query.get('_seed'));
      if (count === 1) return send(response, asked);
      sendAsked(asked, response);
    });
    const { receipt, pages } = await pull(url, makeDataset(seedPagination(10, 10)), {
      source: { timeoutMs: 200 },
    });
    expect(receipt).toMatchObject({ pages: 1, records: 10, retries: 1 });
    expect(pages[0]?.records).toHaveLength(10);
    expect(seeds[0]).toBe(seeds[1]);
  });

  it('a redirect within the origin is followed, and the rest of the headers come along', async () => {
    const tokens: unknown[] = [];
    const { url } = await serve((asked, response) => {
      tokens.push(asked.headers['x-token']);
      if (asked.path !== '/moved') {
        return deny(307, { location: `/moved?${asked.query.toString()}` })(response, asked);
      }
      sendAsked(asked, response);
    });
    const source = { headers: new Map([['X-Token', 'abc']]) };
    const { receipt } = await pull(url, makeDataset(seedPagination(10, 10)), { source });
    expect(receipt).toMatchObject({ records: 10, retries: 0 });
    expect(tokens).toEqual(['abc', 'abc']);
  });
});

describe('what is odd and right', () => {
  const FINE: readonly { name: string; send: Answer }[] = [
    { name: 'gzip', send: bytes(gzipSync(RECORDS), { 'content-encoding': 'GZIP' }) },
    { name: 'deflate', send: bytes(deflateSync(RECORDS), { 'content-encoding': 'deflate' }) },
    { name: 'raw deflate', send: bytes(deflateRawSync(RECORDS), { 'content-encoding': 'deflate' }) },
    { name: 'brotli', send: bytes(brotliCompressSync(RECORDS), { 'content-encoding': 'br' }) },
    { name: 'a byte order mark', send: bytes(`\uFEFF${RECORDS}`) },
    { name: 'a body of no declared length', send: sendRaw('', RECORDS) },
    {
      name: 'brackets in strings, behind escaped quotes',
      send: bytes(JSON.stringify({ x: '"[{'.repeat(100), data: makeRecords(10) })),
    },
    { name: 'a member met twice', send: bytes(`{"data":[],"data":${JSON.stringify(makeRecords(10))}}`) },
    {
      name: 'the status 203',
      send: (r) => {
        r.writeHead(203);
        r.end(RECORDS);
      },
    },
    {
      name: '32 levels',
      send: (r) => {
        sendJson(r, `{"data":${JSON.stringify(makeRecords(10))},"x":${'['.repeat(31)}${']'.repeat(31)}}`);
      },
    },
  ];

  it.each(FINE)('$name', async ({ send }) => {
    const { url } = await serve((asked, response) => send(response, asked));
    const { pages } = await pull(url, makeDataset(seedPagination(10, 10)));
    expect(pages[0]?.records).toEqual(makeRecords(10));
  });
});
