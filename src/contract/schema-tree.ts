import { failure } from '../base/errors.js';
import { isObject, writePath, typeOf } from '../base/json-values.js';
import type { ContractDefinition, JsonSchema } from '../base/types/definition.js';
import { LEAF_KEYWORDS } from './reasons.js';

export interface ObjectNode {
  readonly kind: 'object';
  readonly path: string;
  readonly segments: readonly string[];
  readonly nullable: boolean;
  /** Whether an invalid value is nulled, with all leaves below, instead of rejecting the record. */
  readonly nullsInvalid: boolean;
  readonly required: readonly string[];
  readonly children: ReadonlyMap<string, SchemaNode>;
  /** What an object with unknown keys holds, none of which lands; null for others. */
  readonly entries: { readonly key: SchemaNode; readonly value: SchemaNode } | null;
}

export interface LeafNode {
  readonly kind: 'leaf';
  readonly path: string;
  readonly segments: readonly string[];
  /** JSON Schema types that it admits; read off the listed values where the schema names none. */
  readonly types: readonly NodeType[];
  /** A list of scalars: `schema` is that of an element. */
  readonly isList: boolean;
  readonly enumValues: readonly unknown[] | null;
  /** The keywords that validate a value, without annotations. */
  readonly schema: JsonSchema;
  /** Whether an invalid value is nulled instead of rejecting the record. */
  readonly nullsInvalid: boolean;
}

export type SchemaNode = ObjectNode | LeafNode;

const LEAF_TYPES = ['string', 'number', 'integer', 'boolean', 'null'] as const;
export type LeafType = (typeof LEAF_TYPES)[number];
export type NodeType = LeafType | 'array';

const OBJECT_KEYWORDS = new Set(['type', 'properties', 'required']);
const LIST_KEYWORDS = new Set(['type', 'items']);
const MAP_KEYWORDS = new Set(['type', 'additionalProperties', 'propertyNames']);
const ANNOTATIONS = new Set(['$schema', '$id', '$comment', 'title', 'description', 'examples', 'deprecated']);

/**
 * The contract's schema as a tree of objects and scalars. Throws E_DEFINITION on anything that cannot be validated completely:
 * a keyword outside the subset, a leaf without a scalar type, a property named `__proto__` (Ajv ignores it).
 */
export function readSchema(contract: ContractDefinition): ObjectNode {
  const root = readNode(contract.schema, [], contract);
  if (root.kind === 'leaf') throw schemaError('', 'the schema of a record must be an object with properties');
  return root;
}

/** Every leaf below a node, in the order of the schema. */
export function listLeaves(node: SchemaNode): readonly LeafNode[] {
  return node.kind === 'leaf' ? [node] : [...node.children.values()].flatMap(listLeaves);
}

/**
 * Whether a value is another spelling of null: `false` where no boolean is admitted, and `[]` for an object, as PHP
 * writes an empty one. For nodes that admit null.
 */
export function isNothing(node: SchemaNode, value: unknown): boolean {
  if (node.kind === 'leaf') {
    return value === false && node.types.includes('null') && !node.types.includes('boolean');
  }
  return node.nullable && (value === false || (Array.isArray(value) && value.length === 0));
}

function readNode(schema: unknown, segments: readonly string[], contract: ContractDefinition): SchemaNode {
  const path = writePath(segments);
  if (!isObject(schema)) throw schemaError(path, 'a schema must be a mapping of keywords');
  if (segments.includes('__proto__')) throw schemaError(path, 'a field cannot be named __proto__');
  if (Object.hasOwn(schema, 'additionalProperties')) return readMap(schema, segments, contract);
  return Object.hasOwn(schema, 'properties')
    ? readObject(schema, segments, contract)
    : readLeaf(schema, segments, contract);
}

function readMap(schema: JsonSchema, segments: readonly string[], contract: ContractDefinition): ObjectNode {
  const path = writePath(segments);
  assertKnownKeywords(schema, MAP_KEYWORDS, path);
  return {
    kind: 'object',
    path,
    segments,
    nullable: listTypes(schema).includes('null'),
    nullsInvalid: schema['x-on-invalid'] === 'set_null',
    required: [],
    children: new Map(),
    entries: {
      key: readNode(schema['propertyNames'], [...segments, 'key'], contract),
      value: readNode(schema['additionalProperties'], [...segments, 'value'], contract),
    },
  };
}

