import { createHash } from 'node:crypto';
import { html, trusted } from '../markup.js';

/** The pages outside of the door: they show nothing of the lake, and load nothing. */

const STYLE =
  ':root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:34rem;margin:15vh auto;padding:0 1.5rem}h1{font-size:1.5rem}code{overflow-wrap:anywhere}input,button{font:inherit;padding:.4rem .6rem}';

/** What the policy lets in beside nothing: that one style. */
export const ENTRY_STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

export interface EntryPage {
  readonly title: string;
  readonly text: string;
  /** A field for the token of the token file. */
  readonly asksToken: boolean;
  /** Where the browser goes on to by itself. */
  readonly next: string | null;
}

export function writeEntry({ title, text, asksToken, next }: EntryPage): string {
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
            ${asksToken && tokenForm()} ${next !== null && html`<p><a href="${next}">Go on</a></p>`}
          </main>
        </body>
      </html> `,
  );
}

function tokenForm() {
  return html`<form method="post" action="/enter">
    <p>
      <label>Token <input type="password" name="token" autocomplete="off" required /></label>
      <button>Enter</button>
    </p>
  </form>`;
}
