import type { ContractDefinition, JsonSchema, Leaf } from '../../base/types/definition.js';
import type { ContractNode } from '../contract-shape.js';
import type { DatasetForm } from '../definition-shape.js';
import type { Path } from '../read/document.js';
import { type Problems, suggest } from '../read/problems.js';
import { parseShare } from '../read/units.js';
import { completeLeaf } from './leaf.js';

/** The contract of a dataset with every leaf of its schema; errors go to `problems`. */
export function completeContract(
  form: DatasetForm['contract'],
  at: Path,
  { explode, hidden }: Pick<Draft, 'explode' | 'hidden'>,
  problems: Problems,
): ContractDefinition {
  const leaves = new Map<string, Leaf>();
  const draft = { leaves, explode, hidden, problems };
  const schema = completeRoot(form.schema, [...at, 'schema'], draft);
  return {
    onUnknownField: form.on_unknown_field,
    maxRejected: form.max_rejected === 0 ? 0 : parseShare(form.max_rejected),
    schema,
    leaves,
    elsewhere: new Set(),
  };
}

/** The state of a contract while it is completed. */
interface Draft {
  readonly leaves: Map<string, Leaf>;
  /** Path of the array whose elements become rows. */
  readonly explode: string | null;
  /** Leaves of whose values nothing lands. */
  readonly hidden: ReadonlySet<string>;
  readonly problems: Problems;
}

function completeRoot(node: ContractNode, at: Path, draft: Draft): JsonSchema {
  if (node.type === 'object') return completeObject({ node, segments: [], isReached: true, at }, draft);
  draft.problems.hide([...at, 'properties']);
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
    const isListed = node.required?.includes(name) ?? false;
    const segments = [...site.segments, name];
    const isRequired = site.isReached && isListed;
    const child = isArray(given) ? openArray({ node: given, segments, isRequired, at: place }, draft) : given;
    if (child === null) {
      problems.hide(place);
      continue;
    }
    if (isObject(child)) {
      const isReached = site.isReached && isListed && child.type === 'object';
      properties.push([name, completeObject({ node: child, segments, isReached, at: place }, draft)]);
      continue;
    }
    const before = problems.count;
    const leaf = completeLeaf(
      {
        node: child,
        segments,
        isListed,
        isReached: site.isReached,
        isHidden: draft.hidden.has(segments.join('.')),
        at: place,
      },
      problems,
    );
    if (problems.count > before) problems.hide(place);
    if (leaf === null || problems.isHidden(place)) continue;
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
function openArray(
  { node, segments, isRequired, at }: ArraySite,
  { explode, problems }: Draft,
): ContractNode | null {
  if (segments.join('.') !== explode) {
    const fix = 'add it as `explode`, or remove the field from the schema';
    problems.add(at, 'arrays are only supported with `explode`', fix);
    return null;
  }
  if (!isRequired) {
    const fix = 'add it and every object above it to `required`';
    problems.add(at, 'the array of `explode` must be required', fix);
    return null;
  }
  const keywords = Object.keys(node).filter((key) => !['type', 'items', 'description'].includes(key));
  if (node.type === 'array' && node.items !== undefined && keywords.length === 0) return node.items;
  problems.add(
    at,
    '`explode` requires an array with one element type',
    'write only `type: array` and `items: …`',
  );
  return null;
}

function isObject(node: ContractNode): boolean {
  return [node.type].flat().includes('object') || node.properties !== undefined;
}

function checkObject({ node, at }: ObjectSite, problems: Problems): void {
  const types = [node.type].flat().filter((type) => type !== 'null');
  if (types.length !== 1 || types[0] !== 'object') {
    problems.add(at, 'a schema with `properties` must be an object', 'write `type: object`');
  }
  const names = Object.keys(node.properties ?? {});
  if (names.length === 0 && !problems.isHidden([...at, 'properties'])) {
    problems.add(at, 'the object has no properties', 'add `properties: …`');
    problems.hide([...at, 'properties']);
  }
  const taken = ['type', 'description', 'properties', 'required'];
  for (const keyword of Object.keys(node).filter((key) => !taken.includes(key))) {
    problems.add(
      [...at, keyword],
      `keyword \`${keyword}\` is only allowed on leaves`,
      'write it on each leaf',
    );
  }
  for (const [index, name] of (node.required ?? []).entries()) {
    const place = [...at, 'required', index];
    if (!names.includes(name)) {
      if (problems.isHidden([...at, 'properties', name])) continue;
      problems.add(place, 'unknown property', suggest(name, names));
    } else if (node.required?.indexOf(name) !== index) {
      problems.add(place, 'duplicate name', 'remove one of them');
    }
  }
}

/** Property names form dotted paths and become columns of the masking statement. */
function checkPropertyName(name: string, at: Path, problems: Problems): void {
  if (name.length > 0 && name.length <= 100 && !/[\p{C}."'\\]/u.test(name)) return;
  const fix = 'use 1 to 100 characters without dots, quotes, backslashes and control characters';
  problems.add(at, 'invalid property name', fix);
  problems.hide(at);
}
