import type { ServerResponse } from 'node:http';
import type { RetryAfter } from '../options.js';
import type { FaultKind } from './fault-kinds.js';
import { type Answer, answerJson } from './route.js';

/** Sends what a route says. */
export function sendAnswer(
  response: ServerResponse,
  { status, contentType, body }: Answer,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length, ...headers });
  response.end(bytes);
}

/** Sends an error as the Faker API words one: the envelope without data. */
export function sendError(
  response: ServerResponse,
  code: number,
  status: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = { status, code, locale: null, seed: null, total: 0, data: [] };
  sendAnswer(response, answerJson(code, JSON.stringify(body)), headers);
}

/** A 429 that says when to come back. */
export function sendTooManyRequests(response: ServerResponse, retryAfter: RetryAfter): void {
  sendError(response, 429, 'Too Many Requests', { 'retry-after': formatRetryAfter(retryAfter) });
}

/** RFC 9110, 10.2.3: seconds, or an HTTP date. A date has whole seconds, so it is rounded up. */
function formatRetryAfter({ form, seconds }: RetryAfter): string {
  if (form === 'seconds') return String(seconds);
  return new Date(Math.ceil(Date.now() / 1_000 + seconds) * 1_000).toUTCString();
}

/** Answers wrongly, in place of `answer`. */
export function sendFault(
  response: ServerResponse,
  kind: FaultKind,
  answer: Answer,
  retryAfter: RetryAfter,
): void {
  switch (kind) {
    case 'too_many_requests':
      sendTooManyRequests(response, retryAfter);
      return;
    case 'server_error':
      sendError(response, 500, 'Internal Server Error');
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'truncated':
      sendHalf(response, answer);
      return;
    case 'drip':
      sendDrop(response, answer);
      return;
    case 'html':
      sendLoginPage(response);
      return;
    default:
      kind satisfies never;
  }
}

/** Promises the whole, sends half and hangs up. */
function sendHalf(response: ServerResponse, { status, contentType, body }: Answer): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length });
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.socket?.destroySoon());
}

const DRIP_MS = 20;

/** One byte at a time, often enough that no idle timeout sees it. */
function sendDrop(response: ServerResponse, { status, contentType, body }: Answer): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length });
  let sent = 0;
  const timer = setInterval(() => {
    response.write(bytes.subarray(sent, sent + 1));
    sent += 1;
    if (sent < bytes.length) return;
    clearInterval(timer);
    response.end();
  }, DRIP_MS);
  response.once('close', () => {
    clearInterval(timer);
  });
}

/** What a proxy puts in between: well-formed, and not JSON. */
function sendLoginPage(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end('<!doctype html><title>Sign in</title><p>Please sign in to go on.</p>');
}
