import { joinPath } from '../../base/json-values.js';
import type { ContractDefinition, Explode, JsonSchema, Leaf } from '../../base/types/definition.js';
import type { ContractNode } from '../contract-shape.js';
import type { DatasetForm } from '../definition-shape.js';
import type { Path } from '../read/document.js';
import { type Problems, suggest } from '../read/problems.js';
import { parseShare } from '../read/units.js';
import { completeLeaf } from './leaf.js';

/** A contract, and the list of which each element is a row; null where there is none. */
export interface CompletedContract {
  readonly contract: ContractDefinition;
  readonly explode: Explode | null;
}

/** The contract of a dataset with every leaf of its schema; errors go to `problems`. */
export function completeContract(
  form: DatasetForm['contract'],
  at: Path,
  explode: string | null,
  problems: Problems,
): CompletedContract {
  const leaves = new Map<string, Leaf>();
  const draft: Draft = { leaves, explode, opened: null, problems };
  const schema = completeRoot(form.schema, [...at, 'schema'], draft);
  const contract = {
    onUnknownField: form.on_unknown_field,
    maxRejected: form.max_rejected === 0 ? 0 : parseShare(form.max_rejected),
    schema,
    leaves,
    elsewhere: new Set<string>(),
  };
  return { contract, explode: draft.opened };
}

/** The state of a contract while it is completed. */
interface Draft {
  readonly leaves: Map<string, Leaf>;
  /** Path of the array whose elements become rows. */
  readonly explode: string | null;
  /** That list, once it is met. */
  opened: Explode | null;
  readonly problems: Problems;
}

function completeRoot(node: ContractNode, at: Path, draft: Draft): JsonSchema {
  if (node.type === 'object') return completeObject({ node, segments: [], isReached: true, at }, draft);
  draft.problems.add(
    at,
    'a record must be an object',
    'write `type: object` and `properties: …` at the top of the schema',
  );
  return {};
}

interface ObjectSite {
  readonly node: ContractNode;
  readonly segments: readonly string[];
  readonly isReached: boolean;
  readonly at: Path;
}

function completeObject(site: ObjectSite, draft: Draft): JsonSchema {
  const { node, at } = site;
  const { leaves, problems } = draft;
  checkObject(site, problems);
  const properties: [string, JsonSchema][] = [];
  for (const [name, given] of Object.entries(node.properties ?? {})) {
    const place = [...at, 'properties', name];
    checkPropertyName(name, place, problems);
    const segments = [...site.segments, name];
    const isOpened = isArray(given);
    const isRequired = site.isReached && (node.required?.includes(name) ?? false);
    const child = isOpened ? openArray({ node: given, segments, isRequired, at: place }, draft) : given;
    if (child === null) continue;
    // There is no row without an element, and no element without the objects above the list.
    const isListed = isOpened || (node.required?.includes(name) ?? false);
    const isAboveReached = isOpened || site.isReached;
    if (isObject(child)) {
      checkNulling(child, isListed, place, problems);
      const isReached = isAboveReached && isListed && child.type === 'object';
      properties.push([name, completeObject({ node: child, segments, isReached, at: place }, draft)]);
      continue;
    }
    const leaf = completeLeaf(
      { node: child, segments, isListed, isReached: isAboveReached, at: place },
      problems,
    );
    if (leaf === null) continue;
    leaves.set(leaf.path, leaf);
    properties.push([name, leaf.schema]);
  }
  return { ...node, properties: Object.fromEntries(properties) };
}

function isArray(node: ContractNode): boolean {
  return [node.type].flat().includes('array') || node.items !== undefined;
}

interface ArraySite {
  readonly node: ContractNode;
  readonly segments: readonly string[];
  readonly isRequired: boolean;
  readonly at: Path;
}

/** The schema of one element; null if the array cannot become rows. */
function openArray({ node, segments, isRequired, at }: ArraySite, draft: Draft): ContractNode | null {
  const { explode, problems } = draft;
  if (joinPath(segments) !== explode) {
    const fix = 'add it as `explode`, or remove the field from the schema';
    problems.add(at, 'arrays are only supported with `explode`', fix);
    return null;
  }
  draft.opened = { segments, isRequired };
  const keywords = Object.keys(node).filter((key) => !['type', 'items', 'description'].includes(key));
  const types = [node.type].flat().filter((type) => type !== 'null');
  const isPlain = types.length === 1 && types[0] === 'array' && keywords.length === 0;
  if (isPlain && node.items !== undefined) return node.items;
  const fix = "write only `type: array`, or `type: [array, 'null']`, and `items: …`";
  problems.add(at, '`explode` requires an array with one element type', fix);
  return null;
}

function isObject(node: ContractNode): boolean {
  return [node.type].flat().includes('object') || node.properties !== undefined;
}

/** @param isListed its parent lists it in `required` */
function checkNulling(node: ContractNode, isListed: boolean, at: Path, problems: Problems): void {
  if (node['x-on-invalid'] !== 'set_null' || !isListed || [node.type].flat().includes('null')) return;
  const fix = 'remove the object from `required`, allow null in its type, or remove `x-on-invalid`';
  problems.add([...at, 'x-on-invalid'], 'a required object cannot be set to null', fix);
}

function checkObject({ node, at, segments }: ObjectSite, problems: Problems): void {
  const types = [node.type].flat().filter((type) => type !== 'null');
  if (types.length !== 1 || types[0] !== 'object') {
    problems.add(at, 'a schema with `properties` must be an object', 'write `type: object`');
  }
  const names = Object.keys(node.properties ?? {});
  if (names.length === 0) problems.add(at, 'the object has no properties', 'add `properties: …`');
  const taken = [
    'type',
    'description',
    'properties',
    'required',
    ...(segments.length === 0 ? [] : ['x-on-invalid']),
  ];
  for (const keyword of Object.keys(node).filter((key) => !taken.includes(key))) {
    problems.add(
      [...at, keyword],
      `keyword \`${keyword}\` is only allowed on leaves`,
      'write it on each leaf',
    );
  }
  for (const [index, name] of (node.required ?? []).entries()) {
    const place = [...at, 'required', index];
    if (!names.includes(name)) problems.add(place, 'unknown property', suggest(name, names));
    else if (node.required?.indexOf(name) !== index) {
      problems.add(place, 'duplicate name', 'remove one of them');
    }
  }
}

/** Property names become columns of the masking statement. */
function checkPropertyName(name: string, at: Path, problems: Problems): void {
  if (name.length <= 100 && !/[\p{Cc}\p{Cs}]/u.test(name)) return;
  const fix = 'use up to 100 characters without control characters';
  problems.add(at, 'invalid property name', fix);
}
