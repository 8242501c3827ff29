import type { Cell } from '../base/types/result.js';
import type { ResultColumn } from '../base/types/warehouse-reader.js';

/**
 * CSV as in RFC 4180 (CRLF, doubled quotes), safe to open in a spreadsheet: text that a spreadsheet would read as a
 * formula gets a leading `'`. Where a semicolon, a tab or a bar separates cells, as in many countries, a spreadsheet
 * also splits texts there, so that each part is guarded as a text. Null is an empty field, the empty text is `""`.
 */

/** `= + - @` and their full-width, small and typographic forms. */
const SIGNS = '=+\\-@＝＋－＠﹦﹢﹣﹫−';
/** At the head of a text, after blanks and invisible characters; tab, CR and LF are skipped by some programs. */
const FORMULA = new RegExp(`^[\\p{Zs}\\p{Cf}]*[${SIGNS}\\t\\r\\n]`, 'u');
/** After a separator or a line break within a text; a quote there opens a cell. */
const INNER_FORMULA = new RegExp(`(?<=[;|\\t\\r\\n])(?=[\\p{Zs}\\p{Cf}"]*[${SIGNS}])`, 'gu');
const NEEDS_QUOTES = /[",;|\t\r\n]/;

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
  const inner = text.replace(INNER_FORMULA, "'");
  const guarded = FORMULA.test(text) ? `'${inner}` : inner;
  return guarded === '' || NEEDS_QUOTES.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
