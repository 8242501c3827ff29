import { formatMoment } from '../../base/dates/calendar.js';
import type { Problem } from '../data/models.js';
import { type Content, html, type Markup } from '../markup.js';
import type { Place, Target } from './links.js';

/** A rendered view: its title and the content of `<main>`. */
export interface View {
  readonly title: string;
  /** The menu entry marked as current; null for none. */
  readonly section: Section | null;
  readonly body: Markup;
  /** Seconds until a browser without JavaScript reloads the view; null for never. */
  readonly refresh?: number | null;
}

const SECTIONS = ['overview', 'pipeline', 'runs', 'privacy', 'lake'] as const;
type Section = (typeof SECTIONS)[number];

const NAMES: Readonly<Record<Section, string>> = {
  overview: 'Overview',
  pipeline: 'Pipeline',
  runs: 'Runs',
  privacy: 'Privacy',
  lake: 'Lake',
};

export interface Surroundings {
  /** Pipelines of the project, sorted; the menu links to the first one unless another is current. */
  readonly pipelines: readonly string[];
  /** The pipeline of the current view, which menu links keep; null for none. */
  readonly current: string | null;
  /** When the tables were built, an instant in UTC; null if that is not known. */
  readonly asOf: string | null;
}

/** Adds the header, the menu and the footer to a view. */
export function frame(view: View, place: Place, around: Surroundings): Markup {
  return html`<a class="skip" href="#main">Skip to content</a>
    <header class="top">
      <p class="brand">Lakeveil</p>
      <nav aria-label="Views">
        <ul>
          ${SECTIONS.map((section) => item(section, view, place, around))}
        </ul>
      </nav>
    </header>
    <main id="main" tabindex="-1">${view.body}</main>
    <footer class="foot">
      ${around.asOf !== null && html`<p>Tables as of ${formatMoment(around.asOf, 'minute')} UTC.</p>`}
      <p>
        Personal data was masked before it was written to disk. This dashboard makes no requests to other
        machines.
      </p>
    </footer>`;
}

function item(section: Section, view: View, place: Place, around: Surroundings): Content {
  const target = targetOf(section, around.current ?? around.pipelines[0] ?? null);
  const href = target === null ? null : place.linkTo(target);
  if (href === null) return null;
  return html`<li>
    <a href="${href}" ${view.section === section && html`aria-current="page"`}>${NAMES[section]}</a>
  </li>`;
}

function targetOf(section: Section, pipeline: string | null): Target | null {
  if (section === 'overview') return { view: 'overview' };
  if (section === 'runs') return { view: 'runs', pipeline: null, before: null };
  if (pipeline === null) return null;
  switch (section) {
    case 'pipeline':
      return { view: 'pipeline', pipeline, date: null };
    case 'privacy':
      return { view: 'privacy', pipeline };
    case 'lake':
      return { view: 'lake', pipeline, year: null };
  }
}

/** Longer lists of pipelines are collapsed. */
const SHOWN_PIPELINES = 8;

/** Links to the same view of the other pipelines. */
export function pickPipeline(
  { pipelines, current }: Surroundings,
  place: Place,
  targetFor: (pipeline: string) => Target,
): Content {
  if (pipelines.length < 2) return null;
  const links = html`<ul class="picker">
    ${pipelines.map((name) => {
      const href = place.linkTo(targetFor(name));
      return href === null
        ? null
        : html`<li><a href="${href}" ${name === current && html`aria-current="true"`}>${name}</a></li>`;
    })}
  </ul>`;
  if (pipelines.length <= SHOWN_PIPELINES) return html`<nav aria-label="Pipelines">${links}</nav>`;
  return html`<nav aria-label="Pipelines">
    <details class="many">
      <summary>${current ?? 'Choose a pipeline'} (one of ${pipelines.length})</summary>
      ${links}
    </details>
  </nav>`;
}

/** Views for errors, missing addresses and loading. */

export function describeProblem({ code, message, remedy }: Problem, onDisk: string | null = null): Markup {
  return html`<div class="problem">
    <p><strong>Error:</strong> ${message}.</p>
    ${onDisk !== null && html`<p><strong>On disk:</strong> ${onDisk}</p>`}
    <p><strong>What to do:</strong> ${remedy}.</p>
    <p class="note">${code}</p>
  </div>`;
}

export function problemView(problem: Problem): View {
  return {
    title: 'Something went wrong',
    section: null,
    body: html`<h1>Something went wrong</h1>
      ${describeProblem(problem)}`,
  };
}

export function missingView(): View {
  const body = html`<h1>Page not found</h1>
    <p class="lead">There is no page at this address. Use the menu above.</p>`;
  return { title: 'Page not found', section: null, body };
}

/** The browser reloads it by itself, with or without JavaScript. */
export function loadingView(): View {
  const body = html`<h1>Reading the lake</h1>
    <p class="lead" role="status">
      The first load can take a moment if the lake holds many dates. This page reloads automatically.
    </p>
    <div class="bars" aria-hidden="true"><span></span><span></span><span></span></div>`;
  return { title: 'Reading the lake', section: null, body, refresh: 1 };
}
