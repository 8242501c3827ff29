import type { DuckDBConnection } from '@duckdb/node-api';
import { readRows, type Row } from '../../base/duckdb.js';
import type { Relation, RelationColumn, Restriction } from '../relation.js';

/**
 * Columns of `ops.lineage`: one row for each column of each table and view, and one without a column for its rows. Readers
 * hold a statement to what was true when the tables were built, whatever the SQL files say today.
 */
export const LINEAGE = {
  relation: 'VARCHAR',
  /** Null for a table of `ops`. */
  pipeline: 'VARCHAR',
  column: 'VARCHAR',
  is_personal: 'BOOLEAN',
  is_token: 'BOOLEAN',
  is_quasi: 'BOOLEAN',
  /** Names from the column back to the raw-only column that it derives from; null if there is none. */
  raw_only: 'VARCHAR',
  untraced: 'VARCHAR',
  has_reason: 'BOOLEAN',
  is_exposed: 'BOOLEAN',
} as const;

const ARROW = ' ← ';

export type LineageRow = Readonly<Record<keyof typeof LINEAGE, string | boolean | null>>;

/**
 * @param relations by each name; names without a schema are left out
 * @param owners pipelines by name of a relation
 */
export function listLineage(
  relations: ReadonlyMap<string, Relation>,
  owners: ReadonlyMap<string, string>,
): LineageRow[] {
  return [...relations].flatMap(([name, { columns, rows, isPersonal }]) => {
    if (name.startsWith('.')) return [];
    const whole = { relation: name, pipeline: owners.get(name) ?? null, is_personal: isPersonal };
    const own = [...columns].map(([column, { isToken, isQuasi, restriction, isExposed }]) => ({
      ...whole,
      column,
      is_token: isToken,
      is_quasi: isQuasi,
      ...describe(restriction),
      is_exposed: isExposed,
    }));
    return [
      { ...whole, column: null, is_token: false, is_quasi: false, ...describe(rows), is_exposed: false },
      ...own,
    ];
  });
}

function describe(restriction: Restriction | null) {
  return {
    raw_only: restriction?.path.join(ARROW) ?? null,
    untraced: restriction?.unknown ?? null,
    has_reason: restriction?.hasReason ?? false,
  };
}

/** The relations of a published file by name. */
export async function readRelations(connection: DuckDBConnection): Promise<Map<string, Relation>> {
  const rows = await readRows(connection, 'from ops.lineage');
  const relations = new Map<string, Relation & { readonly columns: Map<string, RelationColumn> }>();
  for (const row of rows.filter(({ column }) => column === null)) {
    const name = String(row['relation']);
    relations.set(name, {
      name,
      columns: new Map(),
      rows: readRestriction(row),
      isPersonal: row['is_personal'] === true,
    });
  }
  for (const row of rows.filter(({ column }) => column !== null)) {
    relations.get(String(row['relation']))?.columns.set(String(row['column']), {
      isToken: row['is_token'] === true,
      isQuasi: row['is_quasi'] === true,
      restriction: readRestriction(row),
      isExposed: row['is_exposed'] === true,
    });
  }
  return relations;
}

function readRestriction(row: Row): Restriction | null {
  if (row['raw_only'] === null) return null;
  return {
    path: String(row['raw_only']).split(ARROW),
    unknown: row['untraced'] === null ? null : String(row['untraced']),
    hasReason: row['has_reason'] === true,
  };
}
