import { writePath } from '../base/json-values.js';
import { nameColumns } from '../base/names.js';
import type { Leaf } from '../base/types/definition.js';

/** An accepted record with its 0-based position in the fetched page. */
export interface Row {
  readonly position: number;
  readonly record: unknown;
  /** Paths of leaves and objects whose value was invalid and is null in the columns; null where there are none. */
  readonly nulls: ReadonlySet<string> | null;
}

/**
 * Good records as one JSON text `{"page":[…],"position":[…],"<leaf>":[…]}`, all arrays of one length, holding the
 * leaves given and nothing else. Values are read by own properties; absent is null. Records must have passed the
 * validator, which admits scalars only, and are not changed. `below` names the leaves of each object.
 */
export function writeColumns(
  page: number,
  rows: readonly Row[],
  leaves: readonly Leaf[],
  below: ReadonlyMap<string, readonly string[]>,
): string {
  const pages = rows.map(() => page);
  const positions = rows.map((row) => row.position);
  const parts = [`{"page":[${pages.join()}]`, `"position":[${positions.join()}]`];
  const objects = new Map<string, readonly unknown[]>([['', rows.map((row) => row.record)]]);
  const invalid = listInvalid(rows, below);
  const names = nameColumns(leaves.map(({ path }) => path));
  for (const leaf of leaves) {
    const values = readColumn(readParents(leaf.segments.slice(0, -1), objects), leaf.segments.at(-1) ?? '');
    for (const index of invalid.get(leaf.path) ?? []) values[index] = null;
    parts.push(`${JSON.stringify(names.get(leaf.path))}:${JSON.stringify(values)}`);
  }
  return `${parts.join()}}`;
}

/** The objects that hold a leaf, one for each row; each is read once for all leaves below it. */
function readParents(
  segments: readonly string[],
  objects: Map<string, readonly unknown[]>,
): readonly unknown[] {
  const path = writePath(segments);
  const known = objects.get(path);
  if (known !== undefined) return known;
  const parents = readColumn(readParents(segments.slice(0, -1), objects), segments.at(-1) ?? '');
  objects.set(path, parents);
  return parents;
}

function readColumn(objects: readonly unknown[], name: string): unknown[] {
  // Parsed objects inherit from Object.prototype alone: a name that it lacks is own or absent, at a third of the cost.
  const mayInherit = name in Object.prototype;
  return objects.map((object) => {
    if (!holdsFields(object) || (mayInherit && !Object.hasOwn(object, name))) return null;
    return object[name] ?? null;
  });
}

function holdsFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Indexes of the rows whose value of a leaf is to be null, by the leaf's path. */
function listInvalid(
  rows: readonly Row[],
  below: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly number[]> {
  const invalid = new Map<string, number[]>();
  for (const [index, row] of rows.entries()) {
    for (const path of [...(row.nulls ?? [])].flatMap((each) => below.get(each) ?? [each])) {
      const indexes = invalid.get(path);
      if (indexes === undefined) invalid.set(path, [index]);
      else indexes.push(index);
    }
  }
  return invalid;
}
