import { formatMoment } from '../../base/dates/calendar.js';
import { countOf, formatCount } from '../../base/text/numbers.js';
import { drawDays } from '../charts/days.js';
import { drawBoth } from '../charts/draw-report.js';
import type { OverviewModel, PipelineCard, Reason, RunLine, Verdict } from '../data/models.js';
import { describeStatus, describeVerdict, elapsedMs, formatMs } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import type { View } from './layout.js';
import type { Place } from './links.js';

/** Summary of each pipeline: its state and the reasons, its last run, and what landed in the last 30 days. */
export async function overviewView({ pipelines }: OverviewModel, place: Place): Promise<View> {
  const cards = await Promise.all(pipelines.map((card) => writeCard(card, place)));
  const body = html`<h1>Overview</h1>
    ${pipelines.length === 0 ? EMPTY : html`<p class="lead">${summarise(pipelines)}</p>`}
    <div class="cards">${cards}</div>`;
  return { title: 'Overview', section: 'overview', body };
}

const EMPTY = html`<p class="lead">
  This project has no pipelines yet. Draft one with <code>pipeline new</code>.
</p>`;

const COUNTED: readonly (readonly [Verdict, string])[] = [
  ['bad', 'bad'],
  ['watch', 'to watch'],
  ['good', 'good'],
  ['none', 'empty'],
];

function summarise(cards: readonly PipelineCard[]): string {
  const parts = COUNTED.flatMap(([verdict, word]) => {
    const count = cards.filter((card) => card.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return `${countOf(cards.length, 'pipeline')}: ${parts.join(', ')}.`;
}

async function writeCard(card: PipelineCard, place: Place): Promise<Markup> {
  const href = place.linkTo({ view: 'pipeline', pipeline: card.pipeline, date: null });
  return html`<article class="card">
    <header>
      <h2>${href === null ? card.pipeline : html`<a href="${href}">${card.pipeline}</a>`}</h2>
      ${describeVerdict(card.verdict)}
    </header>
    <p class="quiet">${card.description}</p>
    ${writeRunning(card, place)} ${writeReasons(card, place)}
    ${card.newest === null ? neverLanded(card) : await writeDays(card)} ${writeFacts(card, place)}
  </article>`;
}

function writeRunning({ running }: PipelineCard, place: Place): Content {
  if (running === null) return null;
  const href = place.linkTo({ view: 'run', runId: running });
  return html`<p>
    ${href === null ? 'A run is in progress.' : html`<a href="${href}">A run is in progress.</a>`}
  </p>`;
}

function writeReasons({ reasons }: PipelineCard, place: Place): Content {
  if (reasons.length === 0) return null;
  return html`<ul class="reasons">
    ${reasons.map(({ text, since, link, verdict }) => {
      const href = linkTo(link, place);
      return html`<li class="${verdict}">
        ${href === null ? text : html`<a href="${href}">${text}</a>`}
        ${since !== null && html`<span class="since">since ${describeSince(since)}</span>`}
      </li>`;
    })}
  </ul>`;
}

/** A run that has no view, such as one that a published site leaves out, is found by its pipeline. */
function linkTo(link: Reason['link'], place: Place): string | null {
  const { pipeline } = link;
  if (link.view === 'lake') return place.linkTo({ view: 'lake', pipeline, year: null });
  return (
    place.linkTo({ view: 'run', runId: link.runId }) ??
    place.linkTo({ view: 'runs', pipeline: null, before: null })
  );
}

/** A date or an hour as it is; an instant to the minute. */
function describeSince(since: string): string {
  return since.length > 13 ? `${formatMoment(since, 'minute')} UTC` : since;
}

function neverLanded({ pipeline }: PipelineCard): Markup {
  return html`<p class="empty">Nothing has landed yet. Run <code>pipeline run ${pipeline}</code>.</p>`;
}

async function writeDays({ days, pipeline }: PipelineCard): Promise<Markup> {
  const [landed, rejected] = [sum(days, 'landed'), sum(days, 'rejected')];
  const counts = `${countOf(landed, 'row')} landed, ${formatCount(rejected)} rejected`;
  const label = `${pipeline}: ${counts} in ${days.length} days`;
  return html`<div class="figure">
    ${await drawBoth((size) => drawDays(days, size), label)}
    <p class="note">
      ${counts} from <span class="date">${days[0]?.date}</span> to
      <span class="date">${days.at(-1)?.date}</span>
    </p>
  </div>`;
}

function sum(days: PipelineCard['days'], key: 'landed' | 'rejected'): number {
  return days.reduce((total, day) => total + (day[key] ?? 0), 0);
}

function writeFacts(card: PipelineCard, place: Place): Markup {
  const { passed, warned, failed } = card.checks;
  const counted = passed + warned + failed;
  return html`<dl class="facts">
    <div>
      <dt>Last run</dt>
      <dd>${card.lastRun === null ? 'never' : writeRun(card.lastRun, place)}</dd>
    </div>
    <div>
      <dt>Newest date</dt>
      <dd>${card.newest ?? 'none'}${describeAge(card)}</dd>
    </div>
    <div>
      <dt>Checks</dt>
      <dd>
        ${counted === 0 ? 'none ran' : `${passed} of ${counted} passed`}${warned > 0 && `, ${warned} warned`}${
          failed > 0 && `, ${failed} failed`
        }
      </dd>
    </div>
  </dl>`;
}

function writeRun(run: RunLine, place: Place): Markup {
  const href = place.linkTo({ view: 'run', runId: run.runId });
  const took = elapsedMs(run.startedAt, run.finishedAt);
  const when = `${formatMoment(run.startedAt)}${took === null ? '' : `, ${formatMs(took)}`}`;
  return html`${describeStatus(run.status)}<br />${href === null ? when : html`<a href="${href}">${when}</a>`}`;
}

function describeAge({ newest, daysBehind }: PipelineCard): string | null {
  if (newest === null) return null;
  return daysBehind <= 0 ? ', today' : `, ${countOf(daysBehind, 'day')} old`;
}
