import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import type { EmbeddedOptions } from '../../fake-api/options.js';
import { attachServer, type EmbeddedServer } from '../../fake-api/server-thread.js';
import { startEmbedded } from '../../fake-api/start.js';

const PERSONS = '/api/v2/persons?_quantity=20&_seed=1';
const running: EmbeddedServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function start(options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  const server = await startEmbedded(options);
  running.push(server);
  return server;
}

/** The status, or null if there was no answer. */
async function fetchStatus(url: string): Promise<number | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.text();
    return response.status;
  } catch {
    return null;
  }
}

test('only this machine reaches it', async () => {
  const { url } = await start();
  const { port } = new URL(url);
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => `http://${address}:${port}${PERSONS}`);
  expect(new URL(url).hostname).toBe('127.0.0.1');
  const outcomes = await Promise.all([...others, `http://[::1]:${port}${PERSONS}`].map(fetchStatus));
  expect(new Set(outcomes)).toEqual(new Set([null]));
});

test('a taken port is E_PORT and names it', async () => {
  const port = Number(new URL((await start()).url).port);
  await expect(startEmbedded({ port })).rejects.toMatchObject({
    code: 'E_PORT',
    message: `port ${String(port)} is in use`,
  });
});

test('the server counts those in flight', async () => {
  const server = await start({ latencyMs: 600_000 });
  const ask = (seed: number): Promise<unknown> =>
    fetch(`${server.url}/api/v2/persons?_seed=${String(seed)}`).catch(() => null);
  const asked = [1, 2, 3].map(ask);
  await expect.poll(async () => (await server.stats()).inFlight).toBe(3);
  expect(await server.stats()).toMatchObject({ requests: 3, inFlight: 3, peakInFlight: 3 });
  await server.close();
  await Promise.all(asked);
});

test('the server counts requests, paths and times', async () => {
  const server = await start();
  for (const seed of [1, 2, 3]) {
    expect((await fetch(`${server.url}/api/v2/persons?_seed=${String(seed)}`)).status).toBe(200);
  }
  await delay(200);
  expect((await fetch(`${server.url}/nowhere`)).status).toBe(404);
  const stats = await server.stats();
  expect(stats).toMatchObject({ requests: 4, inFlight: 0 });
  expect(stats.perPath).toEqual(
    new Map([
      ['/api/v2/persons', 3],
      ['other', 1],
    ]),
  );
  const times = stats.requestTimes.map(({ atMs }) => atMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect((times[3] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(190);
});

test('closing frees the port and ends what is in flight', async () => {
  const server = await startEmbedded({ latencyMs: 30_000 });
  const inFlight = fetchStatus(server.url + PERSONS);
  await expect.poll(async () => (await server.stats()).inFlight).toBe(1);
  await server.close();
  await server.close();
  expect(await inFlight).toBeNull();
  expect(await fetchStatus(server.url + PERSONS)).toBeNull();
  await expect(server.stats()).rejects.toMatchObject({ code: 'E_EMBEDDED' });
});

test('a worker that dies at once is a failure of the start', async () => {
  await expect(attachServer(new Worker('process.exit(3)', { eval: true }), 0)).rejects.toMatchObject({
    code: 'E_EMBEDDED',
    exit: 3,
  });
});

test('a worker that dies later is reported without its message', async () => {
  const code = `
    require('node:worker_threads').parentPort.postMessage({ kind: 'listening', port: 1 });
    setTimeout(() => { throw new Error('canary@leak.example'); }, 50);`;
  const server = await attachServer(new Worker(code, { eval: true }), 0);
  const error = await server.gone.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'E_EMBEDDED' });
  expect(String((error as Error).stack)).not.toContain('canary');
});

test('a process ends once it has closed its server, and its people are those of every process', async () => {
  const script = new URL('../../fake-api/start.ts', import.meta.url).href;
  const code = `
    const { startEmbedded } = await import('${script}');
    const { createHash } = await import('node:crypto');
    const server = await startEmbedded();
    const body = await (await fetch(server.url + '${PERSONS}')).text();
    console.log(createHash('sha256').update(body).digest('hex'));
    await server.close();`;
  const child = promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '--eval',
    code,
  ]);
  const { url } = await start();
  const body = await (await fetch(url + PERSONS)).text();
  expect((await child).stdout.trim()).toBe(createHash('sha256').update(body).digest('hex'));
});
