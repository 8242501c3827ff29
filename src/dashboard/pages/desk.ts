import type { Place } from '../links.js';
import type { Content } from '../markup.js';
import { html } from '../markup.js';

/** Where a run is started from: a date and a button. The script sends it; without one the page says what to type. */
export function writeDesk(
  { pipeline, today }: { readonly pipeline: string; readonly today: string },
  { desk }: Place,
): Content {
  if (desk === null) return null;
  return html`<form class="desk" data-run="${pipeline}" data-token="${desk.token}" hidden>
      <label>Run for <input type="date" name="date" value="${today}" max="${today}" required /></label>
      <button class="primary">Run</button>
      <p class="note" role="status"></p>
    </form>
    <noscript
      ><p class="note">
        Starting a run from here needs JavaScript; in a terminal: <code>pipeline run ${pipeline}</code>
      </p></noscript
    >`;
}
