import { isObject, type JsonObject } from '../../base/json-values.js';

/** A name as DuckDB compares it: only A to Z are folded. */
export function foldName(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A name in the tree, in lower case; '' if absent. */
export function readName(node: JsonObject, key: string): string {
  const name = node[key];
  return typeof name === 'string' ? foldName(name) : '';
}

/** Names in the tree, in lower case. */
export function readList(node: JsonObject, key: string): string[] {
  const names = node[key];
  return Array.isArray(names) ? names.map((name) => foldName(String(name))) : [];
}

/** The text of a `class` or a `type`; '' if it is not a text. */
export function readKind(kind: unknown): string {
  return typeof kind === 'string' ? kind : '';
}

/** Every node of a tree, each before those in it. */
export function* walk(node: unknown): Generator<JsonObject> {
  if (Array.isArray(node)) for (const child of node) yield* walk(child);
  if (!isObject(node)) return;
  yield node;
  for (const child of Object.values(node)) yield* walk(child);
}

export function listObjects(list: unknown): JsonObject[] {
  return Array.isArray(list) ? list.filter((item) => isObject(item)) : [];
}
