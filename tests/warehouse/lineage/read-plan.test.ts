import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRows } from '../../../src/base/duckdb.js';
import { type PlanReads, readPlan } from '../../../src/warehouse/lineage/read-plan.js';
import { openTables } from './trace-sql.js';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  ({ instance, connection } = await openTables());
});
afterAll(() => {
  instance.closeSync();
});

async function explain(sql: string): Promise<string> {
  const [row] = await readRows(connection, `explain (format json) ${sql}`);
  return String(row?.['explain_value']);
}

const leaf = (name: string, facts: object = {}) =>
  JSON.stringify([{ name, children: [], extra_info: facts }]);
const scan = (facts: object) => leaf('SEQ_SCAN', { Table: 'memory.lineage.t3', ...facts });
const tell = ({ tables, columns, whole, unknown }: PlanReads) => [
  ...[tables, columns, whole].map((found) => [...found].join(' ')),
  [...unknown].join(' '),
];

describe('a plan of the DuckDB that is pinned', () => {
  it('has this shape, which is read', async () => {
    const version = await readRows(connection, 'select version() as version');
    expect(version).toEqual([{ version: 'v1.5.5' }]);
    expect(
      JSON.parse(await explain('select z from silver.w semi join silver.u using (k) where z > 1')),
    ).toEqual([
      {
        name: 'HASH_JOIN',
        children: [
          {
            name: 'FILTER',
            children: [
              {
                name: 'SEQ_SCAN',
                children: [],
                extra_info: {
                  Table: 'memory.lineage.t10',
                  Type: 'Sequential Scan',
                  Projections: ['c101', 'c102'],
                  'Estimated Cardinality': '0',
                },
              },
            ],
            extra_info: { Expression: '(z > CAST(1 AS INTEGER))', 'Estimated Cardinality': '0' },
          },
          {
            name: 'SEQ_SCAN',
            children: [],
            extra_info: {
              Table: 'memory.lineage.t9',
              Type: 'Sequential Scan',
              Projections: 'c97',
              'Estimated Cardinality': '0',
            },
          },
        ],
        extra_info: { 'Join Type': 'SEMI', Conditions: 'k = k', 'Estimated Cardinality': '0' },
      },
    ]);
  });

  it('shows a dynamic filter as text alone, which is read as well', async () => {
    const plan = await explain('select z from silver.w order by k limit 1');
    expect(plan).toContain('Dynamic Filter');
  });
});

describe('a leaf of a plan', () => {
  it.each<[string, string, string[]]>([
    ['names its table and its columns', scan({ Projections: ['c7', 'c9'] }), ['3', '7 9', '', '']],
    ['names one column', scan({ Projections: 'c7' }), ['3', '7', '', '']],
    ['names none, where it counts rows', scan({ Projections: '' }), ['3', '', '', '']],
    ['names a field of a column', scan({ Projections: 'c7.a.b' }), ['3', '7', '', '']],
    [
      'names columns in the text of a filter',
      scan({ Projections: 'c7', Filters: 'c8<3 AND c9=1' }),
      ['3', '7 8 9', '', ''],
    ],
    [
      'names columns in a dynamic filter',
      scan({ Projections: '', Filters: 'optional: Dynamic Filter (c8)' }),
      ['3', '8', '', ''],
    ],
    ['does not say what it reads', scan({}), ['3', '', '3', '']],
    ['says something else than columns', scan({ Projections: ['c7', 'lower(name)'] }), ['3', '7', '3', '']],
    [
      'is of another table',
      leaf('SEQ_SCAN', { Table: 'memory.main.t3', Projections: 'c7' }),
      ['', '', '', 'SEQ_SCAN'],
    ],
    ['is of no table', leaf('SEQ_SCAN', { Projections: 'c7' }), ['', '', '', 'SEQ_SCAN']],
    ['is none that is known', leaf('READ_CSV'), ['', '', '', 'READ_CSV']],
    ['is a filter without anything to filter', leaf('FILTER'), ['', '', '', 'FILTER']],
    ['has no parts', JSON.stringify([{ name: 'DUMMY_SCAN' }]), ['', '', '', 'plan']],
    ['is no plan', '[]', ['', '', '', 'plan']],
    ['is nothing', 'null', ['', '', '', 'plan']],
    ['is a group-by that a join feeds', leaf('HASH_GROUP_BY'), ['', '', '', '']],
    ...[
      ...[
        'CTE_SCAN',
        'REC_CTE_SCAN',
        'DELIM_SCAN',
        'COLUMN_DATA_SCAN',
        'DUMMY_SCAN',
        'RANGE',
        'EMPTY_RESULT',
      ],
    ].map(
      (name) =>
        [`is ${name}, without a column`, leaf(name), ['', '', '', '']] satisfies [string, string, string[]],
    ),
  ])('%s', (_, text, expected) => {
    expect(tell(readPlan(text))).toEqual(expected);
  });
});
