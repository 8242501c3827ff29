import { isObject } from '../base/json-values.js';
import { isFieldName, isKeyedMap } from './names.js';

export type Scalar = string | number | boolean;

/** One scalar field of the records, with its values; the values are discarded after the plan. */
export interface FoundLeaf {
  readonly segments: readonly string[];
  /** Non-null values, in the order of the records. */
  readonly values: readonly Scalar[];
  /** It and every object above it are non-null in every record. */
  readonly isAlways: boolean;
}

/** What a draft cannot contain: arrays (`texts`: of texts only), fields of several types, objects keyed by data, names that are data. */
export interface LeftOut {
  readonly why: 'array' | 'texts' | 'mixed' | 'wide' | 'keyed' | 'names' | 'deep';
  /** Path of the omitted part, or of its parent if the names may be data. */
  readonly path: readonly string[];
}

export interface JsonObject {
  readonly leaves: readonly FoundLeaf[];
  /** Dotted paths of objects that may be null or absent. */
  readonly nullable: ReadonlySet<string>;
  readonly left: readonly LeftOut[];
}

type Holder = Readonly<Record<string, unknown>>;

interface Walk {
  readonly leaves: FoundLeaf[];
  readonly nullable: Set<string>;
  readonly left: LeftOut[];
}

/** From this many objects on, a name that occurs only once is not a field. */
const ENOUGH = 4;
const RARE_SHARE = 0.02;
const MAX_DEPTH = 8;

/** Every field of the records, in order of appearance. Records that are not objects are skipped. */
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
  if (present.some(Array.isArray)) walk.left.push({ why: isOfTexts(present) ? 'texts' : 'array', path });
  else if (objects.length === 0) takeLeaf(path, present as readonly Scalar[], isAlways, walk);
  else if (objects.length < present.length) walk.left.push({ why: 'mixed', path });
  else if (path.length >= MAX_DEPTH) walk.left.push({ why: 'deep', path });
  else {
    if (!isAlways) walk.nullable.add(path.join('.'));
    visit(objects, path, isAlways, walk);
  }
}

function isOfTexts(present: readonly unknown[]): boolean {
  const elements: readonly unknown[] = present.flat();
  return present.every(Array.isArray) && elements.every((element) => typeof element === 'string');
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
