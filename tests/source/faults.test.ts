import { inspect } from 'node:util';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/base/errors.js';
import {
  type Answer,
  bytes,
  drip,
  emptyObjects,
  gzipBomb,
  hangUpMidBody,
  openBrackets,
  reset,
  resetMidBody,
  slowHeaders,
  stackedGzips,
  truncatedJson,
} from '../support/stub-api.js';
import { BODY, CUT, deny, RECORDS, sendRaw } from './answers.js';
import {
  CANARY,
  failureOf,
  makeDataset,
  makeEffects,
  makeRecords,
  pull,
  type PullOptions,
  seedPagination,
  sendAsked,
  serve,
} from './harness.js';

interface Fault {
  readonly name: string;
  readonly send: Answer;
  readonly code: ErrorCode;
  /** 3 where it is tried again (two retries), 1 where it is not. */
  readonly tries: 1 | 3;
  readonly source?: PullOptions['source'];
}

function bomb(compress: (data: Buffer) => Buffer, encoding: string): Answer {
  return bytes(compress(Buffer.alloc(3_000_000, ' ')), { 'content-encoding': encoding });
}

const small = { timeoutMs: 120 };

const FAULTS: readonly Fault[] = [
  { name: '500 for ever', send: deny(500), code: 'E_SOURCE_STATUS', tries: 3 },
  { name: '503 for ever', send: deny(503), code: 'E_SOURCE_STATUS', tries: 3 },
  { name: '429 for ever', send: deny(429, { 'retry-after': '1' }), code: 'E_SOURCE_STATUS', tries: 3 },
  { name: '408', send: deny(408), code: 'E_SOURCE_STATUS', tries: 3 },
  { name: '425', send: deny(425), code: 'E_SOURCE_STATUS', tries: 3 },
  { name: '401', send: deny(401), code: 'E_SOURCE_STATUS', tries: 1 },
  { name: '404', send: deny(404), code: 'E_SOURCE_STATUS', tries: 1 },
  { name: '304', send: deny(304), code: 'E_SOURCE_STATUS', tries: 1 },
  {
    name: '206, a part that nobody asked for',
    send: (response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-99/9999' });
      response.end(RECORDS);
    },
    code: 'E_SOURCE_STATUS',
    tries: 1,
  },
  {
    name: 'a long Retry-After',
    send: deny(429, { 'retry-after': '301' }),
    code: 'E_SOURCE_RETRY_AFTER',
    tries: 1,
  },
  { name: 'no answer in time', send: () => undefined, code: 'E_SOURCE_TIMEOUT', tries: 3, source: small },
  { name: 'a drip feed', send: drip(BODY), code: 'E_SOURCE_TIMEOUT', tries: 3, source: small },
  {
    name: 'slow redirects, each within the time',
    send: slowHeaders(50, (r, asked) => deny(307, { location: asked.path })(r, asked)),
    code: 'E_SOURCE_TIMEOUT',
    tries: 3,
    source: small,
  },
  { name: 'a reset in the body', send: resetMidBody(BODY), code: 'E_SOURCE_BODY', tries: 3 },
  {
    name: 'a reset instead of an answer',
    send: reset(),
    code: 'E_SOURCE_CONNECT',
    tries: 3,
  },
  {
    name: 'no HTTP',
    send: (r) => void r.socket?.end(`${CANARY}\r\n\r\n`),
    code: 'E_SOURCE_CONNECT',
    tries: 3,
  },
  {
    name: 'a body shorter than declared',
    send: hangUpMidBody(BODY),
    code: 'E_SOURCE_BODY',
    tries: 3,
  },
  {
    name: 'a chunked body without an end',
    send: sendRaw('transfer-encoding: chunked\r\n', `4\r\n{"da\r\n`),
    code: 'E_SOURCE_BODY',
    tries: 3,
  },
  { name: 'cut JSON of no declared length', send: sendRaw('', CUT), code: 'E_SOURCE_BODY', tries: 3 },
  { name: 'truncated JSON', send: truncatedJson(BODY), code: 'E_SOURCE_NOT_JSON', tries: 1 },
  { name: 'HTML with 200', send: bytes(`<html>${CANARY}</html>`), code: 'E_SOURCE_NOT_JSON', tries: 1 },
  {
    name: 'HTML of no declared length',
    send: sendRaw('', `<html>${CANARY}</html>`),
    code: 'E_SOURCE_NOT_JSON',
    tries: 1,
  },
  { name: 'nothing', send: bytes(''), code: 'E_SOURCE_BODY', tries: 3 },
  { name: 'NaN', send: bytes('{"data":[NaN]}'), code: 'E_SOURCE_NOT_JSON', tries: 1 },
  {
    name: 'bytes that are not UTF-8',
    send: bytes(Buffer.from('{"data":["\xe9"]}', 'latin1')),
    code: 'E_SOURCE_NOT_JSON',
    tries: 1,
  },
  {
    name: 'a body beyond the limit',
    send: bytes(' '.repeat(1_000_001)),
    code: 'E_SOURCE_TOO_LARGE',
    tries: 1,
  },
  { name: 'a gzip bomb', send: gzipBomb(3_000_000), code: 'E_SOURCE_TOO_LARGE', tries: 1 },
  { name: 'a brotli bomb', send: bomb(brotliCompressSync, 'br'), code: 'E_SOURCE_TOO_LARGE', tries: 1 },
  { name: 'a deflate bomb', send: bomb(deflateSync, 'deflate'), code: 'E_SOURCE_TOO_LARGE', tries: 1 },
  {
    name: 'stacked encodings',
    send: stackedGzips(100_000),
    code: 'E_SOURCE_BODY',
    tries: 1,
  },
  {
    name: 'an unknown encoding',
    send: bytes(RECORDS, { 'content-encoding': CANARY }),
    code: 'E_SOURCE_BODY',
    tries: 1,
  },
  {
    name: 'gzip that is none',
    send: bytes(RECORDS, { 'content-encoding': 'gzip' }),
    code: 'E_SOURCE_BODY',
    tries: 3,
  },
  {
    name: 'gzip that breaks off',
    send: bytes(gzipSync(RECORDS).subarray(0, 40), { 'content-encoding': 'gzip' }),
    code: 'E_SOURCE_BODY',
    tries: 3,
  },
  { name: '100,000 open brackets', send: openBrackets(), code: 'E_SOURCE_STRUCTURE', tries: 1 },
  {
    name: 'half a MB of {}',
    send: emptyObjects(450_000),
    code: 'E_SOURCE_STRUCTURE',
    tries: 1,
  },
  {
    name: 'nesting',
    send: bytes(`{"data":[${'['.repeat(40)}${']'.repeat(40)}]}`),
    code: 'E_SOURCE_STRUCTURE',
    tries: 1,
  },
  { name: 'no records where they should be', send: bytes('{"other":[7]}'), code: 'E_SOURCE_SHAPE', tries: 1 },
  {
    name: 'an object for records',
    send: bytes(`{"data":{"x":"${CANARY}"}}`),
    code: 'E_SOURCE_SHAPE',
    tries: 1,
  },
  {
    name: 'records that the prototype would give',
    send: bytes('{"__proto__":{"data":[]}}'),
    code: 'E_SOURCE_SHAPE',
    tries: 1,
  },
  { name: 'an empty array', send: bytes('{"data":[]}'), code: 'E_SHORT_PULL', tries: 1 },
  {
    name: 'fewer records than asked',
    send: bytes(JSON.stringify({ data: makeRecords(9) })),
    code: 'E_SHORT_PULL',
    tries: 1,
  },
  {
    name: 'more records than asked',
    send: bytes(JSON.stringify({ data: makeRecords(11) })),
    code: 'E_SOURCE_SHAPE',
    tries: 1,
  },
  {
    name: 'a redirect to another origin',
    send: deny(302, { location: `http://127.0.0.2/?${CANARY}` }),
    code: 'E_SOURCE_REDIRECT',
    tries: 1,
  },
  {
    name: 'a redirect to another protocol',
    send: deny(308, { location: 'file:///etc/passwd' }),
    code: 'E_SOURCE_REDIRECT',
    tries: 1,
  },
  { name: 'a redirect to nowhere', send: deny(301), code: 'E_SOURCE_REDIRECT', tries: 1 },
  {
    name: 'redirects in a circle',
    send: (r, asked) => deny(307, { location: asked.path })(r, asked),
    code: 'E_SOURCE_REDIRECT',
    tries: 1,
  },
];

