import { isObject } from '../base/json-values.js';
import { findRecords, type FoundRecords } from './find-records.js';
import { type Kind, kindOfName } from './name-kinds.js';
import { isFieldName } from './names.js';

/** A parsed body of the source. */
type SampleBody =
  | { readonly format: 'json'; readonly body: unknown }
  | { readonly format: 'ndjson'; readonly records: readonly unknown[] }
  | {
      readonly format: 'csv';
      readonly header: readonly string[];
      readonly rows: readonly (readonly string[])[];
    };

/** Why a draft is not possible, and the remedy. */
export interface Refusal {
  readonly why: string;
  readonly fix: string;
}

const NO_RECORDS: Refusal = {
  why: 'it has no non-empty list of objects',
  fix: 'use a URL or file with at least one record',
};
const KEYED_BY_DATA: Refusal = {
  why: 'its keys look like data, not like field names',
  fix: 'use a source whose records have named fields; values under ids must be objects',
};
const NO_HEADER: Refusal = {
  why: 'its first line looks like data, not like column names',
  fix: 'add a header line with lowercase names, such as `id,first_name`, and use the file again',
};

/** The records of a sample and their location, or why there are none. */
export function readRecords(sample: SampleBody): FoundRecords | Refusal {
  switch (sample.format) {
    case 'json':
      return assertNoDataKeys(findRecords(sample.body), sample.body);
    case 'ndjson':
      return assertNoDataKeys({ path: [], keyed: false, records: sample.records }, null);
    case 'csv':
      return readTable(sample.header, sample.rows);
  }
}

export function isRefusal(read: FoundRecords | Refusal): read is Refusal {
  return 'why' in read;
}

/** Most keys of a record must be field names; otherwise the records are deeper, under ids. */
function assertNoDataKeys(found: FoundRecords | null, body: unknown): FoundRecords | Refusal {
  const objects = found?.records.filter(isObject) ?? [];
  if (found === null || objects.length === 0) return hasDataKeys(body) ? KEYED_BY_DATA : NO_RECORDS;
  const names = new Set(objects.flatMap((record) => Object.keys(record)));
  const good = [...names].filter(isFieldName).length;
  if (names.size === 0) return NO_RECORDS;
  return good * 2 < names.size ? KEYED_BY_DATA : { ...found, records: objects };
}

function hasDataKeys(body: unknown): boolean {
  return isObject(body) && Object.keys(body).some((key) => !isFieldName(key));
}

/** Kinds of columns whose cells may be numbers; in other columns digits are text, including leading zeros. */
const NUMERIC: readonly (Kind | null)[] = [
  null,
  'id',
  'age',
  'count',
  'money',
  'coordinate',
  'moment',
  'fact',
];
const INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function readTable(header: readonly string[], rows: readonly (readonly string[])[]): FoundRecords | Refusal {
  const columns = header.map((_, i) => rows.map((row) => row[i] ?? ''));
  const isData = header.some((name, i) => !isColumnName(name) || columns[i]?.includes(name) === true);
  if (isData || isLineOfData(header)) return NO_HEADER;
  if (rows.length === 0) return NO_RECORDS;
  const cells = header.map((name, i) => convertColumn(name, columns[i] ?? []));
  const records = rows.map((_, row) =>
    Object.fromEntries(header.map((name, i) => [name, cells[i]?.[row] ?? null])),
  );
  return { path: [], keyed: false, records };
}

/** An unusual name is skipped later; a name that looks like data rejects the line. */
function isColumnName(name: string): boolean {
  return isFieldName(name) || /^[\p{L}_][\p{L}\p{M}_ ./()#%-]*$/u.test(name);
}

/** Converts the text of a column as the contract will read it: all cells or none. */
function convertColumn(
  name: string,
  cells: readonly string[],
): readonly (string | number | boolean | null)[] {
  const full = cells.filter((cell) => cell !== '');
  const convert = chooseConversion(name, full);
  return cells.map((cell) => (cell === '' ? null : convert(cell)));
}

function chooseConversion(
  name: string,
  full: readonly string[],
): (cell: string) => string | number | boolean {
  const isNumeric = NUMERIC.includes(kindOfName([name]));
  if (full.every((cell) => cell === 'true' || cell === 'false')) return (cell) => cell === 'true';
  if (isNumeric && (full.every((cell) => INTEGER.test(cell)) || full.every((cell) => NUMBER.test(cell)))) {
    return Number;
  }
  return String;
}

/** Identifier styles: `order_id`, `orderId`, `ORDER_ID`, `order`, `OrderId`. */
const WRITTEN_BY_PROGRAMS = [
  /^[_$@]?\p{Ll}[\p{L}\p{M}\p{N}_$@:.-]*$/u,
  /^\p{L}[\p{L}\p{N}]*(?:_[\p{L}\p{N}]+)+$/u,
  /^(?!(?:Mc|Mac|De|Di|La|Le|Van|Von)\p{Lu})\p{Lu}[\p{Ll}\p{N}]+(?:\p{Lu}[\p{Ll}\p{N}]+)+$/u,
];

/**
 * Whether most cells of the first line are neither known field names nor identifiers, such as `Berlin` or `ABC`: then they
 * are data. A sensitive word, such as `HIV`, does not count either way.
 */
export function isLineOfData(header: readonly string[]): boolean {
  const kinds = header.map((name) => kindOfName([name]));
  const known = kinds.filter((kind) => kind !== null && kind !== 'sensitive').length;
  const strange = header.filter((name, i) => kinds[i] === null && !isWrittenByProgram(name)).length;
  return strange > known;
}

function isWrittenByProgram(name: string): boolean {
  return WRITTEN_BY_PROGRAMS.some((form) => form.test(name));
}
