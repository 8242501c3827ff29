import type { ContractNode } from './contract-shape.js';
import type { ContractDefinition, JsonSchema, Leaf } from './definition.js';
import type { Path } from './document.js';
import { completeLeaf } from './leaf.js';
import type { DatasetForm } from './page-shape.js';
import type { Problems } from './problems.js';
import { suggest } from './suggest.js';
import { parseShare } from './units.js';

/** The contract of a dataset with every leaf that its schema has; what is wrong with it goes to `problems`. */
export function completeContract(
  form: DatasetForm['contract'],
  at: Path,
  problems: Problems,
): ContractDefinition {
  const leaves = new Map<string, Leaf>();
  const schema = completeRoot(form.schema, [...at, 'schema'], leaves, problems);
  return {
    onUnknownField: form.on_unknown_field,
    maxRejected: form.max_rejected === 0 ? 0 : parseShare(form.max_rejected),
    schema,
    leaves,
  };
}

function completeRoot(
  node: ContractNode,
  at: Path,
  leaves: Map<string, Leaf>,
  problems: Problems,
): JsonSchema {
  if (node.type === 'object')
    return completeObject({ node, segments: [], isReached: true, at }, leaves, problems);
  problems.add(
    at,
    'a record is an object',
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

function completeObject(site: ObjectSite, leaves: Map<string, Leaf>, problems: Problems): JsonSchema {
  const { node, at } = site;
  checkObject(site, problems);
  const properties: [string, JsonSchema][] = [];
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const place = [...at, 'properties', name];
    checkPropertyName(name, place, problems);
    const isListed = node.required?.includes(name) ?? false;
    const segments = [...site.segments, name];
    if (isObject(child)) {
      const isReached = site.isReached && isListed && child.type === 'object';
      properties.push([
        name,
        completeObject({ node: child, segments, isReached, at: place }, leaves, problems),
      ]);
      continue;
    }
    const leaf = completeLeaf(
      { node: child, segments, isListed, isReached: site.isReached, at: place },
      problems,
    );
    if (leaf === null) continue;
    leaves.set(leaf.path, leaf);
    properties.push([name, leaf.schema]);
  }
  return { ...node, properties: Object.fromEntries(properties) };
}

function isObject(node: ContractNode): boolean {
  return [node.type].flat().includes('object') || node.properties !== undefined;
}

function checkObject({ node, at }: ObjectSite, problems: Problems): void {
  const types = [node.type].flat().filter((type) => type !== 'null');
  if (types.length !== 1 || types[0] !== 'object') {
    problems.add(at, 'what has `properties` is an object', 'write `type: object`');
  }
  const names = Object.keys(node.properties ?? {});
  if (names.length === 0) problems.add(at, 'an object has at least one property', 'add `properties: …`');
  const taken = ['type', 'description', 'properties', 'required'];
  for (const keyword of Object.keys(node).filter((key) => !taken.includes(key))) {
    problems.add(
      [...at, keyword],
      `keyword \`${keyword}\` belongs on the leaves of an object`,
      'write it on each leaf',
    );
  }
  for (const [index, name] of (node.required ?? []).entries()) {
    const place = [...at, 'required', index];
    if (!names.includes(name)) problems.add(place, 'the object has no such property', suggest(name, names));
    else if (node.required?.indexOf(name) !== index) {
      problems.add(place, 'a name is met twice', 'remove one of the two');
    }
  }
}

/** Names join into dotted paths and become columns of the masking statement. */
function checkPropertyName(name: string, at: Path, problems: Problems): void {
  if (name.length > 0 && name.length <= 100 && !/[\p{C}."'\\]/u.test(name)) return;
  const fix =
    'names have 1 to 100 characters, none of them a dot, a quote, a backslash or a control character';
  problems.add(at, 'this name of a property is not accepted', fix);
}
