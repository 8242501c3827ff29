import type { MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { ENTRY_STYLE_HASH, writeEntry } from './entry-page.js';
import type { Sessions } from './sessions.js';

/** What stands between any request and a page. */

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${ENTRY_STYLE_HASH}`,
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** On every answer, whatever it is. */
const HEADERS: readonly (readonly [string, string])[] = [
  ['content-security-policy', POLICY],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['cache-control', 'no-store'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['x-frame-options', 'DENY'],
];

export const sendHeaders: MiddlewareHandler = async (context, next) => {
  for (const [name, value] of HEADERS) context.header(name, value);
  await next();
};

/** A name that was rebound to this address comes with its own Host. */
export function demandHost(host: string): MiddlewareHandler {
  return async (context, next) => {
    if (context.req.header('host') === host) return next();
    const text = `This dashboard answers to http://${host}/ alone.`;
    return context.html(writeEntry({ title: 'Another name', text, asksToken: false, next: null }), 421);
  };
}

/** Cookies know no ports: the port in its name keeps two dashboards of a machine apart. */
export function nameCookie(port: number): string {
  return `lakeveil_${port}`;
}

export function demandSession(sessions: Sessions, port: number): MiddlewareHandler {
  return async (context, next) => {
    if (sessions.isIn(getCookie(context, nameCookie(port)))) return next();
    const text = sessions.takesToken
      ? 'This dashboard shows its pages to who has the token.'
      : 'This dashboard shows its pages to who followed the link that `pipeline dashboard` printed. A link works once; press Enter in that terminal for another.';
    return context.html(
      writeEntry({ title: 'Closed', text, asksToken: sessions.takesToken, next: null }),
      403,
    );
  };
}

/** A change is asked for by our own pages alone: their origin, and a token that only they can read. */
export function demandOrigin(origin: string): MiddlewareHandler {
  return async (context, next) => {
    if (context.req.header('origin') === origin) return next();
    return context.json({ error: { message: 'this was not asked for by a page of the dashboard' } }, 403);
  };
}

export function demandHeaderToken(sessions: Sessions): MiddlewareHandler {
  return async (context, next) => {
    if (sessions.isHeaderToken(context.req.header('x-lakeveil-token'))) return next();
    return context.json({ error: { message: 'this was not asked for by a page of the dashboard' } }, 403);
  };
}
