import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { setCookie } from 'hono/cookie';
import { writeEntry } from './entry-page.js';
import { demandOrigin, nameCookie } from './guards.js';
import type { Sessions } from './sessions.js';

/** Anybody may post here, so little is read: the longest token that a file can hold, as a form encodes it, and its name. */
const MAX_BODY_BYTES = 16_384;

interface EntryOptions {
  readonly port: number;
  readonly origin: string;
  readonly nowMs: () => number;
}

/**
 * The door: a code or the token is swapped for a cookie. The answer is a page that goes on by itself rather than a
 * redirect, since a browser that was sent here from elsewhere would not send a strict cookie along a redirect.
 */
export function addEntry(app: Hono, sessions: Sessions, { port, origin, nowMs }: EntryOptions): void {
  const guesses = new Guesses(nowMs);
  app.get('/enter', (context) => {
    // Programs look a link up by HEAD before a person follows it, which must not spend its code.
    if (context.req.method === 'HEAD') return context.body(null, 200);
    const session = sessions.enterByCode(context.req.query('code') ?? '');
    return session === null ? refuse(context, sessions) : welcome(context, session, port);
  });
  const limit = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: assertSmallBody });
  app.post('/enter', demandOrigin(origin), limit, async (context) => {
    const { token } = await context.req.parseBody();
    const address = getConnInfo(context).remote.address ?? '';
    if (guesses.mustWait(address)) return letWait(context, sessions);
    const session = typeof token === 'string' ? sessions.enterByToken(token.trim()) : null;
    if (session !== null) return welcome(context, session, port);
    guesses.noteWrong(address);
    return refuse(context, sessions);
  });
}

function welcome(context: Context, session: string, port: number): Response | Promise<Response> {
  setCookie(context, nameCookie(port), session, { httpOnly: true, sameSite: 'Strict', path: '/' });
  const text = 'This browser may look now, until the dashboard ends.';
  return context.html(writeEntry({ title: 'Welcome', text, asksToken: false, next: '/' }), 200);
}

function refuse(context: Context, sessions: Sessions): Response | Promise<Response> {
  const text = sessions.takesToken
    ? 'That is not the token.'
    : 'This link has been used, or was never given out. Press Enter in the terminal of `pipeline dashboard` for another.';
  const page = { title: 'Closed', text, asksToken: sessions.takesToken, next: null };
  return context.html(writeEntry(page), 403);
}

function assertSmallBody(context: Context): Response | Promise<Response> {
  const page = { title: 'Too large', text: 'No token is as long as that.', asksToken: false, next: null };
  return context.html(writeEntry(page), 413);
}

function letWait(context: Context, sessions: Sessions): Response | Promise<Response> {
  const text = 'There have been too many wrong tokens from your address. Wait a minute, then try again.';
  context.header('retry-after', '60');
  const page = { title: 'Closed', text, asksToken: sessions.takesToken, next: null };
  return context.html(writeEntry(page), 429);
}

const MINUTE_MS = 60_000;
const WRONG_A_MINUTE = 10;
/** Addresses that are remembered at once; the one that guessed first goes. */
const MAX_ADDRESSES = 1_000;

/** Counts wrong tokens by where they come from, so that nobody can try them by the thousand. */
class Guesses {
  readonly #wrong = new Map<string, { readonly sinceMs: number; readonly count: number }>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** True where an address has guessed wrong so often that it has to wait, with the right token, too. */
  mustWait(address: string): boolean {
    return this.#countOf(address) >= WRONG_A_MINUTE;
  }

  noteWrong(address: string): void {
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
