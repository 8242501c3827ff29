import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LineageInstance } from '../../../src/warehouse/lineage/lineage-room.js';
import { DECIDING_SHAPES } from './deciding-shapes.js';
import { EXPRESSION_SHAPES } from './expression-shapes.js';
import { FOLDED_SHAPES } from './folded-shapes.js';
import { QUERY_SHAPES } from './query-shapes.js';
import { openTables, TABLES, tell, traceSql } from './trace-sql.js';
import { VALUE_SHAPES } from './value-shapes.js';

const SHAPES = {
  ...QUERY_SHAPES,
  ...EXPRESSION_SHAPES,
  ...VALUE_SHAPES,
  ...DECIDING_SHAPES,
  ...FOLDED_SHAPES,
};

let rooms: { instance: DuckDBInstance; connection: DuckDBConnection; room: LineageInstance };
/** Another one, with rows in the same tables. */
let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  rooms = await openTables();
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  await connection.run('create schema silver');
});
afterAll(() => {
  rooms.instance.closeSync();
  connection.closeSync();
  instance.closeSync();
});

describe('what the columns of a SELECT are made of and decided by', () => {
  it.each(Object.entries(SHAPES))('%s', async (_, { sql, columns, rows }) => {
    const traced = await traceSql(rooms.room, sql);
    expect(Object.fromEntries(traced.columns.map(({ name, scan }) => [name, tell(scan)]))).toEqual(columns);
    expect(tell(traced.rows)).toBe(rows);
  });

  it.each([
    ['a row id', 'select rowid as p from silver.w'],
    ['a table that is not known', 'select a from silver.other'],
    ['a function that somebody may have made', 'select silver.f(z) as p from silver.w'],
    ['another version of a table', 'select z from silver.w at (version => 1)'],
    ['a file', "select z from 'x.parquet'"],
    ['a file that a function reads', "select z from read_csv('x')"],
    ['a parameter that is not $date', 'select z from silver.w where k > $day'],
  ])('is not asked where it holds %s, which does not bind', async (_, sql) => {
    await expect(traceSql(rooms.room, sql)).rejects.toThrow();
  });

  it.each([
    ['is compared with', 'select z from silver.w where k = $date', 'w.k w.z'],
    ['is a bound that no row meets', "select z from silver.w where $date > date '2026-06-01'", 'w.z'],
    [
      'decides a case',
      "select case when $date > date '2026-06-01' then z else k end as p from silver.w",
      'w.k w.z',
    ],
    ['makes a filter true', "select z from silver.w where k > 1 or $date > date '2026-06-01'", 'w.k w.z'],
    ['makes a filter false', "select z from silver.w where k > 1 and $DATE < date '2000-01-01'", 'w.k w.z'],
    ['is added to', 'select z from silver.w where $date - interval 2 days < make_date(k, 1, 1)', 'w.k w.z'],
    [
      'stands in texts and comments',
      'select z, \'$date\' as p, /* $date */ "k" from silver.w -- $date',
      'w.z',
    ],
  ])('has no value of $date, which %s', async (_, sql, expected) => {
    const { columns } = await traceSql(
      rooms.room,
      sql.replace('where k = $date', 'where make_date(k, 1, 1) = $date'),
    );
    const [first] = columns;
    expect(first === undefined ? '' : tell(first.scan).replace('lineage.params.date ', '')).toBe(expected);
  });

  it('is everything there is where a leaf of the plan is not known', async () => {
    const { columns } = await traceSql(rooms.room, 'select z from silver.w, duckdb_settings()');
    const told = tell(columns[0]?.scan ?? { columns: [], tables: [], unknown: [] });
    for (const column of ['t.a', 't.o', 'u.x', 'w.z', 'ops.runs.run_id']) expect(told).toContain(column);
    expect(told).toMatch(/ !DUCKDB_SETTINGS$/);
  });
});

/** Other values of the same type, none of them what was there. */
const OTHERS: Readonly<Record<string, (column: string) => string>> = {
  integer: (column) => `(${column} * 7 + 11) % 13`,
  varchar: (column) => `case ${column} when 'x' then 'z' when 'y' then 'x' else 'q' || ${column} end`,
  'integer[]': (column) => `list_append(list_reverse(${column}), 5)`,
  'struct(f integer, g integer)': (column) => `{'f': ${column}.g + 3, 'g': ${column}.f + 4}`,
};

async function fill(changed: string | null): Promise<void> {
  const rows = {
    'silver.t': `(1, 5, 'x', 1, [1, 2], {'f': 1, 'g': 2}), (2, 1, 'y', 2, [3], {'f': 3, 'g': 4}),
      (3, 2, 'x', 1, [2, 7, 1], {'f': 5, 'g': 6}), (1, 4, 'y', 3, [4, 4], {'f': 7, 'g': 8})`,
    'silver.u': `(1, 2, 3, 'x'), (2, 1, 1, 'y'), (1, 3, 2, 'z')`,
    'silver.w': `(1, 1), (2, 2), (5, 4)`,
  };
  for (const [table, columns] of Object.entries(TABLES)) {
    const list = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
    await connection.run(`create or replace table ${table} (${list.join(', ')})`);
    await connection.run(`insert into ${table} values ${rows[table as keyof typeof rows]}`);
    for (const [name, type] of Object.entries(columns)) {
      const other = OTHERS[type];
      if (changed === `${table}.${name}` && other !== undefined)
        await connection.run(`update ${table} set ${name} = ${other(name)}`);
    }
  }
}

/** The values of each column, in an order that does not depend on the others. */
async function readValues(sql: string): Promise<string[]> {
  const reader = await connection.runAndReadAll(sql);
  const columns = reader.getColumnsJson();
  return reader
    .columnNames()
    .map((_, place) => JSON.stringify((columns[place] ?? []).map((value) => JSON.stringify(value)).sort()));
}

/** Every column that a statement may read. */
const ALL = Object.entries(TABLES).flatMap(([table, columns]) =>
  Object.keys(columns).map((name) => `${table}.${name}`),
);

describe('a column that is not among what another one is made of', () => {
  it.each(Object.entries(SHAPES))('changes nothing of it: %s', async (_, { sql }) => {
    const { columns } = await traceSql(rooms.room, sql);
    await fill(null);
    const before = await readValues(sql);
    expect(before.length).toBe(columns.length);
    for (const changed of ALL) {
      await fill(changed);
      const after = await readValues(sql);
      for (const [place, { scan }] of columns.entries())
        if (!scan.columns.includes(changed))
          expect([changed, place, after[place]]).toEqual([changed, place, before[place]]);
    }
  });

  it('is seen to change, where it is', async () => {
    await fill(null);
    const before = await readValues('select a + b as p from silver.t');
    await fill('silver.t.b');
    expect(await readValues('select a + b as p from silver.t')).not.toEqual(before);
  });
});
