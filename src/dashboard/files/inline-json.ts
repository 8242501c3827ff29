import type { Markup } from '../markup.js';
import { html, trusted } from '../markup.js';
import { LISTED_ROWS } from '../models.js';
import type { PipelineModel } from '../models.js';

/** What ends a script element or a line of script, and what a reader of the text would obey. */
const UNSAFE = /[<>&\u2028\u2029\p{Cc}\p{Bidi_Control}]/gu;

/** Data in a page, for whoever wants to go on from it; no engine runs it. */
export function inlineJson(id: string, value: unknown): Markup {
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
