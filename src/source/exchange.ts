import type { Effects, FetchResponse } from '../base/effects.js';
import { failure, LakeveilError } from '../base/errors.js';
import { connectFailure, startDeadline } from './connect-failure.js';
import type { Body } from './formats/format.js';
import type { Pace } from './pace.js';
import { readBody } from './read-body.js';
import { Pending, TransientFailure, Unauthorized } from './retry.js';
import { isTransient, readWaitMs, toTransient } from './wait.js';

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
export const NO_CONTENT = 204;
/** No range is requested, so a partial response is never accepted. */
const PARTIAL = 206;
/** The source works on it: the answer is polled for. */
const ACCEPTED = 202;
const UNAUTHORIZED = 401;
/** Redirects that say to send the same again; the others make a GET of a POST. */
const REPEATING = new Set([307, 308]);

/** What is asked for. */
export interface Asked {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  /** JSON, with POST; null for none. */
  readonly body: string | null;
}

export interface ExchangeOptions {
  readonly effects: Pick<Effects, 'fetch' | 'now'>;
  readonly pace: Pace;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** A longer wait that the source asks for ends the run. */
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  /** Statuses that are answers, whose bodies are not read. */
  readonly endStatus: readonly number[];
  readonly signal: AbortSignal;
  /** Called after each request with its duration. */
  readonly onBusy: (ms: number) => void;
}

export interface ReceivedBody extends Body {
  /** Where it came from, after redirects. */
  readonly url: URL;
  readonly status: number;
  /** Names in lower case; several of one name are joined by commas (RFC 9110, 5.3). */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * One try for one page: sends the request, follows redirects within the origin (at most five), reads the body.
 * `timeoutMs` is for all of it, first request to last byte, without what the rate limit makes it wait. Throws a
 * `TransientFailure`, `Unauthorized` or an error of the catalogue, nothing else.
 */
export async function exchange(asked: Asked, options: ExchangeOptions): Promise<ReceivedBody> {
  let { url } = asked;
  let leftMs = options.timeoutMs;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    await waitForTurn(options);
    const sentMs = options.effects.now().getTime();
    const got = await request({ ...asked, url }, leftMs, options).finally(() => {
      const busyMs = options.effects.now().getTime() - sentMs;
      leftMs -= busyMs;
      options.onBusy(busyMs);
    });
    if (!(got instanceof URL)) return got;
    url = got;
  }
  throw failure('E_SOURCE_REDIRECT', { kind: 'too many redirects' });
}

async function waitForTurn({ pace, signal }: ExchangeOptions): Promise<void> {
  try {
    await pace(signal);
  } catch {
    throw failure('E_INTERRUPTED', {});
  }
}

/** One request: its body, or where it is redirected to. */
async function request(asked: Asked, leftMs: number, options: ExchangeOptions): Promise<ReceivedBody | URL> {
  const deadline = startDeadline(options.signal, leftMs);
  try {
    const { url, method, body } = asked;
    const init = { method, headers: options.headers, signal: deadline.signal };
    const response = await options.effects.fetch(url, body === null ? init : { ...init, body });
    return await receive(asked, response, options);
  } catch (error) {
    if (options.signal.aborted) throw failure('E_INTERRUPTED', {});
    if (error instanceof LakeveilError || error instanceof Unauthorized) throw error;
    if (deadline.isExpired()) {
      throw new TransientFailure(failure('E_SOURCE_TIMEOUT', { timeout_ms: options.timeoutMs }));
    }
    throw error instanceof TransientFailure ? error : connectFailure(error);
  } finally {
    deadline.release();
  }
}

async function receive(
  { url, method }: Asked,
  response: FetchResponse,
  options: ExchangeOptions,
): Promise<ReceivedBody | URL> {
  const { status, headers } = response;
  try {
    if (REDIRECTS.has(status) && method === 'POST' && !REPEATING.has(status))
      throw failure('E_SOURCE_REDIRECT', { kind: 'a redirect that would drop the body' });
    if (REDIRECTS.has(status)) return resolveRedirect(url, headers['location']);
    const headed = { isFramed: true, url, status, headers: joinHeaders(headers) };
    if (status === NO_CONTENT || options.endStatus.includes(status))
      return { ...headed, bytes: Buffer.alloc(0) };
    if (status < 200 || status > 299 || status === PARTIAL || status === ACCEPTED)
      throw statusFailure(url, response, options);
    const isFramed = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    return { ...headed, isFramed, bytes: await readBody(response, options.maxBytes) };
  } finally {
    response.discard();
  }
}

function joinHeaders(headers: FetchResponse['headers']): ReceivedBody['headers'] {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().join(', ')]],
    ),
  );
}

function resolveRedirect(from: URL, location: string | readonly string[] | undefined): URL {
  const to =
    typeof location === 'string' && URL.canParse(location, from.href) ? new URL(location, from) : null;
  if (to === null) throw failure('E_SOURCE_REDIRECT', { kind: 'a redirect without a valid address' });
  if (to.origin !== from.origin) throw failure('E_SOURCE_REDIRECT', { kind: 'a redirect to another origin' });
  return to;
}

function statusFailure(from: URL, response: FetchResponse, { effects, maxWaitMs }: ExchangeOptions): Error {
  const error = failure('E_SOURCE_STATUS', { status: response.status });
  if (response.status === ACCEPTED) {
    const { location } = response.headers;
    const to = location === undefined ? null : resolveRedirect(from, location);
    return new Pending(error, Math.min(maxWaitMs, readWaitMs(response, effects.now())), to);
  }
  if (isTransient(response)) return toTransient(response, error, effects.now(), maxWaitMs);
  return response.status === UNAUTHORIZED ? new Unauthorized(error) : error;
}
