import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CheckRule } from '../../src/base/types/dataset-check.js';
import type { CheckResult } from '../../src/base/types/run-record.js';
import type { BronzeDataset, LandedPartition } from '../../src/warehouse/landed-partition.js';
import {
  describePipeline,
  landed,
  landRows,
  makeProject,
  type Project,
  readPublished,
  type Row,
  transform,
  writeSql,
} from './lake-fixture.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const COLUMNS: BronzeDataset['columns'] = [
  landed('token', 'VARCHAR'),
  landed('colour', 'VARCHAR'),
  landed('size', 'BIGINT'),
  landed('day', 'DATE'),
  landed('at', 'TIMESTAMPTZ'),
];
const ROWS: readonly Row[] = [
  { token: 't1', colour: 'red', size: 1, day: '2026-11-17', at: '2026-11-17T00:00:00Z' },
  { token: 't2', colour: 'blue', size: 5, day: '2026-11-18', at: '2026-11-18T23:59:59Z' },
  { token: 't3', colour: null, size: 5, day: null, at: null },
];

const OF_THINGS = { pipeline: 'persons', dataset: 'things' } as const;

function describeThings(rule: CheckRule, severity: 'error' | 'warn' = 'warn'): BronzeDataset[] {
  const check = { name: `things.${rule.kind}`, severity, rule };
  const things = {
    name: 'things',
    time: 'by_date',
    columns: COLUMNS,
    tokens: ['token'],
    checks: [check],
  } as const;
  return [things, { ...things, name: 'others', checks: [] }];
}

const land = (date: string, rows: readonly Row[] = ROWS, dataset = 'things') =>
  landRows(project, date, rows, { dataset, columns: COLUMNS });

async function check(
  datasets: readonly BronzeDataset[],
  partitions: readonly LandedPartition[],
): Promise<readonly CheckResult[]> {
  let told: readonly CheckResult[] = [];
  const onChecks = (results: readonly CheckResult[]) => (told = results);
  await transform(project, { partitions, onChecks, pipelines: [describePipeline(project, datasets)] });
  return told;
}

