import type { JsonObject } from '../../base/json-values.js';

/** A name as DuckDB compares it, which folds A to Z and no other letter. */
export function foldName(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A name in the tree, in lower case; '' where there is none. */
export function readName(node: JsonObject, key: string): string {
  const name = node[key];
  return typeof name === 'string' ? foldName(name) : '';
}

/** Names in the tree, in lower case. */
export function readList(node: JsonObject, key: string): string[] {
  const names = node[key];
  return Array.isArray(names) ? names.map((name) => foldName(String(name))) : [];
}

/** What a `class` or a `type` says; '' where it is no text. */
export function readKind(kind: unknown): string {
  return typeof kind === 'string' ? kind : '';
}
