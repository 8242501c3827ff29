import { writePath, splitPath } from '../../base/json-values.js';
import type { Explode, JsonSchema, Leaf } from '../../base/types/definition.js';
import type { ContractNode } from '../contract-shape.js';
import type { Path } from '../read/document.js';
import type { Problems } from '../read/problems.js';
import type { LeafSite } from './leaf.js';
import type { OwnedForm } from './shared-pages.js';

/** The list, or map, whose elements become rows, while the contract is completed. */
export interface Opening {
  readonly segments: readonly string[];
  /** Where the element stands, at the top of the row; null for the list's own place. */
  readonly as: string | null;
  /** For each step of the path that was met, whether the schema requires it. */
  readonly required: boolean[];
  /** How the list was opened; null until it is met. */
  opened: 'list' | 'map' | null;
  /** The schema of an element that stands at the top. */
  element: JsonSchema | null;
}

type ExplodeForm = Pick<OwnedForm, 'contract' | 'explode' | 'as' | 'request'>;

export function openingOf({ explode, as }: Pick<ExplodeForm, 'explode' | 'as'>): Opening | null {
  if (explode === undefined) return null;
  return { segments: splitPath(explode), as: as ?? null, required: [], opened: null, element: null };
}

/** The list as records have it; null if there is none, or if the schema does not have it, with the reason in `problems`. */
export function completeExplode(
  { contract, explode, as, request }: ExplodeForm,
  at: Path,
  draft: {
    readonly opening: Opening | null;
    readonly leaves: ReadonlyMap<string, Leaf>;
    readonly problems: Problems;
  },
): Explode | null {
  const { opening, problems } = draft;
  if (opening === null || explode === undefined) {
    if (as !== undefined)
      problems.add([...at, 'as'], '`as` requires `explode`', 'add `explode`, or remove `as`');
    return null;
  }
  if (opening.opened === null) {
    if (problems.isHidden([...at, 'contract', 'schema'])) return null;
    const fix = 'use the path of a field of `type: array`, such as `order.lines`, or of a map';
    problems.add([...at, 'explode'], 'unknown array', fix);
    return null;
  }
  const { segments, required, opened } = opening;
  const isOther = as !== undefined && writePath(segments) !== as;
  if (isOther && Object.hasOwn(contract.schema.properties ?? {}, as)) {
    problems.add([...at, 'as'], `${as} is already a field of the record`, 'use another name');
  }
  return {
    segments,
    required,
    as: opening.as,
    isMap: opened === 'map',
    singleAsList: request.single_as_list,
  };
}

/** Whether a property is the list itself, or stands on the way to it; notes whether it is required. */
export function stepAt(opening: Opening, { segments, isListed }: LeafSite): 'way' | 'list' | null {
  if (!segments.every((segment, depth) => segment === opening.segments[depth])) return null;
  opening.required[segments.length - 1] = isListed;
  return segments.length === opening.segments.length ? 'list' : 'way';
}

export function isArray(node: ContractNode): boolean {
  return [node.type].flat().includes('array') || node.items !== undefined;
}

/** An object with unknown keys. */
export function isMap(node: ContractNode): boolean {
  return node.additionalProperties !== undefined;
}

/**
 * One element of a list, or entry of a map, as a property of a row; null if it is invalid. There is no row without an
 * element, and no element without the objects above it.
 */
export function openElement(
  opening: Opening,
  site: LeafSite,
  step: 'way' | 'list',
  problems: Problems,
): LeafSite | null {
  const isOpenMap = step === 'list' && isMap(site.node);
  if (step === 'list') opening.opened = isOpenMap ? 'map' : 'list';
  const node = isOpenMap ? openMap(site, problems) : openArray(site, [], problems);
  return node === null ? null : { ...site, node, isListed: true, isReached: true };
}

/** The schema of an element; null if the array is written in another way than we read. */
export function openArray(
  { node, at }: LeafSite,
  more: readonly string[],
  problems: Problems,
): ContractNode | null {
  const known = ['type', 'items', 'description', ...more];
  const keywords = Object.keys(node).filter((key) => !known.includes(key));
  const types = [node.type].flat().filter((type) => type !== 'null');
  const isPlain = types.length === 1 && types[0] === 'array' && keywords.length === 0;
  if (isPlain && node.items !== undefined) return node.items;
  const fix = "write only `type: array`, or `type: [array, 'null']`, and `items: …`";
  problems.add(at, 'an array must have one element type', fix);
  return null;
}

/** An entry of a map as an object of two fields: `key` and `value`. */
function openMap({ node, at }: LeafSite, problems: Problems): ContractNode | null {
  checkMap(node, at, problems);
  const { additionalProperties: value } = node;
  if (value === undefined) return null;
  return { type: 'object', required: ['key', 'value'], properties: { key: keyOf(node), value } };
}

const MAP_KEYWORDS = ['type', 'description', 'additionalProperties', 'propertyNames', 'x-on-invalid'];

export function checkMap(node: ContractNode, at: Path, problems: Problems): void {
  for (const keyword of Object.keys(node).filter((key) => !MAP_KEYWORDS.includes(key))) {
    const what = `keyword \`${keyword}\` is not supported for an object with \`additionalProperties\``;
    problems.add([...at, keyword], what, 'remove it, or declare the fields under `properties` only');
  }
  const types = [node.type].flat().filter((type) => type !== 'null');
  if (types.length !== 1 || types[0] !== 'object') {
    problems.add(at, 'a schema with `additionalProperties` must be an object', 'write `type: object`');
  }
}

/** The keys are text; without a class of their own, they have that of the values. */
export function keyOf({ propertyNames, additionalProperties }: ContractNode): ContractNode {
  const pii = additionalProperties?.['x-pii'];
  return { type: 'string', ...(pii === undefined ? {} : { 'x-pii': pii }), ...propertyNames };
}

/** The schema of a row whose element stands at the top, under its own name. */
export function addElement(schema: JsonSchema, opening: Opening): JsonSchema {
  const { as, element } = opening;
  if (as === null || element === null) return schema;
  const { required, properties } = schema;
  const names: readonly unknown[] = Array.isArray(required) ? required : [];
  return { ...schema, required: [...names, as], properties: { ...Object(properties), [as]: element } };
}
