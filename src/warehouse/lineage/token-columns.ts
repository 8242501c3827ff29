import { foldName } from '../sql/syntax-tree.js';
import type { KeptTable } from './kept-columns.js';
import type { LineageInstance } from './lineage-room.js';
import type { BoundSelect } from './model-lineage.js';
import type { Relation, RelationColumn } from '../relation.js';
import { type CarriedNames, findCarriedNames } from './carried-names.js';

/** A SELECT with its syntax tree and the columns that are kept of it. */
interface TracedSelect {
  readonly select: BoundSelect;
  readonly kept: KeptTable;
  readonly statement: unknown;
}

/**
 * The columns, in lower case, whose cells may hold a token in any form. DuckDB's plan decides what a column reads; the
 * names in the statement exclude columns that read tokens only to select rows, or to count them.
 * @param reads the relations that the SELECT names
 */
export async function findTokenColumns(
  instance: LineageInstance,
  { select, kept, statement }: TracedSelect,
  reads: readonly Relation[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const tokens = listTokens(reads);
  if (tokens.size === 0) return found;
  const names = nameTokens(statement, reads);
  for (const { name, from, isAdded } of kept.columns) {
    // What a materialization adds are dates.
    if (isAdded || names.carries(name) === false) continue;
    const { columns, unknown } = await instance.scan(select, from);
    if (unknown.length > 0 || columns.some((column) => tokens.has(column))) found.add(foldName(name));
  }
  return found;
}

/** @param reads the relations that the statement names */
export function nameTokens(statement: unknown, reads: readonly Relation[]): CarriedNames {
  return nameBy(statement, reads, ({ isToken }) => isToken);
}

/** The names under which a statement shows quasi-identifiers. A column that only compares them is not among them. */
export function nameQuasi(statement: unknown, reads: readonly Relation[]): CarriedNames {
  return nameBy(statement, reads, ({ isQuasi }) => isQuasi);
}

function nameBy(
  statement: unknown,
  reads: readonly Relation[],
  isFollowed: (column: RelationColumn) => boolean,
): CarriedNames {
  const columns = new Map<string, boolean>();
  for (const relation of reads)
    for (const [name, column] of relation.columns)
      columns.set(foldName(name), isFollowed(column) || columns.get(foldName(name)) === true);
  return findCarriedNames(statement, columns);
}

function listTokens(reads: readonly Relation[]): ReadonlySet<string> {
  return new Set(
    reads.flatMap(({ name, columns }) =>
      [...columns].flatMap(([column, { isToken }]) => (isToken ? [`${name}.${column}`] : [])),
    ),
  );
}
