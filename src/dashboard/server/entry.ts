import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { setCookie } from 'hono/cookie';
import { writeSignIn } from './entry-page.js';
import { requireOrigin, nameCookie } from './guards.js';
import type { Sessions } from './sessions.js';

/** Requests here are unauthenticated, so the body is limited to the longest possible token in form encoding. */
const MAX_BODY_BYTES = 16_384;

interface SignInOptions {
  readonly port: number;
  readonly origin: string;
  readonly guesses: FailedSignIns;
}

/**
 * Sign-in: exchanges a code or the token for a session cookie. The response is a page that forwards by itself and not a
 * redirect, because a browser that came from another site would not send a `SameSite=Strict` cookie along a redirect.
 */
export function addSignIn(app: Hono, sessions: Sessions, { port, origin, guesses }: SignInOptions): void {
  app.get('/enter', (context) => {
    // Link previews send HEAD before a person follows the link; that must not use up the code.
    if (context.req.method === 'HEAD') return context.body(null, 200);
    const session = sessions.signInByCode(context.req.query('code') ?? '');
    return session === null ? rejectSignIn(context, sessions) : signIn(context, session, port);
  });
  const limit = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: rejectLargeBody });
  app.post('/enter', requireOrigin(origin), limit, async (context) => {
    const { token } = await context.req.parseBody();
    const address = getConnInfo(context).remote.address ?? '';
    if (guesses.mustWait(address)) return rejectTooMany(context, sessions);
    const session = typeof token === 'string' ? sessions.signInByToken(token.trim()) : null;
    if (session !== null) return signIn(context, session, port);
    guesses.record(address);
    return rejectSignIn(context, sessions);
  });
}

function signIn(context: Context, session: string, port: number): Response | Promise<Response> {
  setCookie(context, nameCookie(port), session, { httpOnly: true, sameSite: 'Strict', path: '/' });
  const text = 'You are signed in for 12 hours, or until the dashboard stops.';
  return context.html(writeSignIn({ title: 'Signed in', text, asksToken: false, next: '/' }), 200);
}

function rejectSignIn(context: Context, sessions: Sessions): Response | Promise<Response> {
  const text = sessions.takesToken
    ? 'The token is not correct.'
    : 'This sign-in link has already been used, is older than 10 minutes or is not valid. To get a new link, press Enter in the terminal where `pipeline dashboard` runs.';
  const page = { title: 'Sign-in failed', text, asksToken: sessions.takesToken, next: null };
  return context.html(writeSignIn(page), 403);
}

function rejectLargeBody(context: Context): Response | Promise<Response> {
  const page = {
    title: 'Request too large',
    text: 'The request is larger than any valid token.',
    asksToken: false,
    next: null,
  };
  return context.html(writeSignIn(page), 413);
}

function rejectTooMany(context: Context, sessions: Sessions): Response | Promise<Response> {
  const text = 'Too many incorrect tokens were sent from your address. Wait a minute, then try again.';
  context.header('retry-after', '60');
  const page = { title: 'Sign-in failed', text, asksToken: sessions.takesToken, next: null };
  return context.html(writeSignIn(page), 429);
}

const MINUTE_MS = 60_000;
const WRONG_A_MINUTE = 10;
/** Addresses kept at once; the oldest is dropped. */
const MAX_ADDRESSES = 1_000;

/** Counts incorrect tokens per address, to stop brute-force attempts. */
export class FailedSignIns {
  readonly #wrong = new Map<string, { readonly sinceMs: number; readonly count: number }>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** True if the address has sent too many incorrect tokens; it must wait even with the correct one. */
  mustWait(address: string): boolean {
    return this.#countOf(address) >= WRONG_A_MINUTE;
  }

  record(address: string): void {
    const count = this.#countOf(address);
    const sinceMs = count === 0 ? this.#nowMs() : (this.#wrong.get(address)?.sinceMs ?? 0);
    this.#wrong.delete(address);
    this.#wrong.set(address, { sinceMs, count: count + 1 });
    const [first] = this.#wrong.keys();
    if (this.#wrong.size > MAX_ADDRESSES && first !== undefined) this.#wrong.delete(first);
  }

  #countOf(address: string): number {
    const known = this.#wrong.get(address);
    return known === undefined || this.#nowMs() - known.sinceMs >= MINUTE_MS ? 0 : known.count;
  }
}
