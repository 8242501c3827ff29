import type { JsonObject } from '../../base/types/json-values.js';

/** A name in the tree, in lower case; '' where there is none. */
export function readName(node: JsonObject, key: string): string {
  const name = node[key];
  return typeof name === 'string' ? name.toLowerCase() : '';
}

/** Names in the tree, in lower case. */
export function readList(node: JsonObject, key: string): string[] {
  const names = node[key];
  return Array.isArray(names) ? names.map((name) => String(name).toLowerCase()) : [];
}

/** What a `class` or a `type` says; '' where it is no text. */
export function readKind(kind: unknown): string {
  return typeof kind === 'string' ? kind : '';
}
