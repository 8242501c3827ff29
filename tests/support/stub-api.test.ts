import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { request as send } from 'undici';
import { afterEach, expect, test } from 'vitest';
import {
  type Answer,
  drip,
  emptyObjects,
  failFirst,
  gzipBomb,
  gzipped,
  hangUpMidBody,
  html,
  json,
  nextLink,
  openBrackets,
  page,
  redirect,
  reset,
  resetMidBody,
  retryAfter,
  slowHeaders,
  stackedGzips,
  startStubApi,
  status,
  type StubApi,
  type StubRequest,
  truncatedJson,
} from './stub-api.js';

const running: StubApi[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((api) => api.close()));
});

async function start(handler: (request: StubRequest) => Answer): Promise<StubApi> {
  const api = await startStubApi(handler);
  running.push(api);
  return api;
}

/** Status and text, or how it broke. */
async function outcome(answer: Answer, timeoutMs = 600_000): Promise<readonly [number, string] | string> {
  const api = await start(() => answer);
  try {
    const response = await fetch(api.url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return [response.status, await response.text()];
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'broken';
  }
}

const VALUE = { data: [{ id: 1 }, { id: 2 }] };

test('a value comes back as it was given, packed or not', async () => {
  const text = JSON.stringify(VALUE);
  expect(await outcome(json(VALUE))).toEqual([200, text]);
  expect(await outcome(gzipped(VALUE))).toEqual([200, text]);
  expect(await outcome(slowHeaders(10, json(VALUE)))).toEqual([200, text]);
});

test('a page says how many records it has', async () => {
  const [, text] = await outcome(page([], '7'));
  expect(JSON.parse(String(text))).toMatchObject({ seed: '7', total: 0, data: [] });
});

test.each<[string, Answer, string]>([
  ['a reset', reset(), 'broken'],
  ['a reset in the body', resetMidBody(VALUE), 'broken'],
  ['a connection that ends in the body', hangUpMidBody(VALUE), 'broken'],
  ['a body that drips', drip(VALUE, 50), 'timeout'],
  ['headers that are late', slowHeaders(60_000, json(VALUE)), 'timeout'],
])('%s is no answer', async (_, answer, expected) => {
  expect(await outcome(answer, expected === 'timeout' ? 300 : undefined)).toBe(expected);
});

test('a dripped body arrives in the end', async () => {
  expect(await outcome(drip([1], 1))).toEqual([200, '[1]']);
});

test('truncated JSON is complete as HTTP', async () => {
  const [code, text] = await outcome(truncatedJson(VALUE));
  expect(code).toBe(200);
  expect(() => JSON.parse(String(text)) as unknown).toThrow(SyntaxError);
});

test('a page of HTML comes with 200', async () => {
  const api = await start(() => html());
  const response = await fetch(api.url);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html']);
});

test.each<[string, Answer, number, Readonly<Record<string, string>>]>([
  ['a status', status(503), 503, {}],
  ['seconds to wait', retryAfter(3), 429, { 'retry-after': '3' }],
  [
    'a date to wait for',
    retryAfter(new Date('2026-11-20T10:00:00Z'), 503),
    503,
    { 'retry-after': 'Fri, 20 Nov 2026 10:00:00 GMT' },
  ],
  ['a redirect', redirect('http://127.0.0.2/'), 302, { location: 'http://127.0.0.2/' }],
  [
    'a next link',
    nextLink([], 'http://127.0.0.2/?p=2'),
    200,
    { link: '<http://127.0.0.2/?p=2>; rel="next"' },
  ],
])('%s is in the headers', async (_, answer, code, headers) => {
  const api = await start(() => answer);
  const response = await send(api.url);
  await response.body.dump();
  expect(response.statusCode).toBe(code);
  expect(response.headers).toMatchObject(headers);
});

test('a gzip bomb is small on the wire, and stacked ones smaller', async () => {
  const size = 8 * 2 ** 20;
  const [single, stacked] = await Promise.all(
    [gzipBomb(size), stackedGzips(size)].map(async (answer) => {
      const response = await send((await start(() => answer)).url);
      return Buffer.from(await response.body.arrayBuffer());
    }),
  );
  expect(single?.length).toBeLessThan(10_000);
  expect(gunzipSync(single ?? '').length).toBe(size);
  expect(stacked?.length).toBeLessThan(1_000);
  expect(gunzipSync(gunzipSync(gunzipSync(stacked ?? ''))).length).toBe(size);
});

test('brackets and objects come in the numbers asked for', async () => {
  expect(await outcome(openBrackets(1_000))).toEqual([200, '['.repeat(1_000)]);
  const [, text] = await outcome(emptyObjects(100_000));
  const objects = JSON.parse(String(text)) as unknown[];
  expect(objects.length).toBeGreaterThan(33_000);
  expect(objects.at(-1)).toEqual({});
});

test('a client may hang up in the middle of many objects', async () => {
  const api = await start(() => emptyObjects());
  const response = await send(api.url);
  for await (const chunk of response.body) {
    if ((chunk as Buffer).length > 0) break;
  }
  await expect.poll(api.inFlight).toBe(0);
});

test('the first tries of each URL fail', async () => {
  const api = await start(() => failFirst(2, status(500), json(VALUE)));
  const codes = [];
  for (const path of ['/a', '/a', '/b', '/a', '/b', '/b']) codes.push((await fetch(api.url + path)).status);
  expect(codes).toEqual([500, 500, 500, 200, 500, 200]);
});

test('requests are kept as they came', async () => {
  const api = await start(({ path }) => (path === '/a' ? json(1) : json(2)));
  await fetch(`${api.url}/a?x=1&y=2`, { headers: { 'x-api-key': 'k' } });
  await fetch(`${api.url}/b`);
  const [first, second] = api.requests;
  expect([first?.path, second?.path]).toEqual(['/a', '/b']);
  expect(first?.query.get('y')).toBe('2');
  expect(first?.headers['x-api-key']).toBe('k');
  expect(first?.attempt).toBe(1);
  expect((second?.atMs ?? 0) >= (first?.atMs ?? Infinity)).toBe(true);
});

test('the peak of requests in flight is counted', async () => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const api = await start(() => async (response, request) => {
    await opened;
    await json(1)(response, request);
  });
  const asked = [1, 2, 3, 4].map((at) => fetch(`${api.url}/${String(at)}`).then((it) => it.text()));
  await expect.poll(api.inFlight).toBe(4);
  open();
  await Promise.all(asked);
  await fetch(api.url).then((it) => it.text());
  expect([api.peakInFlight(), api.inFlight()]).toEqual([4, 0]);
});

test('closing destroys connections that are held open', async () => {
  const api = await startStubApi(() => slowHeaders(60_000, json(1)));
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await expect.poll(api.inFlight).toBe(1);
  await api.close();
  await ended;
});

test('what an answer throws comes out when the server is closed', async () => {
  const api = await startStubApi(() => () => {
    throw new Error('a defect of the test');
  });
  await expect(fetch(api.url)).rejects.toThrow();
  await expect(api.close()).rejects.toThrow('a defect of the test');
});
