import { formatCount, isLabelColumn } from '../base/text/numbers.js';
import { scrub } from '../base/text/scrub.js';
import type { Cell } from '../base/types/result.js';
import type { RunStatus } from '../base/types/run-record.js';
import type { DayState, Verdict } from './data/models.js';
import { html, type Markup } from './markup.js';

/** Formats a cell for display: numbers with thousands separators, texts with control characters scrubbed. */
export function formatCell(cell: Cell, isNumber: boolean): string {
  if (cell === null) return '–';
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  return isNumber ? formatNumber(String(cell)) : scrub(String(cell));
}

/** Formats a cell of a report; years and ids get no thousands separators. */
export function formatReportCell(
  cell: Cell,
  column: { readonly name: string; readonly isNumber: boolean } | undefined,
): string {
  return formatCell(cell, column?.isNumber === true && !isLabelColumn(column.name));
}

/** Works on the digits as text, so that no decimal is lost: `1234.50` → `1,234.50`. */
function formatNumber(digits: string): string {
  const [, sign = '', whole = '', rest = ''] = /^(-?)(\d+)(\.\d+)?$/.exec(digits) ?? [];
  if (whole === '') return digits;
  return `${sign === '' ? '' : '−'}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${rest}`;
}

/** The cell as a number, or null. */
export function toNumber(cell: Cell | undefined): number | null {
  if (cell === null || cell === undefined || cell === '' || typeof cell === 'boolean') return null;
  const value = Number(cell);
  return Number.isFinite(value) ? value : null;
}

/** A column's name in words. */
export function nameColumn(column: string): string {
  return scrub(column.replaceAll('_', ' '));
}

export function formatMs(ms: number): string {
  if (ms < 1000) return `${formatCount(Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return `${formatCount(minutes)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

export function formatShare(share: number): string {
  const percent = 100 * share;
  return `${percent > 0 && percent < 0.1 ? '< 0.1' : percent.toFixed(1)} %`;
}

export function elapsedMs(startedAt: string, finishedAt: string | null): number | null {
  return finishedAt === null ? null : Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt));
}

/** A word, a shape and a colour express the same state, so that none of them is needed alone. */

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
  incomplete: ['◧', 'incomplete (hours missing)'],
  missing: ['·', 'missing'],
  changed: ['▲', 'changed since the last build'],
  not_built: ['□', 'not in the tables yet'],
  old_policy: ['◆', 'under an old policy'],
  outside: ['', 'out of range'],
};

export function describeVerdict(verdict: Verdict, word = VERDICTS[verdict][1]): Markup {
  return html`<span class="verdict ${verdict}"
    ><span class="mark" aria-hidden="true">${VERDICTS[verdict][0]}</span> ${word}</span
  >`;
}

export function describeStatus(status: RunStatus): Markup {
  const [verdict, word] = RUNS[status];
  return describeVerdict(verdict, word);
}
