import { formatMoment } from '../../base/dates/calendar.js';
import type { Problem } from '../data/models.js';
import { type Content, html, type Markup } from '../markup.js';
import type { Place, Target } from './links.js';

/** What a page function gives: a title, and what stands below the head. */
export interface View {
  readonly title: string;
  /** Which of the five is marked as the current one; null for none. */
  readonly section: Section | null;
  readonly body: Markup;
  /** Seconds after which a page without script is to be asked for again; null for never. */
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
  /** Pipelines of the project, sorted; the first one's pages stand behind the menu. */
  readonly pipelines: readonly string[];
  /** The pipeline of the page, to stay with it; null for none. */
  readonly current: string | null;
  /** When the newest run ended, an instant in UTC; null where none has, or where that is not known yet. */
  readonly asOf: string | null;
}

/** The head, the menu and the foot around a page. */
export function frame(page: View, place: Place, around: Surroundings): Markup {
  return html`<a class="skip" href="#main">To the page</a>
    <header class="top">
      <p class="brand">Lakeveil</p>
      <nav aria-label="Pages">
        <ul>
          ${SECTIONS.map((section) => item(section, page, place, around))}
        </ul>
      </nav>
    </header>
    <main id="main" tabindex="-1">${page.body}</main>
    <footer class="foot">
      ${around.asOf !== null && html`<p>As of the run that ended ${formatMoment(around.asOf, 'minute')} UTC.</p>`}
      <p>What is shown was masked before it touched a disk; no request leaves this machine.</p>
    </footer>`;
}

function item(section: Section, page: View, place: Place, around: Surroundings): Content {
  const target = targetOf(section, around.current ?? around.pipelines[0] ?? null);
  const href = target === null ? null : place.linkTo(target);
  if (href === null) return null;
  return html`<li>
    <a href="${href}" ${page.section === section && html`aria-current="page"`}>${NAMES[section]}</a>
  </li>`;
}

function targetOf(section: Section, pipeline: string | null): Target | null {
  if (section === 'overview') return { page: 'overview' };
  if (section === 'runs') return { page: 'runs', pipeline: null, before: null };
  if (pipeline === null) return null;
  switch (section) {
    case 'pipeline':
      return { page: 'pipeline', pipeline, date: null };
    case 'privacy':
      return { page: 'privacy', pipeline };
    case 'lake':
      return { page: 'lake', pipeline, year: null };
  }
}

/** More than these are chosen from a list that opens. */
const SHOWN_PIPELINES = 8;

/** The same page of the other pipelines. */
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

/** Pages that are shown in place of others, and what they say where only a part of one failed. */

export function describeProblem({ code, message, remedy }: Problem): Markup {
  return html`<div class="problem">
    <p><strong>This did not work:</strong> ${message}.</p>
    <p>Try: ${remedy}.</p>
    <p class="note">${code}</p>
  </div>`;
}

export function problemPage(problem: Problem): View {
  return {
    title: 'Not shown',
    section: null,
    body: html`<h1>Not shown</h1>
      ${describeProblem(problem)}`,
  };
}

export function missingPage(): View {
  const body = html`<h1>No such page</h1>
    <p class="lead">Nothing is at this address. The menu above leads to all that there is.</p>`;
  return { title: 'No such page', section: null, body };
}

/** Asked for again by the browser itself, script or not. */
export function loadingPage(): View {
  const body = html`<h1>Reading the lake</h1>
    <p class="lead" role="status">Many dates take a moment the first time. The page comes by itself.</p>
    <div class="bars" aria-hidden="true"><span></span><span></span><span></span></div>`;
  return { title: 'Reading the lake', section: null, body, refresh: 1 };
}
