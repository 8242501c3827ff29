import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/** One request as the server saw it. */
export interface StubRequest {
  /** By the server's clock (`performance.now()`). */
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** What was sent along, as text; '' for none. */
  readonly body: string;
  /** How often this path and query was asked for, this time included. */
  readonly attempt: number;
}

/** Writes one answer. What it throws is given to whoever closes the server. */
export type Answer = (response: ServerResponse, request: StubRequest) => void | Promise<void>;

export interface StubApi {
  /** Origin, such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /** In order of arrival. */
  readonly requests: readonly StubRequest[];
  readonly inFlight: () => number;
  readonly peakInFlight: () => number;
  /** Destroys every connection, so that no test waits for a client; throws what an answer threw. */
  readonly close: () => Promise<void>;
}

/** A real server on 127.0.0.1, on a free port, whose handler says for each request how it is answered. */
export async function startStubApi(handler: (request: StubRequest) => Answer): Promise<StubApi> {
  const requests: StubRequest[] = [];
  const attempts = new Map<string, number>();
  const failures: unknown[] = [];
  let inFlight = 0;
  let peakInFlight = 0;
  const server = createServer((incoming, response) => {
    const target = incoming.url ?? '/';
    const [path = '/', query = ''] = target.split('?', 2);
    const attempt = (attempts.get(target) ?? 0) + 1;
    attempts.set(target, attempt);
    const { method = 'GET', headers } = incoming;
    const atMs = performance.now();
    const asked = { atMs, method, path, query: new URLSearchParams(query), headers, attempt };
    inFlight += 1;
    peakInFlight = Math.max(peakInFlight, inFlight);
    onceOver(response, () => (inFlight -= 1));
    const answer = async (): Promise<void> => {
      const request = { ...asked, body: method === 'GET' ? '' : await text(incoming) };
      requests.push(request);
      await handler(request)(response, request);
    };
    answer().catch((error: unknown) => {
      if (!response.destroyed) failures.push(error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    requests,
    inFlight: () => inFlight,
    peakInFlight: () => peakInFlight,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** `finish` comes before a client can act on the last byte; `close` alone comes when nothing was finished. */
function onceOver(response: ServerResponse, act: () => void): void {
  let isOver = false;
  const settle = (): void => {
    if (!isOver) act();
    isOver = true;
  };
  response.once('finish', settle);
  response.once('close', settle);
}

// Answers that are right.

type Headers = Readonly<Record<string, string | number>>;

/** Bytes with their length, as JSON unless a header says otherwise. */
export function bytes(body: Buffer | string, headers: Headers = {}, status = 200): Answer {
  return (response) => {
    const content = Buffer.from(body);
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': content.length,
      ...headers,
    });
    response.end(content);
  };
}

export function json(value: unknown, headers: Headers = {}, status = 200): Answer {
  return bytes(JSON.stringify(value), headers, status);
}

/** The Faker API's envelope around `records`; fewer of them than asked, or none, is a fault ready made. */
export function page(records: readonly unknown[], seed: string | null = null): Answer {
  return json({ status: 'OK', code: 200, locale: 'en_US', seed, total: records.length, data: records });
}

export function gzipped(value: unknown): Answer {
  return bytes(gzipSync(JSON.stringify(value)), { 'content-encoding': 'gzip' });
}

// What comes before an answer.

/** `fault` for the first `count` requests of each path and query, then `right`. */
export function failFirst(count: number, fault: Answer, right: Answer): Answer {
  return (response, request) => (request.attempt <= count ? fault : right)(response, request);
}

/** Silence, before the first header is sent. */
export function slowHeaders(delayMs: number, then: Answer): Answer {
  return async (response, request) => {
    await sleep(delayMs, undefined, { ref: false });
    if (!response.destroyed) await then(response, request);
  };
}

// Answers that say no.

export function status(code: number, headers: Headers = {}): Answer {
  return json({ status: 'ERROR', code }, headers, code);
}

/** 429 or another code with Retry-After: seconds, or an HTTP date (RFC 9110, 10.2.3). */
export function retryAfter(when: number | Date, code = 429): Answer {
  return status(code, { 'retry-after': when instanceof Date ? when.toUTCString() : when });
}

export function redirect(location: string, code = 302): Answer {
  return status(code, { location });
}

/** A page whose next one lies at `next`: in the Link header (RFC 8288) and in the body. */
export function nextLink(records: readonly unknown[], next: string): Answer {
  return json({ data: records, next }, { link: `<${next}>; rel="next"` });
}

// Answers that break off.

/** A reset in place of an answer. */
export function reset(): Answer {
  return (response) => {
    response.socket?.resetAndDestroy();
  };
}

/** Half of the body, then a reset. */
export function resetMidBody(value: unknown): Answer {
  return breakOff(value, (response) => response.socket?.resetAndDestroy());
}

/** Half of the body, then an orderly end of the connection. */
export function hangUpMidBody(value: unknown): Answer {
  return breakOff(value, (response) => response.socket?.destroySoon());
}

function breakOff(value: unknown, end: (response: ServerResponse) => void): Answer {
  return (response) => {
    const body = Buffer.from(JSON.stringify(value));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.write(body.subarray(0, body.length >> 1), () => {
      end(response);
    });
  };
}

/** Half of a JSON text, complete as far as HTTP can tell. */
export function truncatedJson(value: unknown): Answer {
  const text = JSON.stringify(value);
  return bytes(text.slice(0, text.length >> 1));
}

/** A byte now and then, so that no idle timeout sees it. */
export function drip(value: unknown, everyMs = 20): Answer {
  return async (response) => {
    const body = Buffer.from(JSON.stringify(value));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    for (const byte of body) {
      if (response.destroyed) return;
      response.write(Buffer.of(byte));
      await sleep(everyMs);
    }
    response.end();
  };
}

// Answers that are not what they seem.

export function html(): Answer {
  return bytes('<!doctype html><title>Sign in</title><p>Please sign in.</p>', {
    'content-type': 'text/html',
  });
}

/** A little gzip that becomes `size` bytes of blanks within an array. */
export function gzipBomb(size = 64 * 2 ** 20): Answer {
  return bytes(gzipSync(blanks(size)), { 'content-encoding': 'gzip' });
}

/** The same, packed three times over: some hundred bytes. */
export function stackedGzips(size = 64 * 2 ** 20): Answer {
  const packed = gzipSync(gzipSync(gzipSync(blanks(size))));
  return bytes(packed, { 'content-encoding': 'gzip, gzip, gzip' });
}

function blanks(size: number): Buffer {
  const body = Buffer.alloc(size, ' ');
  body.write('[');
  body.write(']', size - 1);
  return body;
}

export function openBrackets(count = 100_000): Answer {
  return bytes('['.repeat(count));
}

/** `[{},{},…]` of `size` bytes or a little more, sent in chunks without a length. */
export function emptyObjects(size = 64 * 2 ** 20): Answer {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    try {
      await pipeline(Readable.from(listObjects(size)), response);
    } catch {
      // A client with a limit hangs up long before the end.
      response.destroy();
    }
  };
}

function* listObjects(size: number): Generator<string> {
  const chunk = '{},'.repeat(20_000);
  yield '[';
  for (let sent = 0; sent < size; sent += chunk.length) yield chunk;
  yield '{}]';
}
