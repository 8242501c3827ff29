import type { MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { SIGN_IN_STYLE_HASH, writeSignIn } from './entry-page.js';
import type { Sessions } from './sessions.js';

/** Middleware that every request passes before a view is sent. */

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${SIGN_IN_STYLE_HASH}`,
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Sent with every response. */
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

/** Protects against DNS rebinding: a rebound name sends its own Host. */
export function requireHost(host: string): MiddlewareHandler {
  return async (context, next) => {
    if (context.req.header('host') === host) return next();
    const text = `This dashboard is only available at http://${host}/.`;
    return context.html(writeSignIn({ title: 'Wrong address', text, asksToken: false, next: null }), 421);
  };
}

/** Cookies ignore ports, so the port in the name keeps two dashboards on one machine apart. */
export function nameCookie(port: number): string {
  return `lakeveil_${port}`;
}

export function requireSession(sessions: Sessions, port: number): MiddlewareHandler {
  return async (context, next) => {
    if (sessions.isSignedIn(getCookie(context, nameCookie(port)))) return next();
    const text = sessions.takesToken
      ? 'Enter the token to sign in to this dashboard.'
      : 'To sign in, open the link that `pipeline dashboard` printed. Each link works once. To get a new link, press Enter in that terminal.';
    return context.html(
      writeSignIn({ title: 'Sign-in required', text, asksToken: sessions.takesToken, next: null }),
      403,
    );
  };
}

/** Only the dashboard's own pages may change anything: they send its origin, and a token that only they can read. */
export function requireOrigin(origin: string): MiddlewareHandler {
  return async (context, next) => {
    if (context.req.header('origin') === origin) return next();
    return context.json({ error: { message: 'the request was not sent by the dashboard' } }, 403);
  };
}

export function requireHeaderToken(sessions: Sessions): MiddlewareHandler {
  return async (context, next) => {
    if (sessions.isHeaderToken(context.req.header('x-lakeveil-token'))) return next();
    return context.json({ error: { message: 'the request was not sent by the dashboard' } }, 403);
  };
}