describe('a fault of the source', () => {
  it.each(FAULTS)('$name: $code after $tries tries, exit 3, told without a value', async (fault) => {
    const { url } = await serve((asked, response) => fault.send(response, asked));
    const dataset = makeDataset(seedPagination(10, 10));
    const error = await failureOf(pull(url, dataset, { source: fault.source ?? {} }));
    expect(error.code).toBe(fault.code);
    expect(error.exit).toBe(3);
    expect(error.where).toEqual({
      dataset: 'persons',
      stage: 'fetch',
      origin: url.origin,
      path: '/v1/{date}/people',
      page: 0,
      tries: fault.tries,
    });
    expect(error.cause).toBeUndefined();
    expect(`${inspect(error, { depth: 9 })}${JSON.stringify(error)}`).not.toContain(CANARY);
  });

  it('is told as such when nobody listens', async () => {
    const server = await serve(sendAsked);
    await server.close();
    const error = await failureOf(pull(server.url, makeDataset(seedPagination(10, 10))));
    expect(error).toMatchObject({
      code: 'E_SOURCE_CONNECT',
      exit: 3,
      where: { origin: server.url.origin, tries: 3 },
    });
    expect(error.message).toContain('connection refused');
  });

  it('shows nothing of an error that the fetch made up', async () => {
    const hostile = Object.assign(new Error(CANARY, { cause: CANARY }), { code: CANARY, body: CANARY });
    const effects = makeEffects({ fetch: () => Promise.reject(hostile) });
    const error = await failureOf(
      pull(new URL('http://127.0.0.1:9/'), makeDataset(seedPagination(1, 1)), { effects }),
    );
    expect(error).toMatchObject({ code: 'E_SOURCE_CONNECT', exit: 3, where: { tries: 3 } });
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
  });

  it('that cannot pass is not tried again: a header that cannot be sent', async () => {
    const { url } = await serve(sendAsked);
    const source = { headers: new Map([['x-token', `${CANARY}\n`]]) };
    const error = await failureOf(pull(url, makeDataset(seedPagination(1, 1)), { source }));
    expect(error).toMatchObject({ code: 'E_SOURCE_CONNECT', where: { tries: 1 } });
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
  });
});
