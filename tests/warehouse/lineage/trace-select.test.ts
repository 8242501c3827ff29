import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPRESSION_SHAPES } from './expression-shapes.js';
import { QUERY_SHAPES } from './query-shapes.js';
import { TABLES, tell, tellColumns, traceSql } from './trace-sql.js';

const SHAPES = { ...QUERY_SHAPES, ...EXPRESSION_SHAPES };

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  await connection.run('create schema s');
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

describe('what the columns of a SELECT are made of', () => {
  it.each(Object.entries(SHAPES))('%s', async (_, { sql, columns, rows }) => {
    const relation = await traceSql(connection, sql);
    expect(tellColumns(relation)).toEqual(columns);
    expect(tell(relation.rows)).toBe(rows);
  });

  it.each([
    ['a table that is not known', 'select a from s.other', '!table'],
    ['a catalog', 'select z from memory.s.w', 'w.k w.z !table'],
    ['a function that somebody may have made', 'select s.f(z) as p from s.w', 'w.k w.z !function f'],
    ['a table function', "select p from s.w, read_csv('x') as v(p)", 'w.k w.z !table function read_csv'],
    ['another version of a table', 'select z from s.w at (version => 1)', 'w.k w.z !BASE_TABLE.at_clause'],
    ['a summary', 'select min from (summarize s.w)', 'w.k w.z !SHOW_REF'],
  ])('may be anything where it holds %s', async (_, sql, expected) => {
    const relation = await traceSql(connection, sql);
    expect(tellColumns(relation)).toEqual({ [relation.columns[0]?.name ?? '']: expected });
  });

  it('may be anything where a later DuckDB adds what nobody here knows', async () => {
    const { inspectSelect } = await import('../../../src/warehouse/sql/inspect-sql.js');
    const { traceSelect } = await import('../../../src/warehouse/lineage/trace-select.js');
    const inspection = await inspectSelect(connection, 'select 1 as p, abs(2) as q');
    const text = JSON.stringify('statement' in inspection ? inspection.statement : null);
    for (const [changed, expected] of [
      [text.replace('"class":"FUNCTION"', '"class":"NOVELTY"'), { p: '', q: '!NOVELTY' }],
      [
        text.replace('"qualify":null', '"among":{"x":1}'),
        { p: '!SELECT_NODE.among', q: '!SELECT_NODE.among' },
      ],
      [text.replace('"type":"EMPTY"', '"type":"CLOUD"'), { p: '', q: '' }],
      [text.replace('SELECT_NODE', 'DREAM_NODE'), { '*': '!DREAM_NODE' }],
    ] as const) {
      expect(changed).not.toBe(text);
      expect(tellColumns(traceSelect(JSON.parse(changed), new Map(), []))).toEqual(expected);
    }
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
    's.t': `(1, 5, 'x', 1, [1, 2], {'f': 1, 'g': 2}), (2, 1, 'y', 2, [3], {'f': 3, 'g': 4}),
      (3, 2, 'x', 1, [2, 7, 1], {'f': 5, 'g': 6}), (1, 4, 'y', 3, [4, 4], {'f': 7, 'g': 8})`,
    's.u': `(1, 2, 3, 'x'), (2, 1, 1, 'y'), (1, 3, 2, 'z')`,
    's.w': `(1, 1), (2, 2), (5, 4)`,
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
async function readValues(sql: string): Promise<ReadonlyMap<number, string>> {
  const reader = await connection.runAndReadAll(sql);
  const columns = reader.getColumnsJson();
  return new Map(
    columns.map((values, place) => [place, JSON.stringify(values.map((v) => JSON.stringify(v)).sort())]),
  );
}

/** Every column that a statement may read. */
const ALL = Object.entries(TABLES).flatMap(([table, columns]) =>
  Object.keys(columns).map((name) => `${table}.${name}`),
);

describe('a column that is not among what another one is made of', () => {
  it.each(Object.entries(SHAPES))('changes nothing of it: %s', async (_, { sql }) => {
    const { columns, rest, rows } = await traceSql(connection, sql);
    await fill(null);
    const before = await readValues(sql);
    expect(before.size).toBeGreaterThan(0);
    for (const changed of ALL) {
      if (rows.columns.has(changed)) continue;
      await fill(changed);
      const after = await readValues(sql);
      const apart = [...before.keys()].filter((place) => {
        const made = rest === null ? columns[place]?.sources : rest;
        return made?.columns.has(changed) !== true && columns[place]?.sources.columns.has(changed) !== true;
      });
      for (const place of apart)
        expect([changed, place, after.get(place)]).toEqual([changed, place, before.get(place)]);
    }
  });

  it('is seen to change, where it is', async () => {
    await fill(null);
    const before = await readValues('select a + b as p from s.t');
    await fill('s.t.b');
    expect(await readValues('select a + b as p from s.t')).not.toEqual(before);
  });
});
