import { PLAIN_CSV } from '../base/types/csv-definition.js';
import { failure } from '../base/errors.js';
import { describeBody } from './decode-body.js';
import { findOtherDelimiter, parseRows } from './formats/csv.js';
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
  if (text === null || /^\s*(?:<|$)/.test(text))
    throw failure('E_SOURCE_NOT_JSON', { kind: describeBody(bytes) });
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
  if (records.includes(undefined)) throw failure('E_SOURCE_NOT_JSON', { kind: describeBody(bytes) });
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
  const { header, rows } = parseRows(bytes, MAX_CONTAINERS, PLAIN_CSV);
  const kind = findOtherDelimiter(header, PLAIN_CSV);
  if (kind !== null) throw failure('E_SOURCE_NOT_CSV', { kind });
  return { format: 'csv', header, rows };
}
