import { formatMoment } from '../../base/dates/calendar.js';
import { countOf, formatBytes, formatCount } from '../../base/text/numbers.js';
import type { DayState, LakeDataset, LakeDay, LakeModel, PartitionLine } from '../data/models.js';
import { DAYS } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import { pickPipeline, type Surroundings, type View } from './layout.js';
import type { Place } from './links.js';
import { table } from './table.js';

const SHOWN_LINES = 60;
const STATES = ['landed', 'incomplete', 'missing', 'changed', 'not_built', 'old_policy'] as const;

/** The lake of one pipeline, one year at a time: one square per day, and a table of the newest partitions. */
export function lakeView(model: LakeModel, place: Place, around: Surroundings): View {
  const { pipeline, year, advice } = model;
  const body = html`${pickPipeline(around, place, (name) => ({ view: 'lake', pipeline: name, year: null }))}
    <h1>Lake of ${pipeline}</h1>
    ${year === null && html`<p class="empty">Nothing has landed yet. Try <code>pipeline run ${pipeline}</code>.</p>`}
    ${pickYear(model, place)}
    ${
      advice.length > 0 &&
      html`<p class="lead">
        Suggested: ${advice.map((line, at) => html`${at > 0 && ', '}<code>${line}</code>`)}
      </p>`
    }
    ${model.datasets.map((dataset) => writeDataset(dataset, year))}`;
  return { title: `Lake of ${pipeline}`, section: 'lake', body };
}

function pickYear({ years, year, pipeline }: LakeModel, place: Place): Content {
  if (years.length < 2) return null;
  const links = years.flatMap((each) => {
    const href = place.linkTo({ view: 'lake', pipeline, year: each });
    if (href === null) return [];
    return [html`<li><a href="${href}" ${each === year && html`aria-current="true"`}>${each}</a></li>`];
  });
  return links.length < 2
    ? null
    : html`<nav aria-label="Years">
        <ul class="picker">
          ${links}
        </ul>
      </nav>`;
}

function writeDataset(dataset: LakeDataset, year: string | null): Markup {
  return html`<section>
    <h2>${dataset.dataset}</h2>
    <p>
      ${countOf(dataset.partitions, 'partition')}, ${countOf(dataset.rows, 'row')},
      ${formatBytes(dataset.bytes)}.
      ${dataset.prunedBefore !== null && `Raw files before ${dataset.prunedBefore} were pruned.`}
    </p>
    ${writeCounts(dataset)} ${year !== null && writeYear(dataset, year)} ${writeLines(dataset)}
  </section>`;
}

/** Legend of the squares, with the number of days in each state. */
function writeCounts({ counts, partitions }: LakeDataset): Content {
  if (partitions === 0) return null;
  const shown = STATES.filter((state) => counts[state] > 0);
  return html`<ul class="legend" aria-label="Days by state">
    ${shown.map(
      (state) =>
        html`<li>
          <span class="day ${state}" aria-hidden="true">${DAYS[state][0]}</span>
          ${countOf(counts[state], 'day')} ${DAYS[state][1]}
        </li>`,
    )}
  </ul>`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Numbers above every fifth day. */
const DAY_NUMBERS = html`<span class="month numbers" aria-hidden="true"
  >${Array.from({ length: 31 }, (_, at) => html`<span class="day">${at === 0 || at % 5 === 4 ? at + 1 : ''}</span>`)}</span
>`;

function writeYear({ days, dataset }: LakeDataset, year: string): Content {
  if (days.length === 0) return null;
  const months = MONTHS.map((name, month) => ({
    name,
    days: days.filter(({ date }) => Number(date.slice(5, 7)) === month + 1),
  })).filter((month) => month.days.some(({ state }) => state !== 'outside'));
  return html`<div class="scroll" role="group" aria-label="Days of ${year}, ${dataset}" tabindex="0">
    <table class="year">
      <thead>
        <tr>
          <th scope="col"><span class="hidden">Month</span></th>
          <th scope="col"><span class="hidden">Days</span>${DAY_NUMBERS}</th>
        </tr>
      </thead>
      <tbody>
        ${months.map(
          (month) =>
            html`<tr>
              <th scope="row">${month.name}</th>
              <td>
                <span class="hidden">${summarise(month.days)}</span>
                <span class="month" aria-hidden="true">${month.days.map(writeDay)}</span>
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Text for screen readers. */
function summarise(days: readonly LakeDay[]): string {
  const parts = STATES.flatMap((state) => {
    const count = days.filter((day) => day.state === state).length;
    return count === 0 ? [] : [`${count} ${DAYS[state][1]}`];
  });
  return parts.join(', ');
}

function writeDay({ date, state }: LakeDay): Markup {
  return html`<span class="day ${state}" title="${date}: ${DAYS[state][1]}">${DAYS[state][0]}</span>`;
}

function writeLines({ lines, dataset }: LakeDataset): Content {
  if (lines.length === 0) return null;
  return table({
    label: `Partitions of ${dataset}`,
    columns: [
      { name: 'Date' },
      { name: 'Rows', isNumber: true },
      { name: 'Rejected', isNumber: true },
      { name: 'Size', isNumber: true },
      { name: 'Source' },
      { name: 'Landed (UTC)' },
      { name: 'State' },
    ],
    rows: lines.slice(0, SHOWN_LINES).map(writeLine),
    note:
      lines.length > SHOWN_LINES
        ? `The newest ${SHOWN_LINES} of ${formatCount(lines.length)} partitions of the year. The squares above show every day.`
        : null,
  });
}

function writeLine({
  date,
  slot,
  rows,
  rejected,
  bytes,
  source,
  landedAt,
  states,
}: PartitionLine): Content[] {
  return [
    slot === null ? date : `${date}T${slot}`,
    formatCount(rows),
    formatCount(rejected),
    formatBytes(bytes),
    source,
    formatMoment(landedAt),
    html`${states.map((state) => describeState(state))}`,
  ];
}

function describeState(state: DayState): Markup {
  const kind = state === 'landed' ? 'good' : 'watch';
  return html`<span class="verdict ${kind}"
    ><span class="mark" aria-hidden="true">${DAYS[state][0]}</span> ${DAYS[state][1]}</span
  > `;
}
