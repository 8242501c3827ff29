import { describe, expect, it } from 'vitest';
import type { LoadTable, PartState } from '../../src/base/types/load.js';
import { planParts } from '../../src/load/plan-load.js';
import { findLongName, planSchema } from '../../src/load/plan-schema.js';
import type { LoggedPart, TargetTable } from '../../src/load/target.js';
import { postgresRules } from '../../src/load/targets/postgres-types.js';
import { sqliteRules } from '../../src/load/targets/sqlite-types.js';

const TABLE: LoadTable = {
  layer: 'gold',
  name: 'sales',
  columns: [{ name: 'day', type: 'DATE', comment: null }],
  dateColumn: 'day',
  key: [],
  comment: null,
};
const WHOLE: LoadTable = { ...TABLE, dateColumn: null };

const part = (date: string | null, digest: string, rows = 2): PartState => ({
  ...{ date, digest, rows, nuls: 0, keyless: 0 },
});
const entry = (date: string | null, digest: string, scope: LoggedPart['scope'] = 'date'): LoggedPart => ({
  ...{ table: 'gold.sales', scope, date, digest },
});
const there = (rows: Readonly<Record<string, number>>): TargetTable => ({
  columns: [],
  rows: new Map(Object.entries(rows)),
});
const plan = (
  table: LoadTable,
  parts: readonly PartState[],
  existing: TargetTable | null,
  log: readonly LoggedPart[],
  more: { readonly date?: string; readonly isForced?: boolean } = {},
) =>
  planParts({ table, parts, existing, log, date: null, isForced: false, ...more }).map(
    ({ kind, part: { date } }) => `${kind} ${date ?? 'all'}`,
  );

describe('the plan of a load', () => {
  const parts = [part('2026-01-01', 'a'), part('2026-01-02', 'b')];
  const log = [entry('2026-01-01', 'a'), entry('2026-01-02', 'old'), entry('2026-01-03', 'c')];
  const full = there({ '2026-01-01': 2, '2026-01-02': 2 });

  it.each<[string, readonly string[], readonly string[]]>([
    ['a table that is not there', plan(TABLE, parts, null, log), ['load 2026-01-01', 'load 2026-01-02']],
    ['a date that differs', plan(TABLE, parts, full, log), ['keep 2026-01-01', 'load 2026-01-02']],
    [
      'rows that are missing',
      plan(TABLE, parts, there({ '2026-01-01': 1, '2026-01-02': 2 }), [...log, entry('2026-01-02', 'b')]),
      ['load 2026-01-01', 'keep 2026-01-02'],
    ],
    [
      'a date that is gone',
      plan(TABLE, parts.slice(0, 1), there({ '2026-01-01': 2, '2026-01-03': 5, '': 1 }), log),
      ['remove 2026-01-03', 'remove all', 'keep 2026-01-01'],
    ],
    [
      'one date',
      plan(TABLE, parts, there({ '2026-01-03': 5 }), [], { date: '2026-01-02' }),
      ['load 2026-01-02'],
    ],
    [
      'everything again',
      plan(TABLE, parts, full, [entry('2026-01-01', 'a'), entry('2026-01-02', 'b')], { isForced: true }),
      ['load 2026-01-01', 'load 2026-01-02'],
    ],
    [
      'a whole table',
      plan(WHOLE, [part(null, 'w')], there({ '': 2 }), [entry(null, 'w', 'table')]),
      ['keep all'],
    ],
    [
      'a table that was loaded as a whole in between',
      plan(TABLE, parts.slice(0, 1), there({ '2026-01-01': 2 }), [
        entry('2026-01-01', 'a'),
        entry(null, 'w', 'table'),
      ]),
      ['load 2026-01-01'],
    ],
  ])('%s', (_, planned, expected) => {
    expect(planned).toEqual(expected);
  });
});

describe('the columns of a target', () => {
  const of = (type: string): LoadTable => ({ ...TABLE, columns: [{ name: 'n', type, comment: null }] });
  const postgres = (existing: string, wanted: string) =>
    planSchema(of(wanted), [{ name: 'n', type: existing }], postgresRules('x_'), true);

  it.each([
    ['smallint', 'INTEGER', 'integer'],
    ['integer', 'BIGINT', 'bigint'],
    ['bigint', 'HUGEINT', 'numeric(39,0)'],
    ['bigint', 'DECIMAL(38,2)', 'numeric(38,2)'],
    ['numeric(18,2)', 'DECIMAL(20,4)', 'numeric(20,4)'],
    ['real', 'DOUBLE', 'double precision'],
    ['date', 'TIMESTAMP', 'timestamp without time zone'],
  ])('widens %s to %s', (existing, wanted, type) => {
    expect(postgres(existing, wanted)).toMatchObject({ kind: 'alter', widened: [{ name: 'n', type }] });
  });

  it.each([
    ['bigint', 'INTEGER', 'integer'],
    ['numeric(18,2)', 'DECIMAL(18,4)', 'numeric(18,4)'],
    ['bigint', 'DOUBLE', 'double precision'],
    ['text', 'DATE', 'date'],
    ['double precision', 'BIGINT', 'bigint'],
  ])('refuses to narrow %s to %s', (existing, wanted, type) => {
    expect(postgres(existing, wanted)).toMatchObject({
      kind: 'refused',
      statement: `alter table "x_gold"."sales" alter column "n" type ${type} using "n"::${type}`,
    });
  });

  it('refuses a column that is not loaded, and adds one that is missing', () => {
    expect(planSchema(TABLE, [{ name: 'old', type: 'text' }], sqliteRules(''), true)).toMatchObject({
      kind: 'refused',
      statement: 'alter table "gold_sales" drop column "old"',
    });
    expect(planSchema(TABLE, [], sqliteRules(''), true)).toMatchObject({
      added: [{ name: 'day', type: 'DATE' }],
    });
  });
});

it.each<[string, string, readonly string[], string | null]>([
  ['fits', 'sales', ['a'.repeat(63)], null],
  [
    'has a long column',
    'sales',
    ['day', 'é'.repeat(32)],
    `has a column ${'é'.repeat(32)}, a name of more than`,
  ],
  ['has a long name', `${'a'.repeat(60)}_latest`, ['day'], 'has a name of more than the 63 bytes'],
])('a table %s for PostgreSQL, and fits SQLite', (_, name, columns, problem) => {
  const table = {
    ...TABLE,
    name,
    columns: columns.map((one) => ({ name: one, type: 'DATE', comment: null })),
  };
  const found = findLongName(table, postgresRules('lv_'));
  if (problem === null) expect(found).toBeNull();
  else expect(found).toContain(problem);
  expect(findLongName(table, sqliteRules(''))).toBeNull();
});
