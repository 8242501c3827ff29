import { countOf } from '../../output/count.js';
import type { Place } from '../links.js';
import type { Content, Markup } from '../markup.js';
import { html } from '../markup.js';
import type { PipelineModel } from '../models.js';

const SHOWN = 14;

/** The date that is shown, the landed ones around it, and a field for any other; without script. */
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
  const href = date === undefined ? null : place.linkTo({ page: 'pipeline', pipeline, date });
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

/** The newest ones; the field above reaches the rest. */
function writeDates(dates: readonly string[], { pipeline, date }: PipelineModel, place: Place): Content {
  if (dates.length < 2) return null;
  return html`<ul class="picker" aria-label="Dates">
    ${dates
      .slice(-SHOWN)
      .reverse()
      .map((each) => {
        const href = place.linkTo({ page: 'pipeline', pipeline, date: each });
        return href === null
          ? null
          : html`<li><a href="${href}" ${each === date && html`aria-current="true"`}>${each}</a></li>`;
      })}
  </ul>`;
}
