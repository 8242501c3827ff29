import { compileMoment, type ReadMoment } from '../base/dates/moments.js';
import { writePath } from '../base/json-values.js';
import { nameColumns } from '../base/names.js';
import type { Leaf } from '../base/types/definition.js';
import type { CheckedPage } from '../base/types/record.js';

/** An accepted record with its 0-based position in the fetched page. */
export interface Row {
  readonly position: number;
  readonly record: unknown;
  /** Paths of leaves and objects whose value was invalid and is null in the columns; null where there are none. */
  readonly nulls: ReadonlySet<string> | null;
}

/** What the columns of a dataset are made of, worked out once for a run. */
export interface ColumnPlan {
  readonly leaves: readonly PlannedLeaf[];
  /** The leaves below each object, by their paths. */
  readonly below: ReadonlyMap<string, readonly string[]>;
}

interface PlannedLeaf extends Leaf {
  /** Name of the column. */
  readonly column: string;
  /** Rewrites a value of another form as RFC 3339 has it; null where values are what they are. */
  readonly read: ReadMoment | null;
}

export function planColumns(
  leaves: readonly Leaf[],
  below: ReadonlyMap<string, readonly string[]>,
): ColumnPlan {
  const names = nameColumns(leaves.map(({ path }) => path));
  const planned = leaves.map((leaf) => ({
    ...leaf,
    column: names.get(leaf.path) ?? leaf.path,
    read: leaf.moment === null ? null : compileMoment(leaf.moment),
  }));
  return { leaves: planned, below };
}

/**
 * Good records as one JSON text `{"page":[…],"position":[…],"<leaf>":[…]}`, all arrays of one length, holding the
 * leaves planned and nothing else. Values are read by own properties; absent is null. Records must have passed the
 * validator, which admits scalars and lists of them only, and are not changed.
 */
export function writeColumns(
  page: number,
  rows: readonly Row[],
  { leaves, below }: ColumnPlan,
): Pick<CheckedPage, 'columns' | 'values'> {
  const pages = Array<number>(rows.length).fill(page).join();
  const parts = [`{"page":[${pages}]`, `"position":[${listPositions(rows)}]`];
  const objects = new Map<string, readonly unknown[]>([['', rows.map((row) => row.record)]]);
  const invalid = listInvalid(rows, below);
  const columns = new Map<string, readonly unknown[]>();
  for (const { path, segments, column, read } of leaves) {
    const raw = readColumn(readParents(segments.slice(0, -1), objects), segments.at(-1) ?? '');
    const values = read === null ? raw : raw.map((value) => rewrite(value, read));
    for (const index of invalid.get(path) ?? []) values[index] = null;
    parts.push(`${JSON.stringify(column)}:${JSON.stringify(values)}`);
    columns.set(path, values);
  }
  return { columns: `${parts.join()}}`, values: columns };
}

/** The positions of a page without rejected records, which most pages of a pull have in common. */
let all = { length: 0, text: '' };

function listPositions(rows: readonly Row[]): string {
  if (rows.at(-1)?.position !== rows.length - 1) return rows.map(({ position }) => position).join();
  if (all.length !== rows.length) all = { length: rows.length, text: [...rows.keys()].join() };
  return all.text;
}

/** A moment, or each of a list of them. */
function rewrite(value: unknown, read: ReadMoment): unknown {
  return Array.isArray(value) ? value.map(read) : read(value);
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
