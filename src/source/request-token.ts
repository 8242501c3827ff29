import type { Effects, FetchResponse } from '../base/effects.js';
import { failure, LakeveilError } from '../base/errors.js';
import type { AuthDefinition, SourceDefinition } from '../base/types/definition.js';
import { connectFailure, startDeadline } from './connect-failure.js';
import { readBody } from './read-body.js';
import { openText } from './request-text.js';
import { TransientFailure } from './retry.js';
import { isTransient, toTransient } from './wait.js';

export interface Token {
  readonly text: string;
  /** From then on another one is asked for; Infinity where the answer does not say how long it is good. */
  readonly staleAtMs: number;
}

type OAuth2 = Extract<AuthDefinition, { type: 'oauth2' }>;
type Limits = Pick<SourceDefinition, 'timeoutMs' | 'maxWaitMs'>;

const MAX_BYTES = 65_536;
/** A token is given up so long before its end, or half of its life before. */
const MARGIN_MS = 30_000;
const TOKEN = /^[\x21-\x7e]{1,8192}$/;

/**
 * Asks for a token by client credentials (RFC 6749, 4.4; the client names itself by HTTP Basic, 2.3.1). The address is
 * the definition's and no redirect is followed, for the secret goes along. Throws a `TransientFailure`, E_SOURCE_TOKEN
 * and what a fetch throws, all with the origin of the token address; nothing of what was sent or came.
 */
export async function requestToken(
  auth: OAuth2,
  limits: Limits,
  effects: Pick<Effects, 'fetch' | 'now' | 'signal'>,
): Promise<Token> {
  const url = new URL(auth.tokenUrl);
  const where = { origin: url.origin, path: 'token_url' };
  try {
    return await ask(url, auth, limits, effects);
  } catch (error) {
    if (error instanceof TransientFailure) {
      throw new TransientFailure(error.error.at(where), error.retryAfterMs);
    }
    throw error instanceof LakeveilError ? error.at(where) : error;
  }
}

async function ask(
  url: URL,
  auth: OAuth2,
  { timeoutMs, maxWaitMs }: Limits,
  { fetch, now, signal }: Pick<Effects, 'fetch' | 'now' | 'signal'>,
): Promise<Token> {
  const deadline = startDeadline(signal, timeoutMs);
  try {
    const init = { method: 'POST', headers: headersOf(auth), body: bodyOf(auth) } as const;
    const response = await fetch(url, { ...init, signal: deadline.signal });
    return await receive(response, now(), maxWaitMs);
  } catch (error) {
    if (signal.aborted) throw failure('E_INTERRUPTED', {});
    if (error instanceof LakeveilError) throw withTokenRemedy(error);
    if (deadline.isExpired()) {
      throw new TransientFailure(
        failure('E_SOURCE_TOKEN', { kind: `no complete response within the \`timeout\` of ${timeoutMs} ms` }),
      );
    }
    throw error instanceof TransientFailure ? error : connectFailure(error);
  } finally {
    deadline.release();
  }
}

/** The limit of a token's answer is ours, and it has no pages: what helps a page would not help here. */
function withTokenRemedy(error: LakeveilError): LakeveilError {
  if (error.code !== 'E_SOURCE_TOO_LARGE') return error;
  return failure('E_SOURCE_TOKEN', { kind: `a response larger than ${MAX_BYTES} bytes` });
}

function headersOf({ clientId, clientSecret, credentials }: OAuth2) {
  const pair = [clientId, clientSecret].map((text) => encodeForm(openText(text))).join(':');
  const basic = { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  return {
    accept: 'application/json',
    'accept-encoding': 'gzip, deflate, br',
    'content-type': 'application/x-www-form-urlencoded',
    'user-agent': 'lakeveil',
    ...(credentials === 'header' ? basic : {}),
  };
}

function bodyOf({ params, credentials, clientId, clientSecret }: OAuth2): string {
  const asked = new URLSearchParams({ grant_type: 'client_credentials' });
  for (const [name, text] of params) asked.set(name, openText(text));
  if (credentials === 'body') {
    asked.set('client_id', openText(clientId));
    asked.set('client_secret', openText(clientSecret));
  }
  return asked.toString();
}

/** As `application/x-www-form-urlencoded` has it, which RFC 6749 wants of both parts before they are joined. */
function encodeForm(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

async function receive(response: FetchResponse, now: Date, maxWaitMs: number): Promise<Token> {
  const { status } = response;
  try {
    if (status >= 300 && status < 400) throw failure('E_SOURCE_TOKEN', { kind: 'a redirect' });
    if (status === 200 || status === 201) return readToken(await readBody(response, MAX_BYTES), now);
    const error = failure('E_SOURCE_TOKEN', { kind: `status ${status}` });
    const transient = isTransient(response) ? toTransient(response, error, now, maxWaitMs) : error;
    throw transient instanceof TransientFailure ? transient : error;
  } finally {
    response.discard();
  }
}

function readToken(body: Buffer, now: Date): Token {
  const answer = parse(body);
  const { access_token: text, token_type: type, expires_in: seconds } = answer;
  if (typeof text !== 'string' || !TOKEN.test(text))
    throw failure('E_SOURCE_TOKEN', { kind: 'no valid `access_token` in the response' });
  const isBearer = typeof type === 'string' && type.toLowerCase() === 'bearer';
  // Some servers leave the type out, which RFC 6749 requires.
  if (type !== undefined && !isBearer)
    throw failure('E_SOURCE_TOKEN', { kind: 'a `token_type` other than bearer' });
  const isSaid = typeof seconds === 'number' || (typeof seconds === 'string' && /^\d{1,10}$/.test(seconds));
  if (!isSaid) return { text, staleAtMs: Infinity };
  const lifeMs = Math.max(0, Number(seconds)) * 1000;
  return { text, staleAtMs: now.getTime() + lifeMs - Math.min(MARGIN_MS, lifeMs / 2) };
}

function parse(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    if (typeof answer === 'object' && answer !== null) return { ...answer };
  } catch {
    // The parser's message quotes the text.
  }
  throw failure('E_SOURCE_TOKEN', { kind: 'the response is not a JSON object' });
}
