import type { Cell } from '../base/types/result.js';
import type { ResultColumn } from '../base/types/warehouse-reader.js';

/**
 * CSV after RFC 4180 (CRLF, quotes doubled), safe to open in a spreadsheet: text that would be taken for a formula
 * gets a leading `'`. Null is an empty field, the empty text is `""`.
 */

/** `= + - @` and their wide, small and typographic forms, tab, CR, LF; after blanks and invisible characters. */
const FORMULA = /^[\p{Zs}\p{Cf}]*[=+\-@\t\r\n＝＋－＠﹦﹢﹣﹫−]/u;
const NEEDS_QUOTES = /[",\r\n]/;

/** The line of the column names. */
export function writeCsvHead(columns: readonly ResultColumn[]): string {
  return `${columns.map(({ name }) => writeText(name)).join(',')}\r\n`;
}

/** One line; `columns` says which cells are numbers and stay as they are. */
export function writeCsvRow(columns: readonly ResultColumn[], row: readonly Cell[]): string {
  return `${columns.map(({ kind }, index) => writeCell(kind, row[index] ?? null)).join(',')}\r\n`;
}

function writeCell(kind: ResultColumn['kind'], cell: Cell): string {
  if (cell === null) return '';
  return kind === 'text' ? writeText(String(cell)) : String(cell);
}

function writeText(text: string): string {
  const guarded = FORMULA.test(text) ? `'${text}` : text;
  return guarded === '' || NEEDS_QUOTES.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
