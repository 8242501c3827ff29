import { createHash } from 'node:crypto';
import { LISTED_ROWS, type PipelineModel } from '../data/models.js';
import { type Content, html, type Markup, trusted } from '../markup.js';

/** What ends a script element or a line of script, and what a reader of the text would obey. */
const UNSAFE = /[<>&\u2028\u2029\p{Cc}\p{Bidi_Control}]/gu;

/** Data in a page, for whoever wants to go on from it; no engine runs it. */
function inlineJson(id: string, value: unknown): Markup {
  const text = JSON.stringify(value).replace(
    UNSAFE,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return html`<script type="application/json" id="${id}">
    ${trusted(text)}
  </script>`;
}

/** The tables that a pipeline's page shows. */
export function inlineReports({ pipeline, date, reports }: PipelineModel): Markup {
  const shown = reports.flatMap(({ name, title, result }) =>
    'code' in result
      ? []
      : [
          {
            name,
            title,
            columns: result.columns.map((column) => column.name),
            rows: result.rows.slice(0, LISTED_ROWS),
          },
        ],
  );
  return inlineJson(`data-${pipeline}`, { pipeline, date, reports: shown });
}

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