describe('a check of a dataset', () => {
  it.each<[string, CheckRule, Pick<CheckResult, 'passed' | 'found' | 'tokens'>]>([
    ['enough rows', { kind: 'row_count', min: 3, max: null }, { passed: true, found: 3, tokens: [] }],
    ['too few rows', { kind: 'row_count', min: 4, max: null }, { passed: false, found: 3, tokens: [] }],
    ['too many rows', { kind: 'row_count', min: null, max: 2 }, { passed: false, found: 3, tokens: [] }],
    [
      'nulls',
      { kind: 'missing', column: 'colour', maxShare: 0 },
      { passed: false, found: 1, tokens: ['t3'] },
    ],
    [
      'few nulls',
      { kind: 'missing', column: 'colour', maxShare: 0.5 },
      { passed: true, found: 1, tokens: ['t3'] },
    ],
    ['copies', { kind: 'unique', columns: ['size'] }, { passed: false, found: 2, tokens: ['t2', 't3'] }],
    ['no copies', { kind: 'unique', columns: ['colour', 'size'] }, { passed: true, found: 0, tokens: [] }],
    [
      'another value',
      { kind: 'accepted_values', column: 'colour', values: ['red'] },
      { passed: false, found: 1, tokens: ['t2'] },
    ],
    [
      'accepted values',
      { kind: 'accepted_values', column: 'size', values: [1, 5] },
      { passed: true, found: 0, tokens: [] },
    ],
    [
      'values below',
      { kind: 'range', column: 'size', min: 2, max: null },
      { passed: false, found: 1, tokens: ['t1'] },
    ],
    [
      'dates within',
      { kind: 'range', column: 'day', min: '2026-11-17', max: '2026-11-18' },
      { passed: true, found: 0, tokens: [] },
    ],
    [
      'moments of the days within',
      { kind: 'range', column: 'at', min: '2026-11-17', max: '2026-11-18' },
      { passed: true, found: 0, tokens: [] },
    ],
    [
      'moments of days before',
      { kind: 'range', column: 'at', min: '2026-11-18', max: null },
      { passed: false, found: 1, tokens: ['t1'] },
    ],
    [
      'another form',
      { kind: 'pattern', column: 'colour', pattern: '^r' },
      { passed: false, found: 1, tokens: ['t2'] },
    ],
    [
      'fresh values',
      { kind: 'freshness', column: 'day', maxAgeDays: 1, expectedBy: null },
      { passed: true, found: 1, tokens: [] },
    ],
    [
      'old values',
      { kind: 'freshness', column: 'day', maxAgeDays: 0, expectedBy: null },
      { passed: false, found: 1, tokens: [] },
    ],
    [
      'a date long ago',
      { kind: 'freshness', column: null, maxAgeDays: 0, expectedBy: null },
      { passed: false, found: 1, tokens: [] },
    ],
    [
      'references to nothing',
      { kind: 'references', column: 'colour', dataset: 'others', target: 'colour' },
      { passed: false, found: 2, tokens: ['t1', 't2'] },
    ],
  ])('sees %s', async (_, rule, found) => {
    const results = await check(describeThings(rule), [await land('2026-11-19')]);
    expect(results).toEqual([
      { ...OF_THINGS, check: `things.${rule.kind}`, date: '2026-11-19', severity: 'warn', ...found },
    ]);
  });

  it('looks a reference up on the same date, else on the last before', async () => {
    const rule = { kind: 'references', column: 'colour', dataset: 'others', target: 'colour' } as const;
    const partitions = [
      await land('2026-11-17', [{ ...ROWS[0], colour: 'blue' }], 'others'),
      await land('2026-11-18', [{ ...ROWS[0], colour: 'red' }], 'others'),
      await land('2026-11-20', ROWS, 'others'),
      await land('2026-11-19'),
      await land('2026-11-20'),
    ];
    const results = await check(describeThings(rule), partitions);
    expect(results.map(({ date, passed, found }) => [date, passed, found])).toEqual([
      ['2026-11-19', false, 1],
      ['2026-11-20', true, 0],
    ]);
  });

  it('holds the volume of a date against the mean of the last ones', async () => {
    const rule = { kind: 'volume', dates: 2, below: 0.5, above: 0.5 } as const;
    const partitions = [
      await land('2026-11-16', [...ROWS, ...ROWS, ...ROWS, ...ROWS]),
      await land('2026-11-17', ROWS),
      await land('2026-11-18', ROWS),
      await land('2026-11-19', [...ROWS, ...ROWS]),
    ];
    const results = await check(describeThings(rule), partitions);
    expect(results.map(({ date, passed, found }) => [date, passed, found])).toEqual([
      ['2026-11-17', false, 3],
      ['2026-11-18', false, 3],
      ['2026-11-19', false, 6],
    ]);
    const onlyDrops = await check(describeThings({ ...rule, above: null }), partitions);
    expect(onlyDrops.map(({ date, passed }) => [date, passed])).toEqual([
      ['2026-11-17', false],
      ['2026-11-18', false],
      ['2026-11-19', true],
    ]);
    const calm = await check(describeThings({ ...rule, below: 1, above: 1 }), partitions);
    expect(calm.map(({ date, passed }) => [date, passed])).toEqual([
      ['2026-11-17', true],
      ['2026-11-18', true],
      ['2026-11-19', true],
    ]);
  });

  it('is not made again for dates that are as they were checked', async () => {
    const things = describeThings({ kind: 'row_count', min: 1, max: null });
    const first = await land('2026-11-18');
    expect(await check(things, [first])).toHaveLength(1);
    expect(await check(things, [first])).toHaveLength(0);
    const dates = (await check(things, [first, await land('2026-11-19')])).map(({ date }) => date);
    expect(dates).toEqual(['2026-11-19']);
    const other = describeThings({ kind: 'row_count', min: 2, max: null });
    expect(await check(other, [first])).toHaveLength(1);
  });

  it('stops the publication where its severity is error, and lets it pass where it is warn', async () => {
    await writeSql(
      project,
      'persons/silver/x.sql',
      '-- description: x\n-- materialize: table\nselect count(*) as n from bronze.things',
    );
    const rule = { kind: 'row_count', min: 4, max: null } as const;
    const first = await land('2026-11-18', [...ROWS, ...ROWS]);
    await check(describeThings(rule, 'error'), [first]);
    const second = await land('2026-11-19');
    await expect(check(describeThings(rule, 'error'), [first, second])).rejects.toMatchObject({
      code: 'E_CHECK_FAILED',
      exit: 4,
      message: 'check things.row_count found 3 rows on 2026-11-19',
    });
    expect(await readPublished(project, 'select n from silver.x')).toEqual([['6']]);
    await check(describeThings(rule), [first, second]);
    expect(await readPublished(project, 'select n from silver.x')).toEqual([['9']]);
  });
});
