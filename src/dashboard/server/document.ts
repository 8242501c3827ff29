import { frame, type Page, type Surroundings } from '../layout.js';
import type { Place } from '../links.js';
import { html } from '../markup.js';

/** A page as the server sends it: style and script are files of their own, so that the policy can forbid all others. */
export function writeDocument(page: Page, place: Place, around: Surroundings): string {
  return String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${page.title} · Lakeveil</title>
          <link rel="stylesheet" href="/assets/style.css" />
          <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
          <script src="/assets/client.js" defer></script>
          ${
            page.refresh !== null &&
            page.refresh !== undefined &&
            html`<noscript><meta http-equiv="refresh" content="${page.refresh}" /></noscript>`
          }
        </head>
        <body>
          ${frame(page, place, around)}
        </body>
      </html> `,
  );
}
