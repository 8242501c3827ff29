import { createHash } from 'node:crypto';
import { html, trusted } from '../markup.js';

/** Sign-in pages: they show nothing of the lake and load no other file. */

const STYLE =
  ':root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:34rem;margin:15vh auto;padding:0 1.5rem}h1{font-size:1.5rem}code{overflow-wrap:anywhere}input,button{font:inherit;padding:.4rem .6rem}';

/** The only inline style that the content security policy allows. */
export const SIGN_IN_STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

export interface SignInPage {
  readonly title: string;
  readonly text: string;
  /** Shows a form for the token. */
  readonly asksToken: boolean;
  /** Address that the browser is forwarded to; null for none. */
  readonly next: string | null;
}

export function writeSignIn({ title, text, asksToken, next }: SignInPage): string {
  return String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          ${next !== null && html`<meta http-equiv="refresh" content="0; url=${next}" />`}
          <title>${title} · Lakeveil</title>
          ${trusted(`<style>${STYLE}</style>`)}
        </head>
        <body>
          <main>
            <h1>${title}</h1>
            <p>${text}</p>
            ${asksToken && tokenForm()} ${next !== null && html`<p><a href="${next}">Continue</a></p>`}
          </main>
        </body>
      </html> `,
  );
}

function tokenForm() {
  return html`<form method="post" action="/enter">
    <p>
      <label>Token <input type="password" name="token" autocomplete="off" required /></label>
      <button>Sign in</button>
    </p>
  </form>`;
}
