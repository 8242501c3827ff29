import type { Page } from '../layout.js';
import type { Markup } from '../markup.js';
import { html } from '../markup.js';
import type { Problem } from '../models.js';

/** Pages that are shown in place of others, and what they say where only a part of one failed. */

export function tellProblem({ code, message, remedy }: Problem): Markup {
  return html`<div class="problem">
    <p><strong>This did not work:</strong> ${message}.</p>
    <p>Try: ${remedy}.</p>
    <p class="note">${code}</p>
  </div>`;
}

export function problemPage(problem: Problem): Page {
  return {
    title: 'Not shown',
    section: null,
    body: html`<h1>Not shown</h1>
      ${tellProblem(problem)}`,
  };
}

export function missingPage(): Page {
  const body = html`<h1>No such page</h1>
    <p class="lead">Nothing is at this address. The menu above leads to all that there is.</p>`;
  return { title: 'No such page', section: null, body };
}

/** Asked for again by the browser itself, script or not. */
export function loadingPage(): Page {
  const body = html`<h1>Reading the lake</h1>
    <p class="lead" role="status">Many dates take a moment the first time. The page comes by itself.</p>
    <div class="bars" aria-hidden="true"><span></span><span></span><span></span></div>`;
  return { title: 'Reading the lake', section: null, body, refresh: 1 };
}
