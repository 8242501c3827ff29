import { failure } from '../base/errors.js';
import { parseRows } from './formats/csv.js';
import { decodeText } from './formats/format.js';
import { assertContainers, assertDepth } from './structure.js';

/** A parsed body without a definition; kept in memory only. */
export type Sample =
  | { readonly format: 'json'; readonly body: unknown }
  | { readonly format: 'ndjson'; readonly records: readonly unknown[] }
  | {
      readonly format: 'csv';
      readonly header: readonly string[];
      readonly rows: readonly (readonly string[])[];
    };

/** Objects, arrays or rows that a sample may hold. */
const MAX_CONTAINERS = 400_000;

/**
 * Detects the format of a body and reads it: one JSON value, one JSON record per line, or CSV with a header line. Throws
 * E_SOURCE_NOT_JSON, E_SOURCE_NOT_CSV or E_SOURCE_STRUCTURE.
 */
export function readSample(bytes: Buffer): Sample {
  assertContainers(bytes, MAX_CONTAINERS);
  const text = decodeText(bytes);
  if (text === null || /^\s*(?:<|$)/.test(text)) throw failure('E_SOURCE_NOT_JSON', {});
  if (!/^\s*[[{]/.test(text)) return readTable(bytes);
  const body = parse(text);
  if (body !== undefined) {
    assertDepth(body);
    return { format: 'json', body };
  }
  const records = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => parse(line));
  if (records.includes(undefined)) throw failure('E_SOURCE_NOT_JSON', {});
  records.forEach(assertDepth);
  return { format: 'ndjson', records };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function readTable(bytes: Buffer): Sample {
  const [header, ...all] = parseRows(bytes, MAX_CONTAINERS);
  const rows = all.filter((row) => !(row.length === 1 && row[0] === ''));
  if (header.length === 1 && /[;\t|]/.test(header[0] ?? '')) {
    throw failure('E_SOURCE_NOT_CSV', { kind: 'its cells are not separated by commas' });
  }
  if (new Set(header).size !== header.length) {
    throw failure('E_SOURCE_NOT_CSV', { kind: 'its header has a duplicate name' });
  }
  const position = rows.findIndex((row) => row.length !== header.length);
  if (position >= 0) {
    throw failure('E_SOURCE_NOT_CSV', { kind: 'a row has a different length than the header' }, { position });
  }
  return { format: 'csv', header, rows };
}
