import { parse } from 'csv-parse/sync';
import { failure } from '../../base/errors.js';
import { writePath } from '../../base/json-values.js';
import type { Leaf } from '../../base/types/definition.js';
import { assertFramed, type BodyShape, decodeText, type ReadBody } from './format.js';

const MAX_COLUMNS = 1_000;

/**
 * Comma-separated values with a header line (RFC 4180; lines may end with LF too): one record a row, whose fields are
 * named by the header. Cells are text; those of other leaves become what the contract wants where they are written
 * canonically. Empty lines are ignored; a row with more or fewer cells than the header is E_SOURCE_NOT_CSV.
 */
export function createCsvReader({ maxContainers, leaves }: BodyShape): ReadBody {
  return (body) => {
    assertFramed(body);
    const [header, ...rows] = parseRows(body.bytes, maxContainers);
    checkHeader(header, leaves);
    const cells = header.map((name) => createCellReader(leaves.get(writePath([name]))));
    const records = rows.flatMap((row, position) => readRow(row, position, header, cells) ?? []);
    return { envelope: null, records };
  };
}

/** The header line and the rows, each with its cells as text. Throws E_SOURCE_NOT_CSV, E_SOURCE_STRUCTURE. */
export function parseRows(bytes: Buffer, maxRows: number): [string[], ...string[][]] {
  const text = decodeText(bytes);
  if (text === null) throw failure('E_SOURCE_NOT_CSV', { kind: 'not UTF-8' });
  const [header, ...rows] = split(text, maxRows);
  if (header === undefined) throw failure('E_SOURCE_NOT_CSV', { kind: 'empty' });
  if (rows.length > maxRows) throw failure('E_SOURCE_STRUCTURE', { kind: 'too many rows' });
  return [header, ...rows];
}

function split(text: string, maxRows: number): string[][] {
  try {
    // Reads one row more than allowed, to detect the excess; row lengths are checked here, where the position is known.
    return parse(text, { record_delimiter: ['\r\n', '\n'], relax_column_count: true, to: maxRows + 2 });
  } catch {
    throw failure('E_SOURCE_NOT_CSV', { kind: 'its quotes do not match' });
  }
}

function checkHeader(header: readonly string[], leaves: ReadonlyMap<string, Leaf>): void {
  if (header.length > MAX_COLUMNS) throw failure('E_SOURCE_STRUCTURE', { kind: 'too many columns' });
  if (new Set(header).size !== header.length) {
    throw failure('E_SOURCE_NOT_CSV', { kind: 'its header has a duplicate name' });
  }
  if (!header.some((name) => leaves.has(writePath([name])))) {
    throw failure('E_SOURCE_SHAPE', { expected: 'a header line with a column of the contract' });
  }
}

function readRow(
  row: readonly string[],
  position: number,
  header: readonly string[],
  cells: readonly ReadCell[],
): unknown {
  if (row.length !== header.length) {
    if (row.length === 1 && row[0] === '') return null;
    throw failure('E_SOURCE_NOT_CSV', { kind: 'a row has a different length than the header' }, { position });
  }
  // Own properties whatever they are called, `__proto__` too.
  return Object.fromEntries(header.map((name, i) => [name, cells[i]?.(row[i] ?? '')]));
}

/** What a cell's text stands for. */
type ReadCell = (text: string) => string | number | boolean | null;

const INTEGER = /^(?:0|-?[1-9]\d*)$/;
/** A number of JSON (RFC 8259, section 6). */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * How the cells of a leaf are read: an empty cell is null, or the empty text if the leaf is a text that cannot be null.
 * Non-canonical values stay text, so that the contract rejects them by type: `007`, `1,5` and `yes` are neither numbers
 * nor booleans. Undeclared columns are text.
 */
function createCellReader(leaf: Leaf | undefined): ReadCell {
  const isNumber =
    leaf !== undefined && leaf.moment !== null && ![leaf.schema['type']].flat().includes('string');
  const convert = (leaf && CONVERSIONS[isNumber ? 'DOUBLE' : leaf.type]) ?? asText;
  const isNullable = leaf !== undefined && (leaf.type !== 'VARCHAR' || admitsNull(leaf));
  return (text) => (text === '' && isNullable ? null : convert(text));
}

const CONVERSIONS: Readonly<Partial<Record<Leaf['type'], ReadCell>>> = {
  BIGINT: (text) => (INTEGER.test(text) ? Number(text) : text),
  DOUBLE: (text) => (NUMBER.test(text) ? Number(text) : text),
  BOOLEAN: (text) => (text === 'true' ? true : text === 'false' ? false : text),
};

const asText: ReadCell = (text) => text;

function admitsNull({ schema }: Leaf): boolean {
  const { type } = schema;
  return Array.isArray(type) && type.includes('null');
}
