import { normalizePath } from '../../base/json-values.js';
import type { ContractDefinition, Explode, JsonSchema, Leaf } from '../../base/types/definition.js';
import type { ContractNode } from '../contract-shape.js';
import type { DatasetForm } from '../definition-shape.js';
import type { Path } from '../read/document.js';
import { type Problems, suggest } from '../read/problems.js';
import { parseShare } from '../read/units.js';
import { completeLeaf, type LeafSite } from './leaf.js';
import {
  addElement,
  checkMap,
  completeExplode,
  isArray,
  isMap,
  keyOf,
  openArray,
  openElement,
  type Opening,
  openingOf,
  stepAt,
} from './open-list.js';
import type { OwnedForm } from './shared-pages.js';

/** A contract, and the list of which each element is a row; null where there is none. */
export interface CompletedContract {
  readonly contract: ContractDefinition;
  readonly explode: Explode | null;
}

/** The contract of a dataset with every leaf of its schema; errors go to `problems`. */
export function completeContract(
  form: Pick<OwnedForm, 'contract' | 'explode' | 'as' | 'landing' | 'drop' | 'request'>,
  at: Path,
  problems: Problems,
): CompletedContract {
  const leaves = new Map<string, Leaf>();
  const draft: Draft = { leaves, opening: openingOf(form), hidden: listHidden(form), problems };
  const schema = completeRoot(form.contract.schema, [...at, 'contract', 'schema'], draft);
  const { on_unknown_field: onUnknownField, max_rejected: maxRejected } = form.contract;
  const contract = {
    onUnknownField,
    maxRejected: maxRejected === 0 ? 0 : parseShare(maxRejected),
    schema,
    leaves,
    elsewhere: new Set<string>(),
    expected: new Set(form.contract.expected_fields.map(normalizePath)),
  };
  return { contract, explode: completeExplode(form, at, draft) };
}

/** Leaves and objects that are dropped, and leaves that are only redacted. */
function listHidden({ landing, drop }: Pick<DatasetForm, 'landing' | 'drop'>): ReadonlySet<string> {
  const pathsOf = (value: unknown) =>
    [value].flat().flatMap((path) => (typeof path === 'string' ? normalizePath(path) : []));
  const columns = Object.values(landing);
  const isRedacted = ({ treat, each }: (typeof columns)[number]): boolean => (treat ?? each) === 'redact';
  const hidden = columns.filter(isRedacted).flatMap(({ from }) => pathsOf(from));
  const shown = columns
    .filter((column) => !isRedacted(column))
    .flatMap(({ from, subject }) => [...pathsOf(from), ...pathsOf(subject)]);
  return new Set([...drop.map(normalizePath), ...hidden].filter((path) => !shown.includes(path)));
}

/** The state of a contract while it is completed. */
interface Draft {
  readonly leaves: Map<string, Leaf>;
  readonly opening: Opening | null;
  readonly hidden: LeafSite['hidden'];
  readonly problems: Problems;
}

function completeRoot(node: ContractNode, at: Path, draft: Draft): JsonSchema {
  if (node.type === 'object') {
    const schema = completeObject(
      { node, segments: [], isReached: true, many: null, hidden: draft.hidden, at },
      draft,
    );
    return draft.opening === null ? schema : addElement(schema, draft.opening);
  }
  draft.problems.hide([...at, 'properties']);
  draft.problems.add(
    at,
    'a record must be an object',
    'write `type: object` and `properties: …` at the top of the schema',
  );
  return {};
}

type ObjectSite = Omit<LeafSite, 'isListed'>;

function completeObject(site: ObjectSite, draft: Draft): JsonSchema {
  const { node, at } = site;
  checkObject(site, draft.problems);
  const properties: [string, JsonSchema][] = [];
  for (const [name, given] of Object.entries(node.properties ?? {})) {
    const place = [...at, 'properties', name];
    checkPropertyName(name, place, draft.problems);
    const isListed = node.required?.includes(name) ?? false;
    const segments = [...site.segments, name];
    const property = { ...site, node: given, segments, isListed, at: place };
    const before = draft.problems.count;
    const schema = completeProperty(property, draft);
    if (draft.problems.count > before) draft.problems.hide(place);
    if (schema !== null) properties.push([name, schema]);
  }
  const names = properties.map(([name]) => name);
  const required = node.required?.filter((name) => names.includes(name));
  return {
    ...node,
    ...(required === undefined ? {} : { required }),
    properties: Object.fromEntries(properties),
  };
}

