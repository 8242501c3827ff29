import { createHash } from 'node:crypto';
import type { Content, Markup } from '../markup.js';
import { html, trusted } from '../markup.js';

/** A page as a file: its style is within, and its policy lets in that style alone. */
export function writeFileDocument(title: string, style: string, body: Content): string {
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta http-equiv="content-security-policy" content="${policy}" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="referrer" content="no-referrer" />
          <title>${title} · Lakeveil</title>
          ${styleElement(style)}
        </head>
        <body>
          ${body}
        </body>
      </html> `,
  );
}

function styleElement(style: string): Markup {
  return trusted(`<style>${style}</style>`);
}
