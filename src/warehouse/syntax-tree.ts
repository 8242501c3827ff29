/** A part of the syntax tree that DuckDB's `json_serialize_sql` gives. */
export type Node = Readonly<Record<string, unknown>>;

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A name in the tree, in lower case; '' where there is none. */
export function readName(node: Node, key: string): string {
  const name = node[key];
  return typeof name === 'string' ? name.toLowerCase() : '';
}
