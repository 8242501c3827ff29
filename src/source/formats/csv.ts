import { parse } from 'csv-parse/sync';
import { failure } from '../../base/errors.js';
import { writePath } from '../../base/json-values.js';
import type { CsvDefinition } from '../../base/types/csv-definition.js';
import type { Leaf } from '../../base/types/definition.js';
import { assertFramed, type BodyShape, decodeText, type ReadBody } from './format.js';

const MAX_COLUMNS = 1_000;

/**
 * Comma-separated values with a header line (RFC 4180; lines may end with LF too): one record a row, whose fields are
 * named by the header. Cells are text; those of other leaves become what the contract wants where they are written
 * canonically. Empty lines are ignored; a row with more or fewer cells than the header is E_SOURCE_NOT_CSV.
 */
export function createCsvReader({ maxContainers, leaves, csv }: BodyShape): ReadBody {
  return (body) => {
    assertFramed(body);
    const { header, rows } = parseRows(body.bytes, maxContainers, csv);
    checkHeader(header, leaves, csv);
    const cells = header.map((name) => createCellReader(leaves.get(writePath([name])), csv));
    // Own properties whatever they are called, `__proto__` too.
    const records = rows.map((row) =>
      Object.fromEntries(header.map((name, i) => [name, cells[i]?.(row[i] ?? '')])),
    );
    return { envelope: null, records };
  };
}

/** The names of the columns and the rows, each with as many cells. */
export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Throws E_SOURCE_NOT_CSV, E_SOURCE_STRUCTURE. */
export function parseRows(bytes: Buffer, maxRows: number, csv: CsvDefinition): Table {
  const text = decodeText(bytes);
  if (text === null) {
    throw failure('E_SOURCE_NOT_CSV', { kind: 'not UTF-8; name its charset with `encoding`' });
  }
  const [head, ...all] = split(text, maxRows, csv);
  if (head === undefined) throw failure('E_SOURCE_NOT_CSV', { kind: 'empty' });
  if (all.length > maxRows) throw failure('E_SOURCE_STRUCTURE', { kind: 'too many rows' });
  const width = measureWidth(head, all);
  const position = all.findIndex(
    (row) => !isEmptyLine(row) && row.length !== width && !isTrailing(row, width),
  );
  if (position >= 0) {
    throw failure('E_SOURCE_NOT_CSV', { kind: 'a row has a different length than the header' }, { position });
  }
  return {
    header: nameColumns(head.slice(0, width)),
    rows: all.filter((row) => width === 1 || !isEmptyLine(row)),
  };
}

function split(text: string, maxRows: number, { delimiter, quote, skipLines }: CsvDefinition): string[][] {
  const quoting = quote === '' ? { quote: false as const } : { quote, escape: quote };
  try {
    // Reads one row more than allowed, to detect the excess; row lengths are checked here, where the position is known.
    return parse(skipStart(text, skipLines), {
      ...quoting,
      delimiter,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      to: maxRows + 2,
    });
  } catch {
    throw failure('E_SOURCE_NOT_CSV', { kind: 'its quotes do not match' });
  }
}

/** The lines above the header are no CSV: they may hold quotes that do not match. */
function skipStart(text: string, lines: number): string {
  let at = 0;
  for (let line = 0; line < lines; line++) {
    const end = text.indexOf('\n', at);
    if (end === -1) return '';
    at = end + 1;
  }
  return text.slice(at);
}

function isEmptyLine(row: readonly string[]): boolean {
  return row.length === 1 && row[0] === '';
}

/** Some programs end each line with a comma: a last column without a name and a cell is none. */
function measureWidth(head: readonly string[], rows: readonly (readonly string[])[]): number {
  const width = head.length;
  const isNameless = width > 1 && head[width - 1] === '';
  return isNameless && rows.every((row) => (row[width - 1] ?? '') === '') ? width - 1 : width;
}

function isTrailing(row: readonly string[], width: number): boolean {
  return row.length === width + 1 && row[width] === '';
}

/** Columns of one name become `name`, `name_2`, `name_3`. */
function nameColumns(header: readonly string[]): readonly string[] {
  const taken = new Set(header);
  const met = new Map<string, number>();
  return header.map((name) => {
    const count = (met.get(name) ?? 0) + 1;
    met.set(name, count);
    if (count === 1) return name;
    const numbered = `${name}_${count}`;
    if (taken.has(numbered)) throw failure('E_SOURCE_NOT_CSV', { kind: 'its header has a duplicate name' });
    return numbered;
  });
}

function checkHeader(header: readonly string[], leaves: ReadonlyMap<string, Leaf>, csv: CsvDefinition): void {
  if (header.length > MAX_COLUMNS) throw failure('E_SOURCE_STRUCTURE', { kind: 'too many columns' });
  if (header.some((name) => leaves.has(writePath([name])))) return;
  const kind = findOtherDelimiter(header, csv);
  if (kind !== null) throw failure('E_SOURCE_NOT_CSV', { kind });
  throw failure('E_SOURCE_SHAPE', { expected: 'a header line with a column of the contract' });
}

/** Why a header line is one column; null if its delimiter is not the reason. */
export function findOtherDelimiter(header: readonly string[], { delimiter }: CsvDefinition): string | null {
  const other = [';', '\t', '|', ','].find(
    (sign) => sign !== delimiter && header[0]?.includes(sign) === true,
  );
  if (header.length !== 1 || other === undefined) return null;
  const [now, next] = [delimiter, other].map((sign) => JSON.stringify(sign));
  return `its header line has no ${now ?? ''} but ${next ?? ''}; set \`csv: { delimiter: ${next ?? ''} }\``;
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
function createCellReader(leaf: Leaf | undefined, { nullValues, decimalComma }: CsvDefinition): ReadCell {
  const isEpoch =
    leaf !== undefined && leaf.moment !== null && ![leaf.schema['type']].flat().includes('string');
  const type = isEpoch ? 'DOUBLE' : leaf?.type;
  const convert = (type && CONVERSIONS[type]) ?? asText;
  const isNumber = type === 'DOUBLE' || type?.startsWith('DECIMAL') === true;
  const read = decimalComma && isNumber ? (text: string) => convert(writePoint(text)) : convert;
  const isNullable = leaf !== undefined && (leaf.type !== 'VARCHAR' || admitsNull(leaf));
  const nulls = new Set(isNullable ? ['', ...nullValues] : nullValues);
  return (text) => (nulls.has(text) ? null : read(text));
}

/** `1,5` as `1.5`; what has a point already is no such number, and stays text that the contract rejects. */
function writePoint(text: string): string {
  return text.includes('.') ? `${text} ` : text.replace(',', '.');
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
