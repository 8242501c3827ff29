import { writePath } from '../../src/base/json-values.js';
import type { ContractDefinition, JsonSchema, Leaf } from '../../src/base/types/definition.js';

type Children = Readonly<Record<string, JsonSchema>>;

/** A contract as the loader would give it, from a plain schema with `x-pii` and `x-on-invalid` on its leaves. */
export function contractOf(
  schema: JsonSchema,
  options: Partial<Pick<ContractDefinition, 'onUnknownField' | 'maxRejected'>> = {},
): ContractDefinition {
  const leaves = listLeaves(schema, []);
  return {
    onUnknownField: options.onUnknownField ?? 'discard_value',
    maxRejected: options.maxRejected ?? 0.05,
    schema,
    elsewhere: new Set(),
    expected: new Set(),
    leaves: new Map(leaves.map((leaf) => [leaf.path, leaf])),
  };
}

/** An object schema with these properties. */
export function objectOf(properties: Children, required: readonly string[] = []): JsonSchema {
  return { type: 'object', required, properties };
}

function listLeaves(schema: JsonSchema, segments: readonly string[]): readonly Leaf[] {
  if (schema['properties'] === undefined) return [leafOf(schema, segments)];
  return Object.entries(schema['properties'] as Children).flatMap(([name, child]) =>
    listLeaves(child, [...segments, name]),
  );
}

function leafOf(schema: JsonSchema, segments: readonly string[]): Leaf {
  return {
    path: writePath(segments),
    segments,
    class: 'direct',
    type: 'VARCHAR',
    required: false,
    bound: null,
    onInvalid: schema['x-on-invalid'] === 'set_null' ? 'set_null' : 'reject',
    many: null,
    moment: null,
    schema,
  };
}
