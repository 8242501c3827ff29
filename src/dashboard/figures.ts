import { formatCount, isLabelColumn } from '../output/count.js';
import { scrub } from '../output/scrub.js';
import type { Cell } from '../result.js';

/** A cell for a person: thousands apart in whole numbers and before the point; a text as it is, but for control characters. */
export function formatCell(cell: Cell, isNumber: boolean): string {
  if (cell === null) return '–';
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  return isNumber ? formatNumber(String(cell)) : scrub(String(cell));
}

/** A cell of a report: a year or an id is written as it is. */
export function formatReportCell(
  cell: Cell,
  column: { readonly name: string; readonly isNumber: boolean } | undefined,
): string {
  return formatCell(cell, column?.isNumber === true && !isLabelColumn(column.name));
}

/** Digits as they came, so that no decimal is lost: `1234.50` → `1,234.50`. */
export function formatNumber(digits: string): string {
  const [, sign = '', whole = '', rest = ''] = /^(-?)(\d+)(\.\d+)?$/.exec(digits) ?? [];
  if (whole === '') return digits;
  return `${sign === '' ? '' : '−'}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${rest}`;
}

/** The number behind a cell, or null. */
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

/** An instant in UTC, to the second. */
export function formatInstant(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 19)}`;
}

export function formatShare(share: number): string {
  const percent = 100 * share;
  return `${percent > 0 && percent < 0.1 ? '< 0.1' : percent.toFixed(1)} %`;
}

export function elapsedMs(startedAt: string, finishedAt: string | null): number | null {
  return finishedAt === null ? null : Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt));
}
