import { isObject } from '../base/json-values.js';
import { isFieldName, isKeyedMap } from './names.js';

/** Where the records of a body are. */
export interface FoundRecords {
  readonly path: readonly string[];
  /** The values of an object, whose keys are ids. */
  readonly keyed: boolean;
  readonly records: readonly unknown[];
}

const MAX_DEPTH = 6;

/**
 * The list of objects in a body that has most of them, the outermost of equals: an array, or an object that is keyed by
 * ids. Null if there is none.
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
