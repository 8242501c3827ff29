import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { openInstance } from '../../../src/base/duckdb.js';
import {
  DISABLED_OPTIMIZERS,
  LineageInstance,
  type Scan,
} from '../../../src/warehouse/lineage/lineage-room.js';

/** Two tables with columns in common, a list and a struct, and one that nobody joins by luck. */
export const TABLES = {
  'silver.t': {
    a: 'integer',
    b: 'integer',
    c: 'varchar',
    k: 'integer',
    l: 'integer[]',
    o: 'struct(f integer, g integer)',
  },
  'silver.u': { k: 'integer', x: 'integer', y: 'integer', c: 'varchar' },
  'silver.w': { z: 'integer', k: 'integer' },
} as const;

/** A room of these tables, as a project's models are bound in one. */
export async function openTables(
  tables: Readonly<Record<string, Readonly<Record<string, string>>>> = TABLES,
): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection; room: LineageInstance }> {
  const facts = { allowedDirectories: [], tempDirectory: '', memoryLimitMb: 128, threads: 1 };
  const instance = await openInstance({ ...facts, disabledOptimizers: DISABLED_OPTIMIZERS });
  const connection = await instance.connect();
  const room = await LineageInstance.open(connection);
  const listed = Object.entries(tables).map(
    ([table, columns]) => [table, Object.entries(columns).map(([name, type]) => ({ name, type }))] as const,
  );
  await room.addTables(new Map(listed));
  return { instance, connection, room };
}

/** What a statement over these tables gives, as lineage sees it: its columns in order, and its rows. */
export async function traceSql(room: LineageInstance, sql: string) {
  const select = await room.bind(sql);
  const columns: { readonly name: string; readonly scan: Scan }[] = [];
  for (const [place, { name }] of select.columns.entries())
    columns.push({ name, scan: await room.scan(select, [place]) });
  return { columns, rows: await room.scan(select, []) };
}

/** Columns without their schema, in order: `t.a t.b`; parts that are not known follow a `!`. */
export function tell({ columns, unknown }: Scan): string {
  return [
    ...columns.map((column) => column.replace(/^silver\./, '')),
    ...unknown.map((name) => `!${name}`),
  ].join(' ');
}
