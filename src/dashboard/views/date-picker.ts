import { HOURS } from '../../base/dates/date-ranges.js';
import { countOf } from '../../base/text/numbers.js';
import type { PipelineModel } from '../data/models.js';
import { type Content, html, type Markup } from '../markup.js';
import type { Place } from './links.js';

const SHOWN = 14;

/** Date navigation: earlier and later landed dates, and a field for any other date. Works without JavaScript. */
export function writePicker(model: PipelineModel, place: Place): Content {
  const { date, dates, pipeline } = model;
  if (date === null || dates.length === 0) return null;
  const known = place.datesOf?.(pipeline) ?? dates;
  if (place.datesOf !== null) return writeDates(known, model, place);
  return html`<div class="dates">
    ${step('Earlier', dates.filter((other) => other < date).at(-1), model, place)}
    <form method="get" action="/pipelines/${pipeline}">
      <label
        >Date <input type="date" name="date" value="${date}" min="${dates[0]}" max="${dates.at(-1)}"
      /></label>
      <button>Show</button>
    </form>
    ${step(
      'Later',
      dates.find((other) => other > date),
      model,
      place,
    )}
    ${writeMany(model, place)}
  </div>`;
}

function step(word: string, date: string | undefined, { pipeline }: PipelineModel, place: Place): Markup {
  const href = date === undefined ? null : place.linkTo({ view: 'pipeline', pipeline, date });
  if (href === null) return html`<span class="button off">${word}</span>`;
  return html`<a class="button" href="${href}">${word}<span class="hidden">: ${date}</span></a>`;
}

function writeMany(model: PipelineModel, place: Place): Content {
  const { dates } = model;
  if (dates.length < 2) return null;
  return html`<details class="many">
    <summary>${countOf(dates.length, 'date')} landed</summary>
    ${writeDates(dates, model, place)}
  </details>`;
}

/** The newest dates; the date field reaches the others. */
function writeDates(dates: readonly string[], { pipeline, date }: PipelineModel, place: Place): Content {
  if (dates.length < 2) return null;
  return html`<ul class="picker" aria-label="Dates">
    ${dates
      .slice(-SHOWN)
      .reverse()
      .map((each) => {
        const href = place.linkTo({ view: 'pipeline', pipeline, date: each });
        return href === null
          ? null
          : html`<li><a href="${href}" ${each === date && html`aria-current="true"`}>${each}</a></li>`;
      })}
  </ul>`;
}

/** Form that starts a run: a date, an hour for hourly pipelines, and a button. Without JavaScript, shows the command. */
export function writeRunForm(
  { pipeline, today, hour, isSnapshot }: Pick<PipelineModel, 'pipeline' | 'today' | 'hour' | 'isSnapshot'>,
  { launcher }: Place,
): Content {
  if (launcher === null) return null;
  return html`<form class="run-form" data-run="${pipeline}" data-token="${launcher.token}" hidden>
      <label>Run for <input type="date" name="date" value="${today}" max="${today}" required /></label>
      ${hour !== null && writeHours(hour)} ${isSnapshot && AS_OF_NOW}
      <button class="primary">Run</button>
      <p class="note" role="status"></p>
    </form>
    <noscript
      ><p class="note">
        JavaScript is required to start a run here. In a terminal, type <code>pipeline run ${pipeline}</code>.
      </p></noscript
    >`;
}

/** The script shows this for any date except today. */
const AS_OF_NOW = html`<p class="as-of" hidden>
  <label><input type="checkbox" name="as-of-now" /> as of now</label>
  <span class="note">The source only returns current data. For a past date, the current data lands.</span>
</p>`;

/** All 24 hours, because any date can be chosen; the server rejects hours that have not started. */
function writeHours(current: string): Content {
  return html`<label
    >Hour (UTC)
    <select name="slot">
      ${HOURS.map((hour) => html`<option ${hour === current && html`selected`}>${hour}</option>`)}
    </select></label
  >`;
}
