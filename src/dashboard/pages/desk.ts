import type { Place } from '../links.js';
import type { Content } from '../markup.js';
import { html } from '../markup.js';
import type { PipelineModel } from '../models.js';

const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));

/** Where a run is started from: a date, the hour of what lands by the hour, and a button. The script sends it; without one the page says what to type. */
export function writeDesk(
  { pipeline, today, hour, isSnapshot }: Pick<PipelineModel, 'pipeline' | 'today' | 'hour' | 'isSnapshot'>,
  { desk }: Place,
): Content {
  if (desk === null) return null;
  return html`<form class="desk" data-run="${pipeline}" data-token="${desk.token}" hidden>
      <label>Run for <input type="date" name="date" value="${today}" max="${today}" required /></label>
      ${hour !== null && writeHours(hour)} ${isSnapshot && AS_OF_NOW}
      <button class="primary">Run</button>
      <p class="note" role="status"></p>
    </form>
    <noscript
      ><p class="note">
        Starting a run from here needs JavaScript; in a terminal: <code>pipeline run ${pipeline}</code>
      </p></noscript
    >`;
}

/** Shown by the script beside any date but today's. */
const AS_OF_NOW = html`<p class="as-of" hidden>
  <label><input type="checkbox" name="as-of-now" /> as of now</label>
  <span class="note"
    >The source tells only how things are now: that is what would land for a date that is past.</span
  >
</p>`;

/** All of a day, since any date may be chosen beside it; the server refuses those that have not begun. */
function writeHours(current: string): Content {
  return html`<label
    >Hour (UTC)
    <select name="slot">
      ${HOURS.map((hour) => html`<option ${hour === current && html`selected`}>${hour}</option>`)}
    </select></label
  >`;
}
