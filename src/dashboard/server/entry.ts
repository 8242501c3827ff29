import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { setCookie } from 'hono/cookie';
import { demandOrigin, nameCookie } from './guards.js';
import { writeEntry } from './entry-page.js';
import { Guesses } from './guesses.js';
import type { Sessions } from './sessions.js';

/** Anybody may post here, so little is read: the longest token that a file can hold, as a form encodes it, and its name. */
const MAX_BODY_BYTES = 16_384;

export interface EntryOptions {
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
  const limit = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuseLarge });
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

function refuseLarge(context: Context): Response | Promise<Response> {
  const page = { title: 'Too large', text: 'No token is as long as that.', asksToken: false, next: null };
  return context.html(writeEntry(page), 413);
}

function letWait(context: Context, sessions: Sessions): Response | Promise<Response> {
  const text = 'There have been too many wrong tokens from your address. Wait a minute, then try again.';
  context.header('retry-after', '60');
  const page = { title: 'Closed', text, asksToken: sessions.takesToken, next: null };
  return context.html(writeEntry(page), 429);
}
