import { formatMoment } from '../../base/dates/calendar.js';
import { ALL_PIPELINES } from '../../base/types/run-record.js';
import type { RunFilter, RunKind, RunLine, RunsModel } from '../data/models.js';
import { describeStatus, elapsedMs, formatMs } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import type { Surroundings, View } from './layout.js';
import type { Place } from './links.js';
import { table } from './table.js';

/** Which runs a view lists; a published site lists all of them. */
interface Asked {
  readonly pipeline: string | null;
  readonly before: string | null;
  readonly filter: RunFilter;
}

export const ALL_RUNS: RunFilter = { kind: null, status: null };
/** What a server lists first. */
export const LOADS: RunFilter = { kind: 'load', status: null };

/** Runs of one pipeline or of all, newest first. */
export function runsView({ runs, more }: RunsModel, asked: Asked, place: Place, around: Surroundings): View {
  const { pipeline, filter } = asked;
  const oldest = runs.at(-1)?.runId ?? null;
  const older = more ? place.linkTo({ view: 'runs', pipeline, before: oldest, filter }) : null;
  const newest =
    asked.before === null ? null : place.linkTo({ view: 'runs', pipeline, before: null, filter });
  const body = html`${pickRuns(asked, place, around)}
    <h1>Runs</h1>
    ${pickKinds(asked, place)}
    ${runs.length === 0 ? html`<p class="empty">No ${nameRuns(filter)}${pipeline !== null && ` of ${pipeline}`} yet.</p>` : listRuns(runs, place)}
    <p class="pages">
      ${newest !== null && html`<a class="button" href="${newest}">Newest</a>`}
      ${older !== null && html`<a class="button" href="${older}">Older</a>`}
    </p>`;
  return { title: pipeline === null ? 'Runs' : `Runs of ${pipeline}`, section: 'runs', body };
}

const KINDS: readonly (readonly [RunKind | null, string])[] = [
  ['load', 'loads'],
  ['build', 'builds'],
  ['check', 'checks'],
  ['other', 'other'],
  [null, 'all'],
];
const STATUSES: readonly (readonly [RunFilter['status'], string])[] = [
  [null, 'any status'],
  ['succeeded', 'succeeded'],
  ['failed', 'failed'],
];

function nameRuns({ kind, status }: RunFilter): string {
  const noun =
    kind === null || kind === 'other' ? 'runs' : (KINDS.find(([each]) => each === kind)?.[1] ?? '');
  return `${kind === 'other' ? 'other ' : ''}${noun}${status === null ? '' : ` that ${status}`}`;
}

/** Filters by kind and status; none in published files. */
function pickKinds({ pipeline, filter }: Asked, place: Place): Content {
  if (place.datesOf !== null) return null;
  const item = (next: RunFilter, word: string): Content => {
    const href = place.linkTo({ view: 'runs', pipeline, before: null, filter: next });
    const isCurrent = next.kind === filter.kind && next.status === filter.status;
    return html`<li><a href="${href}" ${isCurrent && html`aria-current="true"`}>${word}</a></li>`;
  };
  return html`<nav class="filters" aria-label="Filters">
    <ul class="picker">
      ${KINDS.map(([kind, word]) => item({ ...filter, kind }, word))}
    </ul>
    <ul class="picker">
      ${STATUSES.map(([status, word]) => item({ ...filter, status }, word))}
    </ul>
  </nav>`;
}

function pickRuns({ pipeline, filter }: Asked, place: Place, { pipelines }: Surroundings): Content {
  const all: readonly (string | null)[] = [null, ...pipelines];
  const links = all.flatMap((name) => {
    const href = place.linkTo({ view: 'runs', pipeline: name, before: null, filter });
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
      { name: 'Command' },
      { name: 'Pipeline' },
      { name: 'Date' },
      { name: 'Status' },
      { name: 'Duration', isNumber: true },
      { name: 'Outcome' },
    ],
    rows: runs.map((run) => writeLine(run, place)),
  });
}

/** A shape for each kind of run, besides its command. */
const MARKS: Readonly<Record<RunKind, string>> = { load: '↓', build: '▦', check: '✓', other: '·' };

function writeLine(run: RunLine, place: Place): Content[] {
  const href = place.linkTo({ view: 'run', runId: run.runId });
  const started = formatMoment(run.startedAt);
  const took = elapsedMs(run.startedAt, run.finishedAt);
  return [
    href === null ? started : html`<a href="${href}">${started}</a>`,
    html`<span class="kind" aria-hidden="true">${MARKS[run.kind]}</span> ${run.command}`,
    namePipeline(run),
    describeDate(run),
    html`${describeStatus(run.status)}${run.errorCode !== null && html` <span class="quiet">${run.errorCode}</span>`}`,
    took === null ? '' : formatMs(took),
    run.outcome,
  ];
}

/** Work on all pipelines belongs to none of them. */
export function namePipeline({ pipeline }: Pick<RunLine, 'pipeline'>): string {
  return pipeline === ALL_PIPELINES ? 'all' : pipeline;
}

export function describeDate({ date, slot }: Pick<RunLine, 'date' | 'slot'>): string {
  return date === null ? 'all' : slot === null ? date : `${date}T${slot}`;
}
