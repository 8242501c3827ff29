import { isObject, type JsonObject } from '../../base/json-values.js';
import { readKind } from './syntax-tree.js';

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A CTE or table name with other characters than plain letters. The name itself is not reported. */
export interface OddName {
  readonly kind: 'CTE' | 'table';
  /** Line number from 1; null if the text does not contain the name as the tree has it. */
  readonly line: number | null;
}

/**
 * The first CTE or table whose name is not plain. DuckDB folds only A to Z, so `"Ü"` and `"ü"` are two names to DuckDB
 * but look like one to most readers. Pure.
 * @param statement an entry of `statements` of `json_serialize_sql`
 */
export function findOddName(statement: unknown, sql: string): OddName | null {
  const odd = [...listNames(statement)].find(([, name]) => name !== '' && !PLAIN.test(name));
  if (odd === undefined) return null;
  const [kind, name] = odd;
  const at = [`"${name.replaceAll('"', '""')}"`, name]
    .map((text) => sql.indexOf(text))
    .find((found) => found >= 0);
  return { kind, line: at === undefined ? null : sql.slice(0, at).split('\n').length };
}

/** Describes where the name is. */
export function describeOddName({ kind, line }: OddName): string {
  return `the name of a ${kind}${line === null ? '' : ` on line ${line}`} contains characters other than A to Z, digits and \`_\``;
}

function* listNames(node: unknown): Generator<[OddName['kind'], string]> {
  if (Array.isArray(node)) for (const child of node) yield* listNames(child);
  if (!isObject(node)) return;
  yield* listOwn(node);
  for (const child of Object.values(node)) yield* listNames(child);
}

function* listOwn(node: JsonObject): Generator<[OddName['kind'], string]> {
  if (node['type'] === 'BASE_TABLE')
    for (const key of ['catalog_name', 'schema_name', 'table_name']) yield ['table', readKind(node[key])];
  if (node['type'] === 'RECURSIVE_CTE_NODE') yield ['CTE', readKind(node['cte_name'])];
  const map = isObject(node['cte_map']) ? node['cte_map']['map'] : null;
  for (const entry of Array.isArray(map) ? map : [])
    if (isObject(entry)) yield ['CTE', readKind(entry['key'])];
}
