import { parse } from 'csv-parse/sync';
import { readBodyPath } from '../../src/base/json-values.js';
import type { RequestDefinition } from '../../src/base/types/definition.js';

/** A record of a page, as it was sent; of CSV, all values are texts. */
export type SentRecord = Record<string, unknown>;

export type ChangeRecords = (records: readonly SentRecord[]) => readonly SentRecord[];

/** The same body with other records; as it was where it cannot be read, as one that broke off. */
export function rewriteRecords(
  { format, records, keyed }: Pick<RequestDefinition, 'format' | 'records' | 'keyed'>,
  text: string,
  change: ChangeRecords,
): string {
  try {
    if (format === 'csv') return rewriteCsv(text, change);
    if (format === 'ndjson') return rewriteLines(text, change);
    return rewriteJson(text, records, keyed, change);
  } catch {
    return text;
  }
}

function rewriteJson(text: string, path: string, keyed: boolean, change: ChangeRecords): string {
  const body: unknown = JSON.parse(text);
  const found = readBodyPath(body, path);
  if (typeof found !== 'object' || found === null) return text;
  const changed = change(Object.values(found).filter(isRecord));
  const put = keyed ? Object.fromEntries(changed.map((record, n) => [`r${n}`, record])) : changed;
  if (path === '') return JSON.stringify(put);
  const steps = path.split('.');
  const holder = readBodyPath(body, steps.slice(0, -1).join('.'));
  if (!isRecord(holder)) return text;
  holder[steps.at(-1) ?? ''] = put;
  return JSON.stringify(body);
}

function rewriteLines(text: string, change: ChangeRecords): string {
  const lines = text.split('\n').filter((line) => line !== '');
  const records = lines.map((line): unknown => JSON.parse(line)).filter(isRecord);
  return change(records)
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');
}

function rewriteCsv(text: string, change: ChangeRecords): string {
  const [header = [], ...rows]: string[][] = parse(text);
  const records = rows.map((cells) => Object.fromEntries(cells.map((cell, n) => [header[n] ?? '', cell])));
  const changed = change(records);
  const names = [...new Set([...header, ...changed.flatMap(Object.keys)])];
  const cellOf = (value: unknown): string =>
    typeof value === 'string' ? value : JSON.stringify(value ?? '');
  const table = [names, ...changed.map((record) => names.map((name) => cellOf(record[name])))];
  return table.map((cells) => `${cells.map(quoteCell).join(',')}\r\n`).join('');
}

function isRecord(value: unknown): value is SentRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quoteCell(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