function readObject(
  schema: JsonSchema,
  segments: readonly string[],
  contract: ContractDefinition,
): ObjectNode {
  const path = writePath(segments);
  assertKnownKeywords(schema, OBJECT_KEYWORDS, path);
  const types = listTypes(schema);
  if (!types.includes('object') || types.some((type) => type !== 'object' && type !== 'null')) {
    throw schemaError(path, 'a schema with properties must have the type object');
  }
  if (!isObject(schema['properties'])) throw schemaError(path, 'properties must be a mapping');
  const children = Object.entries(schema['properties']).map(
    ([name, child]) => [name, readNode(child, [...segments, name], contract)] as const,
  );
  return {
    kind: 'object',
    path,
    segments,
    nullable: types.includes('null'),
    nullsInvalid: schema['x-on-invalid'] === 'set_null',
    required: listRequired(schema, path),
    children: new Map(children),
    entries: null,
  };
}

function readLeaf(schema: JsonSchema, segments: readonly string[], contract: ContractDefinition): LeafNode {
  const path = writePath(segments);
  if (Object.hasOwn(schema, 'items')) return readList(schema, segments, contract);
  const asserted = new Set(LEAF_KEYWORDS.keys());
  assertKnownKeywords(schema, asserted, path);
  const enumValues: unknown = schema['enum'];
  return {
    kind: 'leaf',
    path,
    segments,
    types: readTypes(schema, path),
    isList: false,
    enumValues: Array.isArray(enumValues) ? enumValues : null,
    schema: Object.fromEntries(Object.entries(schema).filter(([keyword]) => asserted.has(keyword))),
    nullsInvalid: contract.leaves.get(path)?.onInvalid === 'set_null',
  };
}

function readList(schema: JsonSchema, segments: readonly string[], contract: ContractDefinition): LeafNode {
  const path = writePath(segments);
  assertKnownKeywords(schema, LIST_KEYWORDS, path);
  const { items } = schema;
  if (!isObject(items) || Object.hasOwn(items, 'items')) throw schemaError(path, 'items must be a scalar');
  const element = readLeaf(items, segments, contract);
  const types = listTypes(schema).includes('null') ? (['array', 'null'] as const) : (['array'] as const);
  return { ...element, types, isList: true, enumValues: null };
}

function readTypes(schema: JsonSchema, path: string): readonly LeafType[] {
  const named = Object.hasOwn(schema, 'type') ? listTypes(schema) : listed(schema).map(typeOf);
  const types = LEAF_TYPES.filter((type) => named.includes(type));
  if (types.length === 0 || types.length < new Set(named).size) {
    throw schemaError(path, 'a leaf needs a scalar type, an enum or a const');
  }
  return types;
}

function listed(schema: JsonSchema): readonly unknown[] {
  if (Object.hasOwn(schema, 'const')) return [schema['const']];
  return Array.isArray(schema['enum']) ? schema['enum'] : [];
}

function listTypes(schema: JsonSchema): readonly unknown[] {
  return Array.isArray(schema['type']) ? schema['type'] : [schema['type']];
}

function listRequired(schema: JsonSchema, path: string): readonly string[] {
  const required: unknown = schema['required'] ?? [];
  if (!Array.isArray(required) || !required.every((name) => typeof name === 'string')) {
    throw schemaError(path, 'required must be a list of names');
  }
  return required;
}

function assertKnownKeywords(schema: JsonSchema, accepted: ReadonlySet<string>, path: string): void {
  for (const keyword of Object.keys(schema)) {
    if (accepted.has(keyword) || ANNOTATIONS.has(keyword) || keyword.startsWith('x-')) continue;
    throw schemaError(path, `a contract does not support the keyword ${keyword} there`);
  }
}

function schemaError(field: string, problem: string): Error {
  return failure('E_DEFINITION', { problem, fix: 'correct the schema of the contract' }, { field });
}