/** The schema of one property as the rows have it; null if they do not, or if it is invalid. */
function completeProperty(site: LeafSite, draft: Draft): JsonSchema | null {
  const { opening, problems } = draft;
  const step = opening === null ? null : stepAt(opening, site);
  if (opening === null || step === null) {
    return isArray(site.node) ? completeList(site, draft) : completeNode(site, draft);
  }
  if (step === 'way' && !isArray(site.node)) return completeNode(site, draft);
  const element = openElement(opening, site, step, problems);
  if (element === null) return null;
  if (step === 'way' || opening.as === null) return completeNode(element, draft);
  opening.element = completeNode({ ...element, segments: [opening.as] }, draft);
  return null;
}

function completeNode(site: LeafSite, draft: Draft): JsonSchema | null {
  const { node, isListed, isReached, at } = site;
  if (isMap(node)) return completeMap(site, draft);
  if (isObject(node)) {
    checkNulling(node, isListed, at, draft.problems);
    return completeObject({ ...site, isReached: isReached && isListed && node.type === 'object' }, draft);
  }
  const before = draft.problems.count;
  const leaf = completeLeaf(site, draft.problems);
  if (draft.problems.count > before) draft.problems.hide(at);
  if (leaf === null || draft.problems.isHidden(at)) return null;
  draft.leaves.set(leaf.path, leaf);
  return leaf.schema;
}

/** A list of scalars that lands as a list. */
function completeList(site: LeafSite, draft: Draft): JsonSchema | null {
  const { node, isListed, isReached, at } = site;
  const items = openArray(site, ['x-on-invalid'], draft.problems);
  if (items === null) return null;
  if (isArray(items) || isObject(items) || isMap(items) || site.many !== null) {
    const fix = 'add it as `explode`, or remove the field from the schema';
    draft.problems.add(at, 'arrays of objects and arrays are only supported with `explode`', fix);
    return null;
  }
  checkNulling(node, isListed, at, draft.problems);
  if (items['x-on-invalid'] !== undefined) {
    const fix = 'write it on the array, which is then set to null as a whole';
    draft.problems.add([...at, 'items', 'x-on-invalid'], '`x-on-invalid` is not supported for `items`', fix);
    return null;
  }
  const element = { ...site, node: items, isListed: true, isReached: true, many: 'list' } as const;
  const leaf = completeLeaf(element, draft.problems);
  if (leaf === null) return null;
  const required = isListed && isReached && node.type === 'array';
  draft.leaves.set(leaf.path, { ...leaf, required, onInvalid: node['x-on-invalid'] ?? 'reject' });
  return { ...node, items: leaf.schema };
}

/** A map that is not exploded: its keys and values are leaves that cannot land. */
function completeMap(site: LeafSite, draft: Draft): JsonSchema | null {
  const { node, segments, isListed, at } = site;
  checkMap(node, at, draft.problems);
  checkNulling(node, isListed, at, draft.problems);
  const entry = { isListed: true, isReached: false, many: 'map', hidden: draft.hidden, at } as const;
  const key = completeNode({ ...entry, node: keyOf(node), segments: [...segments, 'key'] }, draft);
  const value = node.additionalProperties ?? {};
  const values = completeNode({ ...entry, node: value, segments: [...segments, 'value'] }, draft);
  if (key === null || values === null) return null;
  return { ...node, propertyNames: key, additionalProperties: values };
}

function isObject(node: ContractNode): boolean {
  return [node.type].flat().includes('object') || node.properties !== undefined;
}

/** @param isListed its parent lists it in `required` */
function checkNulling(node: ContractNode, isListed: boolean, at: Path, problems: Problems): void {
  if (node['x-on-invalid'] !== 'set_null' || !isListed || [node.type].flat().includes('null')) return;
  const fix = 'remove the field from `required`, allow null in its type, or remove `x-on-invalid`';
  problems.add([...at, 'x-on-invalid'], 'a required field cannot be set to null', fix);
}

function checkObject({ node, at, segments }: ObjectSite, problems: Problems): void {
  const types = [node.type].flat().filter((type) => type !== 'null');
  if (types.length !== 1 || types[0] !== 'object') {
    problems.add(at, 'a schema with `properties` must be an object', 'write `type: object`');
  }
  const names = Object.keys(node.properties ?? {});
  if (names.length === 0 && !problems.isHidden([...at, 'properties'])) {
    problems.add(at, 'the object has no properties', 'add `properties: …`');
    problems.hide([...at, 'properties']);
  }
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
    if (!names.includes(name)) {
      if (problems.isHidden([...at, 'properties', name])) continue;
      problems.add(place, 'unknown property', suggest(name, names));
    } else if (node.required?.indexOf(name) !== index) {
      problems.add(place, 'duplicate name', 'remove one of them');
    }
  }
}

/** Property names become columns of the masking statement. */
function checkPropertyName(name: string, at: Path, problems: Problems): void {
  if (name.length <= 100 && !/[\p{Cc}\p{Cs}]/u.test(name)) return;
  const fix = 'use up to 100 characters without control characters';
  problems.add(at, 'invalid property name', fix);
  problems.hide(at);
}
