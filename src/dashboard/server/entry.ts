import type { Context, Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import { demandOrigin, nameCookie } from './guards.js';
import { writeEntry } from './entry-page.js';
import type { Sessions } from './sessions.js';

/**
 * The door: a code or the token is swapped for a cookie. The answer is a page that goes on by itself rather than a
 * redirect, since a browser that was sent here from elsewhere would not send a strict cookie along a redirect.
 */
export function addEntry(
  app: Hono,
  sessions: Sessions,
  { port, origin }: { port: number; origin: string },
): void {
  app.get('/enter', (context) => {
    const session = sessions.enterByCode(context.req.query('code') ?? '');
    return session === null ? refuse(context, sessions) : welcome(context, session, port);
  });
  app.post('/enter', demandOrigin(origin), async (context) => {
    const { token } = await context.req.parseBody();
    const session = typeof token === 'string' ? sessions.enterByToken(token.trim()) : null;
    return session === null ? refuse(context, sessions) : welcome(context, session, port);
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
