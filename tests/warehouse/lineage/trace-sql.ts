import type { DuckDBConnection } from '@duckdb/node-api';
import type { Relation } from '../../../src/warehouse/lineage/relation.js';
import { NOTHING, type Sources } from '../../../src/warehouse/lineage/sources.js';
import { traceSelect } from '../../../src/warehouse/lineage/trace-select.js';
import { inspectSelect } from '../../../src/warehouse/sql/inspect-sql.js';

/** Two tables with columns in common, a list and a struct, and one that nobody joins by luck. */
export const TABLES = {
  's.t': {
    a: 'integer',
    b: 'integer',
    c: 'varchar',
    k: 'integer',
    l: 'integer[]',
    o: 'struct(f integer, g integer)',
  },
  's.u': { k: 'integer', x: 'integer', y: 'integer', c: 'varchar' },
  's.w': { z: 'integer', k: 'integer' },
} as const;

const RELATIONS: ReadonlyMap<string, Relation> = new Map(
  Object.entries(TABLES).map(([table, columns]) => [
    table,
    {
      columns: Object.keys(columns).map((name) => ({
        name,
        sources: { ...NOTHING, columns: new Set([`${table}.${name}`]) },
      })),
      rest: null,
      rows: NOTHING,
    },
  ]),
);

/** What a statement over these tables gives, as lineage sees it. */
export async function traceSql(connection: DuckDBConnection, sql: string): Promise<Relation> {
  const inspection = await inspectSelect(connection, sql);
  if ('problem' in inspection) throw new Error(`${sql}: ${inspection.problem}`);
  const reads = inspection.tables.map(({ schema, table }) => `${schema}.${table}`);
  return traceSelect(inspection.statement, RELATIONS, reads);
}

/** Columns without their schema, in order: `t.a t.b`; names that are none follow a `?`, parts not known a `!`. */
export function tell({ columns, unresolved, unknown }: Sources): string {
  return [
    ...[...columns].map((column) => column.replace(/^s\./, '')).sort(),
    ...[...unresolved].sort().map((name) => `?${name}`),
    ...[...unknown].sort().map((name) => `!${name}`),
  ].join(' ');
}

/** Columns by name, in order, `*` for those that cannot be listed. */
export function tellColumns({ columns, rest }: Relation): Record<string, string> {
  const listed = columns.map(({ name, sources }) => [name, tell(sources)]);
  return Object.fromEntries(rest === null ? listed : [...listed, ['*', tell(rest)]]) as Record<
    string,
    string
  >;
}
