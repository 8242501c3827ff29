import type { RunStatus } from '../run-record.js';
import type { Markup } from './markup.js';
import { html } from './markup.js';
import type { DayState, Verdict } from './models.js';

/** Words come first; the shape of the mark and its colour say the same again. */

const VERDICTS: Readonly<Record<Verdict, readonly [mark: string, word: string]>> = {
  good: ['●', 'Good'],
  watch: ['◐', 'Watch'],
  bad: ['▲', 'Bad'],
  none: ['○', 'Empty'],
};

const RUNS: Readonly<Record<RunStatus, readonly [verdict: Verdict, word: string]>> = {
  running: ['none', 'Running'],
  succeeded: ['good', 'Succeeded'],
  unchanged: ['good', 'Unchanged'],
  failed: ['bad', 'Failed'],
  interrupted: ['watch', 'Interrupted'],
};

export const DAYS: Readonly<Record<DayState, readonly [mark: string, word: string]>> = {
  landed: ['■', 'in the tables'],
  incomplete: ['◧', 'with hours missing'],
  missing: ['·', 'missing'],
  changed: ['▲', 'changed since built'],
  not_built: ['□', 'not in the tables yet'],
  old_policy: ['◆', 'under an old policy'],
  outside: ['', 'outside'],
};

export function tellVerdict(verdict: Verdict, word = VERDICTS[verdict][1]): Markup {
  return html`<span class="verdict ${verdict}"
    ><span class="mark" aria-hidden="true">${VERDICTS[verdict][0]}</span> ${word}</span
  >`;
}

export function tellRun(status: RunStatus): Markup {
  const [verdict, word] = RUNS[status];
  return tellVerdict(verdict, word);
}
