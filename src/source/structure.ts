import { failure } from '../base/errors.js';
import type { DatasetDefinition } from '../base/types/definition.js';

const MAX_DEPTH = 32;
/** Objects and arrays that an envelope and undeclared fields may add to each record. */
const SPARE_CONTAINERS = 8;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING_BRACE = 0x7b;
const OPENING_BRACKET = 0x5b;

/** Elements of an exploded array that a record may have, on average over its page. */
const ELEMENTS_PER_RECORD = 100;

/** What datasets are made of records of one page. */
type Sharing = Pick<DatasetDefinition, 'contract' | 'explode'>;

/**
 * How many `{` and `[` a page may hold: `size × (objects and arrays of the schemas + 8)`, those of an exploded record
 * a hundred times.
 */
export function computeMaxContainers(size: number, datasets: readonly Sharing[]): number {
  const perRecord = datasets.map(
    ({ contract, explode }) =>
      countContainers(contract.schema) * (explode === null ? 1 : ELEMENTS_PER_RECORD),
  );
  return size * perRecord.reduce((sum, count) => sum + count, SPARE_CONTAINERS);
}

function countContainers(schema: unknown): number {
  if (typeof schema !== 'object' || schema === null) return 0;
  const properties = 'properties' in schema ? schema.properties : undefined;
  const items = 'items' in schema ? schema.items : undefined;
  const values = 'additionalProperties' in schema ? schema.additionalProperties : undefined;
  if (values !== undefined) return 1 + ELEMENTS_PER_RECORD * countContainers(values);
  if (properties === undefined && items === undefined) return 0;
  const children: unknown[] =
    typeof properties === 'object' && properties !== null ? Object.values(properties) : [];
  return [...children, items].reduce<number>((sum, child) => sum + countContainers(child), 1);
}

/** Throws E_SOURCE_STRUCTURE on more objects and arrays than `most`, before the parse: 64 MB of `{}` become 1.7 GB. */
export function assertContainers(bytes: Buffer, most: number): void {
  if (holdsMoreContainers(bytes, most)) {
    throw failure('E_SOURCE_STRUCTURE', { kind: 'too many objects and arrays' });
  }
}

/** Throws E_SOURCE_STRUCTURE on nesting above 32; after the parse, which V8 does without recursion. */
export function assertDepth(value: unknown): void {
  if (isDeeperThan(value, MAX_DEPTH)) throw failure('E_SOURCE_STRUCTURE', { kind: 'nesting' });
}

/** The search is native and fast, but finds brackets in strings too: only if it finds too many is the body read. */
function holdsMoreContainers(bytes: Buffer, most: number): boolean {
  let found = 0;
  for (const code of [OPENING_BRACE, OPENING_BRACKET]) {
    for (let at = bytes.indexOf(code); at !== -1; at = bytes.indexOf(code, at + 1)) {
      if (++found > most) return opensMoreContainers(bytes, most);
    }
  }
  return false;
}

/** The same, without what stands in strings: 1.5 ms a MB. */
function opensMoreContainers(bytes: Buffer, most: number): boolean {
  let found = 0;
  let isInString = false;
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes[at];
    if (code === QUOTE) isInString = !isInString;
    else if (isInString) at += code === BACKSLASH ? 1 : 0;
    else if ((code === OPENING_BRACE || code === OPENING_BRACKET) && ++found > most) return true;
  }
  return false;
}

/** True if objects and arrays are nested more than `most` deep; stops there. */
function isDeeperThan(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (most === 0) return true;
  if (Array.isArray(value)) return value.some((element) => isDeeperThan(element, most - 1));
  // for-in, because it is twice as fast as Object.values; what JSON.parse makes has no other properties than its own.
  const properties = value as Readonly<Record<string, unknown>>;
  for (const name in properties) {
    if (isDeeperThan(properties[name], most - 1)) return true;
  }
  return false;
}
