import type { Cell } from '../base/types/result.js';
import type { ResultColumn } from '../base/types/warehouse-reader.js';

/**
 * CSV as in RFC 4180 (CRLF, doubled quotes), safe to open in a spreadsheet: text that a spreadsheet would read as a
 * formula gets a leading `'`. Null is an empty field, the empty text is `""`.
 */

/** `= + - @` and their full-width, small and typographic forms, tab, CR and LF, after blanks and invisible characters. */
const FORMULA = /^[\p{Zs}\p{Cf}]*[=+\-@\t\r\n＝＋－＠﹦﹢﹣﹫−]/u;
const NEEDS_QUOTES = /[",\r\n]/;

/** The header line. */
export function writeCsvHead(columns: readonly ResultColumn[]): string {
  return `${columns.map(({ name }) => writeText(name)).join(',')}\r\n`;
}

/** One line; cells of number columns are written unchanged. */
export function writeCsvRow(columns: readonly ResultColumn[], row: readonly Cell[]): string {
  return `${columns.map(({ kind }, index) => writeCell(kind, row[index] ?? null)).join(',')}\r\n`;
}

function writeCell(kind: ResultColumn['kind'], cell: Cell): string {
  if (cell === null) return '';
  return kind === 'text' || kind === 'nested' ? writeText(String(cell)) : String(cell);
}

function writeText(text: string): string {
  const guarded = FORMULA.test(text) ? `'${text}` : text;
  return guarded === '' || NEEDS_QUOTES.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
