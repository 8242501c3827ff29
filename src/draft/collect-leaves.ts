import { isObject } from '../base/json-values.js';
import { isFieldName, isKeyedMap } from './names.js';

export type Scalar = string | number | boolean;

/** One scalar field of the records, with what it held; the values live no longer than the plan. */
export interface FoundLeaf {
  readonly segments: readonly string[];
  /** Not null, in the order of the records. */
  readonly values: readonly Scalar[];
  /** Not null in every record, nor is any object above it. */
  readonly isAlways: boolean;
}

/** What no draft can hold: an array, a field of several types, an object that is keyed by data, names that are data. */
export interface LeftOut {
  readonly why: 'array' | 'mixed' | 'wide' | 'keyed' | 'names' | 'deep';
  /** Of what was left out; of its parent where the names themselves may be data. */
  readonly path: readonly string[];
}

export interface JsonObject {
  readonly leaves: readonly FoundLeaf[];
  /** Dotted paths of objects that may be null or missing. */
  readonly nullable: ReadonlySet<string>;
  readonly left: readonly LeftOut[];
}

type Holder = Readonly<Record<string, unknown>>;

interface Walk {
  readonly leaves: FoundLeaf[];
  readonly nullable: Set<string>;
  readonly left: LeftOut[];
}

/** From so many objects on, a name that one of them has alone is not a field's. */
const ENOUGH = 4;
const RARE_SHARE = 0.02;
const MAX_DEPTH = 8;

/** Every field of the records, in the order in which they are met. Records that are no objects are passed over. */
export function collectFields(records: readonly unknown[]): JsonObject {
  const walk: Walk = { leaves: [], nullable: new Set(), left: [] };
  visit(records.filter(isObject), [], true, walk);
  return walk;
}

function visit(holders: readonly Holder[], path: readonly string[], isAlways: boolean, walk: Walk): void {
  if (path.length > 0 && isKeyedByData(holders)) {
    walk.left.push({ why: 'keyed', path });
    return;
  }
  const { fields, hasWithheld } = readFields(holders);
  if (hasWithheld) walk.left.push({ why: 'names', path });
  for (const [name, values] of fields) {
    const present = values.filter((value) => value !== null);
    const isFull = isAlways && present.length === holders.length;
    take([...path, name], present, isFull, walk);
  }
}

function take(path: readonly string[], present: readonly unknown[], isAlways: boolean, walk: Walk): void {
  const objects = present.filter(isObject);
  if (present.some(Array.isArray)) walk.left.push({ why: 'array', path });
  else if (objects.length === 0) takeLeaf(path, present as readonly Scalar[], isAlways, walk);
  else if (objects.length < present.length) walk.left.push({ why: 'mixed', path });
  else if (path.length >= MAX_DEPTH) walk.left.push({ why: 'deep', path });
  else {
    if (!isAlways) walk.nullable.add(path.join('.'));
    visit(objects, path, isAlways, walk);
  }
}

function takeLeaf(
  segments: readonly string[],
  values: readonly Scalar[],
  isAlways: boolean,
  walk: Walk,
): void {
  if (new Set(values.map((value) => typeof value)).size > 1) walk.left.push({ why: 'mixed', path: segments });
  else if (isWide(values.filter((value) => typeof value === 'number')))
    walk.left.push({ why: 'wide', path: segments });
  else walk.leaves.push({ segments, values, isAlways });
}

/** A contract takes whole numbers of 38 digits where all are whole, and else none whose last digits are lost already. */
const MOST_WHOLE = 1e38;

function isWide(numbers: readonly number[]): boolean {
  const most = numbers.every(Number.isInteger) ? MOST_WHOLE : Number.MAX_SAFE_INTEGER;
  return numbers.some((number) => Math.abs(number) > most);
}

/** Names in the order in which they are met; those that may be somebody's data are passed over. */
function readFields(holders: readonly Holder[]): {
  readonly fields: ReadonlyMap<string, readonly unknown[]>;
  readonly hasWithheld: boolean;
} {
  const met = new Map<string, unknown[]>();
  for (const holder of holders) {
    for (const [name, value] of Object.entries(holder)) {
      const values = met.get(name) ?? [];
      values.push(value);
      met.set(name, values);
    }
  }
  const least = holders.length < ENOUGH ? 1 : Math.max(2, Math.ceil(holders.length * RARE_SHARE));
  const fields = new Map([...met].filter(([name, values]) => values.length >= least && isFieldName(name)));
  return { fields, hasWithheld: fields.size < met.size };
}

/** A key that looks like data makes a map of the whole object; few objects are judged by the form of their values too. */
function isKeyedByData(holders: readonly Holder[]): boolean {
  if (holders.some((holder) => Object.keys(holder).some((key) => !isFieldName(key)))) return true;
  return holders.length < ENOUGH ? holders.some(isKeyedMap) : areKeysApart(holders);
}

/** More than so many times the names that an object has of them, and six at least, are no fields if their values are of one type. */
const SPREAD = 3;
const MANY_NAMES = 6;

function areKeysApart(holders: readonly Holder[]): boolean {
  const entries = holders.flatMap((holder) => Object.entries(holder));
  const names = new Set(entries.map(([name]) => name)).size;
  const types = new Set(entries.flatMap(([, value]) => (value === null ? [] : [typeof value])));
  return names >= MANY_NAMES && names * holders.length > SPREAD * entries.length && types.size === 1;
}
