import { isObject } from '../base/json-values.js';
import { isFieldName, isKeyedMap } from './names.js';

/** The location of the records in a body. */
export interface FoundRecords {
  readonly path: readonly string[];
  /** The records are the values of an object whose keys are ids. */
  readonly keyed: boolean;
  readonly records: readonly unknown[];
}

const MAX_DEPTH = 6;

/**
 * The longest list of objects in a body, the outermost of equals: an array, or an object keyed by ids. Null if there is
 * none.
 */
export function findRecords(body: unknown): FoundRecords | null {
  const found = listCandidates(body, []);
  return found.reduce<FoundRecords | null>(
    (best, next) => (best === null || next.records.length > best.records.length ? next : best),
    null,
  );
}

function listCandidates(value: unknown, path: readonly string[]): readonly FoundRecords[] {
  if (Array.isArray(value)) {
    const records: readonly unknown[] = value;
    return records.some(isObject) ? [{ path, keyed: false, records }] : [];
  }
  if (isKeyedMap(value)) return [{ path, keyed: true, records: Object.values(value) }];
  if (!isObject(value) || path.length >= MAX_DEPTH) return [];
  return Object.entries(value)
    .filter(([key]) => isFieldName(key) && !/\s/.test(key))
    .flatMap(([key, inner]) => listCandidates(inner, [...path, key]));
}
