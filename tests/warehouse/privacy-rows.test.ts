import { describe, expect, it } from 'vitest';
import type { DatasetResult, RunRecord } from '../../src/base/types/run-record.js';
import { listPrivacy } from '../../src/warehouse/file/privacy-rows.js';
import { makeProject, readPublished, RUN, transform } from './lake-fixture.js';

const [PERSONS] = RUN.datasets as readonly [DatasetResult];
const nulled = [
  { path: 'address.city', count: 2 },
  { path: 'phone', count: 1 },
];
const placed = (path: string): DatasetResult => ({
  ...PERSONS,
  partitions: [{ path, rows: 2, bytes: 1, sha256: 'a' }],
});
const failed = (more: Partial<RunRecord>): RunRecord => ({ ...RUN, status: 'failed', datasets: [], ...more });
const proofs = (run: RunRecord) =>
  listPrivacy(run).map(({ dataset, custody_passed, shapes_passed }) => [
    dataset,
    custody_passed,
    shapes_passed,
  ]);

/** Columns of releases. */
const RELEASED = 'release, people, suppressed, k_before, k, l, t, levels, changed_classes';

describe('ops.privacy', () => {
  it('tells of each dataset of a run what it singles out, what was proven and what was set to null', async () => {
    const project = await makeProject();
    try {
      const runs = [{ ...RUN, datasets: [{ ...PERSONS, nulled }] }];
      await transform(project, { partitions: [], runs });
      expect(await readPublished(project, `select * exclude (${RELEASED}) from ops.privacy`)).toEqual([
        [
          ...['r1', 'persons', 'persons', '2026-11-18', null, '2', 0.5, true, true, '3'],
          'address.city phone',
        ],
      ]);
    } finally {
      await project.remove();
    }
  });

  it('is there, and typed, before anything ran', async () => {
    const project = await makeProject();
    try {
      await transform(project, { partitions: [], runs: [] });
      const types = 'select typeof(singled_out) from (select 1) left join ops.privacy on true';
      expect(await readPublished(project, types)).toEqual([['DOUBLE']]);
    } finally {
      await project.remove();
    }
  });

  it('has the hour of datasets that land by the hour, not of those beside them', () => {
    const datasets = [
      placed('data_lake/raw/2026/11/18/a.T13.parquet'),
      placed('data_lake/raw/2026/11/18/b.T13.0002.parquet'),
      placed('data_lake/raw/2026/11/18/c.0002.parquet'),
      PERSONS,
    ];
    expect(listPrivacy({ ...RUN, slot: '13', datasets }).map(({ slot }) => slot)).toEqual([
      ...['13', '13', null, '13'],
    ]);
  });

  it('tells what a proof stopped, and what did not come to one', () => {
    const where = { pipeline: 'persons', dataset: 'persons', stage: 'land' };
    expect(proofs(failed({ error: { code: 'E_CUSTODY', where } }))).toEqual([['persons', false, null]]);
    expect(proofs(failed({ error: { code: 'E_SHAPE', where } }))).toEqual([['persons', true, false]]);
    const adopted = failed({ error: { code: 'E_SHAPE', where: { ...where, stage: 'adopt' } } });
    expect(proofs(adopted)).toEqual([['persons', null, false]]);
    const refused = failed({ datasets: [PERSONS], error: { code: 'E_REJECTED', where } });
    expect(proofs(refused)).toEqual([['persons', null, null]]);
    expect(proofs(failed({ error: { code: 'E_SOURCE_CONNECT', where } }))).toEqual([]);
  });

  it('takes what had landed for proven when tables fail after it', () => {
    const datasets = [placed('data_lake/raw/2026/11/18/persons.parquet')];
    const error = { code: 'E_SQL_RUN', where: { pipeline: 'persons' } } as const;
    expect(proofs(failed({ datasets, error }))).toEqual([['persons', true, true]]);
  });
});
