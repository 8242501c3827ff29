import { isObject } from '../base/json-values.js';

/** Rows from the elements of a list, in order. */
export interface Exploded {
  readonly records: readonly unknown[];
  /** Lists that are empty, null or absent: they give no row. */
  readonly empty: number;
  /** Lists that are there, empty and null ones too. */
  readonly found: number;
}

/**
 * One row for each element of the list at `segments`: the record as it is, but for the element that stands in the list's
 * place. What cannot hold the list, or is not a list, stays one row, which the contract rejects.
 */
export function explodeRecords(records: readonly unknown[], segments: readonly string[]): Exploded {
  const counts = { empty: 0, found: 0 };
  const rows = records.flatMap((record) => (isObject(record) ? open(record, segments, counts) : [record]));
  return { records: rows, ...counts };
}

interface Counts {
  empty: number;
  found: number;
}

type Fields = Readonly<Record<string, unknown>>;

function open(holder: Fields, [name = '', ...rest]: readonly string[], counts: Counts): readonly unknown[] {
  const isThere = Object.hasOwn(holder, name);
  const value = isThere ? holder[name] : null;
  if (isThere && rest.length === 0) counts.found++;
  if (value === null || value === false) {
    counts.empty++;
    return [];
  }
  return openValue(value, rest, counts).map((element) => replace(holder, name, element));
}

/** What stands in place of a value, once for each row. */
function openValue(value: unknown, rest: readonly string[], counts: Counts): readonly unknown[] {
  if (rest.length > 0) return isObject(value) ? open(value, rest, counts) : [value];
  // In an array of its own, nothing else passes for an element.
  if (!Array.isArray(value)) return [[value]];
  if (value.length === 0) counts.empty++;
  return value;
}

/** Own properties stay own properties, whatever they are called. */
function replace(holder: Fields, name: string, element: unknown): unknown {
  return Object.fromEntries(
    Object.entries(holder).map(([key, value]) => [key, key === name ? element : value]),
  );
}
