import { expect, it } from 'vitest';
import { readRows, withInstance } from '../../src/base/duckdb.js';
import { FUNCTIONS, listNames } from '../../src/warehouse/sql/functions.js';

/** The parser makes operators of these. */
const SYNTAX = [
  '->',
  'coalesce',
  'current_time',
  'current_timestamp',
  'ifnull',
  'localtime',
  'localtimestamp',
  'unnest',
];

it('each of them is a function of DuckDB', async () => {
  const known = await withInstance({}, async (connection) => {
    const rows = await readRows(
      connection,
      'select distinct lower(function_name) as name from duckdb_functions()',
    );
    return new Set(rows.map(({ name }) => String(name)));
  });
  const unknown = Object.values(FUNCTIONS)
    .flatMap(listNames)
    .filter((name) => !known.has(name) && !SYNTAX.includes(name));
  expect(unknown).toEqual([]);
});
