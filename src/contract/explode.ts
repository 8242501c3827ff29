import { isObject } from '../base/json-values.js';
import type { Explode } from '../base/types/definition.js';

/** Rows from the elements of a list, in order. */
interface Exploded {
  readonly records: readonly unknown[];
  readonly counts: ListCounts;
}

/** What was found on the way to lists, by step of the path, and the lists without an element. */
export interface ListCounts {
  /** Objects that may have the field. */
  readonly holders: number[];
  /** Those that have it, even if it is null. */
  readonly found: number[];
  /** Fields that are empty, null or absent: they give no row. */
  empty: number;
}

export function makeListCounts({ segments }: Explode): ListCounts {
  return { holders: segments.map(() => 0), found: segments.map(() => 0), empty: 0 };
}

/**
 * One row for each element of the list that `explode` names: the record as it is, but for the element, which stands in the
 * list's place or at the top, as `as`. Lists on the way are gone through. An entry of a map is an element `{key, value}`.
 * What cannot hold the list, or is not a list, stays one row, which the contract rejects. Adds to `counts`.
 */
export function explodeRecords(
  records: readonly unknown[],
  explode: Explode,
  counts: ListCounts = makeListCounts(explode),
): Exploded {
  const { as } = explode;
  const rows = records.flatMap((record) => {
    if (!isObject(record)) return [record];
    const opened = open(record, 0, { explode, counts });
    return opened.map(({ value, element }) => (as === null ? value : { ...fieldsOf(value), [as]: element }));
  });
  return { records: rows, counts };
}

interface Walk {
  readonly explode: Explode;
  readonly counts: ListCounts;
}

type Fields = Readonly<Record<string, unknown>>;

/** A value as one row has it, and the element of the list that the row is made of. */
interface Opened {
  readonly value: unknown;
  readonly element: unknown;
}

function open(holder: Fields, depth: number, walk: Walk): readonly Opened[] {
  const { segments, as } = walk.explode;
  const name = segments[depth] ?? '';
  const isLast = depth === segments.length - 1;
  const isThere = Object.hasOwn(holder, name);
  count(walk.counts.holders, depth);
  if (isThere) count(walk.counts.found, depth);
  const given = isThere ? holder[name] : null;
  if (given === null || given === false) {
    walk.counts.empty++;
    return [];
  }
  const opened = isLast ? listElements(given, walk) : openValue(given, depth + 1, walk);
  return opened.map(({ value, element }) => ({
    value: isLast && as !== null ? omit(holder, name) : replace(holder, name, value),
    element,
  }));
}

/** What stands on the way to the list: an object, or a list of them. */
function openValue(given: unknown, depth: number, walk: Walk): readonly Opened[] {
  if (!Array.isArray(given)) return openHolder(given, depth, walk);
  if (given.length === 0) walk.counts.empty++;
  return given.flatMap((each: unknown) => openHolder(each, depth, walk));
}

function openHolder(given: unknown, depth: number, walk: Walk): readonly Opened[] {
  return isObject(given) ? open(given, depth, walk) : [{ value: given, element: given }];
}

function listElements(given: unknown, { explode, counts }: Walk): readonly Opened[] {
  const elements = explode.isMap ? readEntries(given) : readList(given, explode);
  // In an array of its own, nothing else passes for an element.
  const rows: readonly unknown[] = elements ?? [[given]];
  if (rows.length === 0) counts.empty++;
  return rows.map((element) => ({ value: element, element }));
}

/** Null for what is no list, and may not be its only element. */
function readList(given: unknown, { singleAsList }: Explode): readonly unknown[] | null {
  const list: readonly unknown[] | null = Array.isArray(given) ? given : null;
  return list ?? (singleAsList ? [given] : null);
}

/** Null for what is no map; PHP writes an empty one as `[]`. */
function readEntries(given: unknown): readonly unknown[] | null {
  if (isObject(given)) return Object.entries(given).map(([key, value]) => ({ key, value }));
  return Array.isArray(given) && given.length === 0 ? [] : null;
}

function count(counts: number[], depth: number): void {
  counts[depth] = (counts[depth] ?? 0) + 1;
}

/** Own properties stay own properties, whatever they are called. */
function replace(holder: Fields, name: string, inner: unknown): Fields {
  return Object.fromEntries(
    Object.entries(holder).map(([key, value]) => [key, key === name ? inner : value]),
  );
}

function omit(holder: Fields, name: string): Fields {
  return Object.fromEntries(Object.entries(holder).filter(([key]) => key !== name));
}

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}
