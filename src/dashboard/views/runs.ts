import { formatMoment } from '../../base/dates/calendar.js';
import { formatCount } from '../../base/text/numbers.js';
import type { RunLine, RunsModel } from '../data/models.js';
import { describeStatus, elapsedMs, formatMs } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import type { Surroundings, View } from './layout.js';
import type { Place } from './links.js';
import { table } from './table.js';

/** Runs of one pipeline or of all, newest first. */
export function runsView(
  { runs, more }: RunsModel,
  asked: { readonly pipeline: string | null; readonly before: string | null },
  place: Place,
  around: Surroundings,
): View {
  const { pipeline } = asked;
  const oldest = runs.at(-1)?.runId ?? null;
  const older = more ? place.linkTo({ view: 'runs', pipeline, before: oldest }) : null;
  const newest = asked.before === null ? null : place.linkTo({ view: 'runs', pipeline, before: null });
  const body = html`${pickRuns(pipeline, place, around)}
    <h1>Runs</h1>
    ${runs.length === 0 ? html`<p class="empty">No runs${pipeline !== null && ` of ${pipeline}`} yet.</p>` : listRuns(runs, place)}
    <p class="pages">
      ${newest !== null && html`<a class="button" href="${newest}">Newest</a>`}
      ${older !== null && html`<a class="button" href="${older}">Older</a>`}
    </p>`;
  return { title: pipeline === null ? 'Runs' : `Runs of ${pipeline}`, section: 'runs', body };
}

function pickRuns(pipeline: string | null, place: Place, { pipelines }: Surroundings): Content {
  const all: readonly (string | null)[] = [null, ...pipelines];
  const links = all.flatMap((name) => {
    const href = place.linkTo({ view: 'runs', pipeline: name, before: null });
    if (href === null) return [];
    return [
      html`<li><a href="${href}" ${name === pipeline && html`aria-current="true"`}>${name ?? 'all'}</a></li>`,
    ];
  });
  if (links.length < 3) return null;
  return html`<nav aria-label="Pipelines">
    <ul class="picker">
      ${links}
    </ul>
  </nav>`;
}

export function listRuns(runs: readonly RunLine[], place: Place): Markup {
  return table({
    label: 'Runs',
    columns: [
      { name: 'Started (UTC)' },
      { name: 'Pipeline' },
      { name: 'Date' },
      { name: 'Command' },
      { name: 'Status' },
      { name: 'Duration', isNumber: true },
      { name: 'Fetched', isNumber: true },
      { name: 'Landed', isNumber: true },
      { name: 'Rejected', isNumber: true },
    ],
    rows: runs.map((run) => writeLine(run, place)),
  });
}

function writeLine(run: RunLine, place: Place): Content[] {
  const href = place.linkTo({ view: 'run', runId: run.runId });
  const started = formatMoment(run.startedAt);
  const took = elapsedMs(run.startedAt, run.finishedAt);
  const counts =
    run.fetched === 0 && run.landed === 0 ? ['–', '–', '–'] : COUNTS.map((key) => formatCount(run[key]));
  return [
    href === null ? started : html`<a href="${href}">${started}</a>`,
    run.pipeline,
    describeDate(run),
    run.command,
    html`${describeStatus(run.status)}${run.errorCode !== null && html` <span class="quiet">${run.errorCode}</span>`}`,
    took === null ? '–' : formatMs(took),
    ...counts,
  ];
}

const COUNTS = ['fetched', 'landed', 'rejected'] as const;

export function describeDate({ date, slot }: Pick<RunLine, 'date' | 'slot'>): string {
  return date === null ? 'all' : slot === null ? date : `${date}T${slot}`;
}
