import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { completeOptions, type EmbeddedOptions } from '../../fake-api/options.js';
import { DEFAULT_LOCALE, loadVocabulary } from '../../fake-api/persons/vocabulary.js';
import { type ApiServer, createApiServer } from '../../fake-api/server.js';

const PERSONS = '/api/v2/persons?_quantity=20&_seed=1';
const running: ApiServer['server'][] = [];

beforeAll(() => loadVocabulary(DEFAULT_LOCALE));

afterEach(() => {
  for (const server of running.splice(0)) server.close().closeAllConnections();
});

async function start(options: EmbeddedOptions = {}): Promise<{ readonly url: string }> {
  const { server } = createApiServer(completeOptions(options));
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` };
}

/** The status, or what the fetch came to; it is given up where it is expected to have no end. */
async function fetchOutcome(url: string, expected: number | string): Promise<number | string> {
  try {
    const signal = expected === 'timeout' ? AbortSignal.timeout(1_000) : null;
    const response = await fetch(url, { signal });
    const text = await response.text();
    if (response.status !== 200) return response.status;
    return text.startsWith('{"status":"OK"') ? 200 : 'not JSON';
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'broken';
  }
}

test('both paths answer, with the same people for the same seed', async () => {
  const { url } = await start();
  const [v1, v2] = await Promise.all(
    ['v1', 'v2'].map(async (version) => (await fetch(`${url}/api/${version}/persons?_seed=3`)).text()),
  );
  expect(v1).toBe(v2);
  expect(v1).toContain('"seed":"3","total":10');
});

test('another path and another method are answered in JSON', async () => {
  const { url } = await start();
  const [lost, posted] = [
    await fetch(`${url}/api/v2/users`),
    await fetch(`${url}/api/v2/persons`, { method: 'POST' }),
  ];
  expect(lost.status).toBe(404);
  expect(await lost.json()).toMatchObject({ code: 404, data: [] });
  expect(posted.status).toBe(405);
});

test.each([
  [{ failFirst: { tries: 1, kind: 'too_many_requests' } }, 429],
  [{ failFirst: { tries: 1, kind: 'server_error' } }, 500],
  [{ failFirst: { tries: 1, kind: 'reset' } }, 'broken'],
  [{ failFirst: { tries: 1, kind: 'truncated' } }, 'broken'],
  [{ failFirst: { tries: 1, kind: 'html' } }, 'not JSON'],
  [{ failFirst: { tries: 1, kind: 'drip' } }, 'timeout'],
] as const)('%j goes wrong once, then right', async (options, outcome) => {
  const { url } = await start(options);
  expect(await fetchOutcome(url + PERSONS, outcome)).toBe(outcome);
  expect(await fetchOutcome(url + PERSONS, 200)).toBe(200);
});

test.each(['/products?date=2026-11-20', '/api/bookings.csv?date=2026-11-20&slot=1&count=9'])(
  'latency and faults meet %s too',
  async (path) => {
    const { url } = await start({ latencyMs: 60, failFirst: { tries: 1, kind: 'server_error' } });
    const begunMs = performance.now();
    const get = (): Promise<Response> => fetch(url + path, { headers: { 'X-API-Key': 'any' } });
    expect((await get()).status).toBe(500);
    expect((await get()).status).toBe(200);
    expect(performance.now() - begunMs).toBeGreaterThan(110);
  },
);

test('a truncated CSV promises the whole', async () => {
  const { url } = await start({ failFirst: { tries: 1, kind: 'truncated' } });
  const path = '/api/bookings.csv?date=2026-11-20&slot=1&count=9';
  const response = await fetch(url + path, { headers: { 'X-API-Key': 'any' } });
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  await expect(response.text()).rejects.toThrow();
});

test('a rate limit answers 429 with the seconds to wait', async () => {
  const { url } = await start({ rateLimit: { requests: 2, perMs: 60_000 } });
  const answers = [];
  for (let tries = 0; tries < 3; tries += 1) answers.push(await fetch(url + PERSONS));
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 429]);
  expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(50);
});

test('Retry-After can be a date', async () => {
  const { url } = await start({
    faultRates: { too_many_requests: 1 },
    retryAfter: { form: 'date', seconds: 30 },
  });
  const askedAtMs = Date.now();
  const header = (await fetch(url + PERSONS)).headers.get('retry-after') ?? '';
  expect(header).toMatch(/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/);
  expect(Date.parse(header) - askedAtMs).toBeGreaterThan(20_000);
});
