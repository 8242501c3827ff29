import { createHash } from 'node:crypto';
import { LISTED_ROWS, type PipelineModel } from '../data/models.js';
import { type Content, html, type Markup, trusted } from '../markup.js';

/** Characters that could end a script element or a line of script, and control characters. */
const UNSAFE = /[<>&\u2028\u2029\p{Cc}\p{Bidi_Control}]/gu;

/** Embeds data in a view for reuse; browsers do not execute it. */
function inlineJson(id: string, value: unknown): Markup {
  const text = JSON.stringify(value).replace(
    UNSAFE,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return html`<script type="application/json" id="${id}">
    ${trusted(text)}
  </script>`;
}

/** Embeds the report tables of a pipeline's view. */
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

/** Writes a view as a self-contained file. Its content security policy allows only its inline style. */
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
