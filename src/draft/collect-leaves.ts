import { isObject } from '../base/json-values.js';
import { isFieldName, isKeyedMap } from './names.js';

export type Scalar = string | number | boolean;

/** One scalar field of the records, with its values; the values are discarded after the plan. */
export interface FoundLeaf {
  readonly segments: readonly string[];
  /** Non-null values, in the order of the records; of a list, its elements; texts if they are of several types. */
  readonly values: readonly Scalar[];
  readonly isList: boolean;
  /** The values are of several types. */
  readonly isMixed: boolean;
  /** It and every object above it are non-null in every record. */
  readonly isAlways: boolean;
}

/** What a draft cannot contain: arrays of several types, objects among values, objects keyed by data, names that are data. */
export interface LeftOut {
  readonly why: 'array' | 'mixed' | 'wide' | 'keyed' | 'names' | 'deep';
  /** Path of the omitted part, or of its parent if the names may be data. */
  readonly path: readonly string[];
}

/** A list of objects, or an object with unknown keys: its elements, or entries, are rows of their own. */
export interface FoundNested {
  readonly kind: 'list' | 'map';
  readonly path: readonly string[];
  /** Entries of a map are objects of `key` and `value`. */
  readonly rows: readonly Holder[];
}

export interface JsonObject {
  readonly leaves: readonly FoundLeaf[];
  /** Dotted paths of objects that may be null or absent. */
  readonly nullable: ReadonlySet<string>;
  readonly left: readonly LeftOut[];
  readonly nested: readonly FoundNested[];
}

type Holder = Readonly<Record<string, unknown>>;

interface Walk {
  readonly leaves: FoundLeaf[];
  readonly nullable: Set<string>;
  readonly left: LeftOut[];
  readonly nested: FoundNested[];
}

/** From this many objects on, a name that occurs only once is not a field. */
const ENOUGH = 4;
const RARE_SHARE = 0.02;
const MAX_DEPTH = 8;

/** Every field of the records, in order of appearance. Records that are not objects are skipped. */
export function collectFields(records: readonly unknown[]): JsonObject {
  const walk: Walk = { leaves: [], nullable: new Set(), left: [], nested: [] };
  visit(records.filter(isObject), [], true, walk);
  return walk;
}

function visit(holders: readonly Holder[], path: readonly string[], isAlways: boolean, walk: Walk): void {
  if (path.length > 0 && isMap(holders, path.at(-1) ?? '')) {
    const rows = holders.flatMap((holder) => Object.entries(holder).map(([key, value]) => ({ key, value })));
    walk.nested.push({ kind: 'map', path, rows });
    return;
  }
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
  if (present.some(Array.isArray)) takeList(path, present, walk);
  else if (objects.length === 0)
    takeLeaf({ segments: path, values: present.filter(isScalar), isAlways, isList: false }, walk);
  else if (objects.length < present.length) walk.left.push({ why: 'mixed', path });
  else if (path.length >= MAX_DEPTH) walk.left.push({ why: 'deep', path });
  else {
    if (!isAlways) walk.nullable.add(path.join('.'));
    visit(objects, path, isAlways, walk);
  }
}

/** Scalars are a leaf; objects are rows of their own. */
function takeList(path: readonly string[], present: readonly unknown[], walk: Walk): void {
  const elements: readonly unknown[] = present.every(Array.isArray) ? present.flat() : [];
  const values = elements.filter(isScalar);
  const rows = elements.filter(isObject);
  if (elements.length > 0 && values.length === elements.length) {
    takeLeaf({ segments: path, values, isAlways: false, isList: true }, walk);
  } else if (elements.length > 0 && rows.length === elements.length) {
    walk.nested.push({ kind: 'list', path, rows });
  } else walk.left.push({ why: 'array', path });
}

/** Names by which sources call an object of fields that their customers define. */
const CUSTOM =
  /^(?:custom|extra|additional|user_?defined)_?(?:fields?|attributes?|properties|values|data)?$/i;
/** The same, if records differ in their keys. */
const OPEN = /^(?:attributes|metafields|metadata|properties|labels|fields)$/i;

/** An object whose keys are names, but whose fields differ from customer to customer or from record to record. */
function isMap(holders: readonly Holder[], name: string): boolean {
  const entries = holders.flatMap((holder) => Object.entries(holder));
  const keys = new Set(entries.map(([key]) => key));
  const isFlat = entries.every(([key, value]) => isFieldName(key) && (value === null || isScalar(value)));
  const isNamed = CUSTOM.test(name) || (OPEN.test(name) && keys.size * holders.length > entries.length);
  return isNamed && isFlat && keys.size > 0;
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function takeLeaf(leaf: Omit<FoundLeaf, 'isMixed'>, walk: Walk): void {
  const { segments: path, values } = leaf;
  const isMixed = new Set(values.map((value) => typeof value)).size > 1;
  if (isMixed) walk.leaves.push({ ...leaf, values: values.map(String), isMixed });
  else if (isWide(values.filter((value) => typeof value === 'number'))) walk.left.push({ why: 'wide', path });
  else walk.leaves.push({ ...leaf, isMixed });
}

/** A contract supports integers of 38 digits if all values are integers; otherwise only numbers without lost digits. */
const MOST_WHOLE = 1e38;

function isWide(numbers: readonly number[]): boolean {
  const most = numbers.every(Number.isInteger) ? MOST_WHOLE : Number.MAX_SAFE_INTEGER;
  return numbers.some((number) => Math.abs(number) > most);
}

/** Names in order of appearance; names that may be personal data are skipped. */
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

/** A key that looks like data makes the whole object a map; with few objects, the format of the values counts too. */
function isKeyedByData(holders: readonly Holder[]): boolean {
  if (holders.some((holder) => Object.keys(holder).some((key) => !isFieldName(key)))) return true;
  return holders.length < ENOUGH ? holders.some(isKeyedMap) : areKeysApart(holders);
}

/** If the total number of names exceeds this multiple of the names per object, and at least six, they are not fields if all values have one type. */
const SPREAD = 3;
const MANY_NAMES = 6;

function areKeysApart(holders: readonly Holder[]): boolean {
  const entries = holders.flatMap((holder) => Object.entries(holder));
  const names = new Set(entries.map(([name]) => name)).size;
  const types = new Set(entries.flatMap(([, value]) => (value === null ? [] : [typeof value])));
  return names >= MANY_NAMES && names * holders.length > SPREAD * entries.length && types.size === 1;
}
