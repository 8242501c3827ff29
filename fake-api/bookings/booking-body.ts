import type { BookingRow, Field } from './booking-rows.js';

/** A JSON array of objects; money keeps its two decimals (`129.90`), which `JSON.stringify` of a number would not. */
export function renderJson(rows: readonly BookingRow[]): string {
  return `[${rows.map(renderObject).join(',')}]`;
}

function renderObject(row: BookingRow): string {
  return `{${row.map(renderMember).join(',')}}`;
}

function renderMember({ name, text, isNumber }: Field): string {
  return `${JSON.stringify(name)}:${isNumber ? text : JSON.stringify(text)}`;
}

/** RFC 4180: a header line, CRLF, and quotes only around cells that need them. */
export function renderCsv(rows: readonly BookingRow[]): string {
  const header = rows.slice(0, 1).map((row) => row.map(({ name }) => name));
  const cells = rows.map((row) => row.map(({ text }) => quoteCell(text)));
  return [...header, ...cells].map((line) => `${line.join(',')}\r\n`).join('');
}

function quoteCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
