import CliTable from 'cli-table3';
import { HIDDEN } from '../text/blanked.js';
import { isLabelColumn } from '../text/numbers.js';
import { scrub } from '../text/scrub.js';
import type { Cell } from '../types/result.js';
import { paint } from './paint.js';

export interface TableOptions {
  /** Width of the terminal; the widest columns of a wider table are cut. */
  readonly width: number;
  readonly color: boolean;
  /** Groups the thousands of numbers, except in columns of years and ids. */
  readonly grouped?: boolean;
}

const GAP = 2;
const MIN_COLUMN = 6;

/** Horizontal rules only, no box. */
const CALM = {
  'top': '', 'top-mid': '', 'top-left': '', 'top-right': '',
  'bottom': '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  'left': '', 'left-mid': '', 'mid': '', 'mid-mid': '',
  'right': '', 'right-mid': '', 'middle': ' '.repeat(GAP),
}; // prettier-ignore

/**
 * Formats a table: numbers right-aligned, text left-aligned, null as a dash, no wider than the terminal.
 * Every cell and heading is scrubbed.
 */
export function formatTable(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  options: TableOptions,
): string {
  const texts = showRows(columns, rows, options.grouped === true);
  const heads = columns.map(scrub);
  const widths = fitWidths(measureColumns(heads, texts), options.width);
  const table = new CliTable({
    chars: CALM,
    colWidths: widths,
    colAligns: columns.map((_, index) => (isNumeric(rows, index) ? 'right' : 'left')),
    head: heads.map((head) => paint(head, 'bold', options.color)),
    style: { 'head': [], 'border': [], 'padding-left': 0, 'padding-right': 0 }, // prettier-ignore
  });
  const rule = widths.map((width) => paint('─'.repeat(width), 'dim', options.color));
  table.push(rule, ...texts);
  return trimLines(table.toString());
}

/** The width of a table without cuts. */
export function measureTable(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  grouped: boolean,
): number {
  const texts = showRows(columns, rows, grouped);
  const widths = measureColumns(columns.map(scrub), texts);
  return widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1));
}

/** One cell as text, the same on every machine and in every locale. */
export function formatCell(cell: Cell | undefined): string {
  return cell === null || cell === undefined ? '–' : scrub(String(cell));
}

function showRows(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  grouped: boolean,
): string[][] {
  const shows = columns.map((column) => (grouped && !isLabelColumn(column) ? groupCell : formatCell));
  return rows.map((row) => row.map((cell, index) => (shows[index] ?? formatCell)(cell)));
}

function groupCell(cell: Cell): string {
  if (typeof cell !== 'number') return formatCell(cell);
  const [whole = '', ...rest] = String(cell).split('.');
  return [/^-?\d+$/.test(whole) ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole, ...rest].join('.');
}

function isNumeric(rows: readonly (readonly Cell[])[], column: number): boolean {
  const cells = rows.map((row) => row[column] ?? null).filter((cell) => cell !== null && cell !== HIDDEN);
  return cells.length > 0 && cells.every((cell) => typeof cell === 'number');
}

function measureColumns(heads: readonly string[], texts: readonly (readonly string[])[]): number[] {
  return heads.map((head, column) =>
    texts.reduce((widest, row) => Math.max(widest, displayWidth(row[column] ?? '')), displayWidth(head)),
  );
}

/** Narrows the widest column step by step until the table fits or every column has its minimum width. */
function fitWidths(natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  const room = available - GAP * (widths.length - 1);
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= MIN_COLUMN) break;
    widths[widths.indexOf(widest)] = widest - 1;
    excess -= 1;
  }
  return widths;
}

/** East Asian and emoji characters take two cells; the ranges approximate the wide ones of Unicode TR 11. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u.test(character) ? 2 : 1; // prettier-ignore
  }
  return width;
}

function trimLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
