import { describe, expect, it } from 'vitest';
import {
  firstKeptDate,
  isOld,
  listKeys,
  planRetentionMarks,
  type PlannedCheckpoint,
  planRaw,
} from '../../src/actions/prune/plan-prune.js';
import type { Checkpoint } from '../../src/base/types/checkpoint.js';
import type { Manifest } from '../../src/base/types/manifest.js';
import { MATERIALIZATIONS } from '../../src/warehouse/materializations/known.js';
import type { Model } from '../../src/warehouse/models/model.js';
import { listForgetful, traceModel } from '../../src/warehouse/models/trace-model.js';

/** A model as its head says, over the tables that it reads. */
function modelOf(name: string, materialize: string, reads: readonly string[], sql = `-- ${name}`): Model {
  for (const materialization of MATERIALIZATIONS) {
    const planner = materialization.parse(materialize, new Map());
    if (planner === null) continue;
    const place = { pipeline: 'shop', schema: 'silver', table: name, file: name } as const;
    const rest = {
      description: '',
      isOrdered: false,
      publishedAs: null,
      hasStar: false,
      deletes: null,
      line: 1,
      release: null,
      statement: null,
      exposes: new Map<string, string>(),
    };
    return { name: `silver.${name}`, ...place, sql, reads, materialize, materialization, planner, ...rest };
  }
  throw new Error(`no materialization ${materialize}`);
}

function manifestOf(dataset: string, date: string, more: Partial<Manifest> = {}): Manifest {
  return {
    ...{ format: 1, pipeline: 'shop', dataset, date, slot: null, run_id: 'r', files: [], columns: [] },
    counts: { fetched: 0, landed: 0, rejected: 0, duplicates: 0, forgotten: 0 },
    ...{ policy_sha256: 'p', contract_sha256: 'c', observed_sha256: null, key_id: null, key_check: null },
    ...{ landed_at: '', as_of: null, adopted: false, raw_zone: 'open', tool_version: '', duckdb_version: '' },
    source: { kind: 'http', origin: null, path: null, allow_http: false },
    ...more,
  };
}

const LATEST = modelOf('latest', 'upsert on k', ['bronze.calls']);
const SEEN = modelOf('seen', 'incremental by d', ['bronze.calls']);
const KNOWN = modelOf('known', 'history on k (v)', ['silver.seen']);
const TOTAL = modelOf('total', 'table', ['silver.seen']);
const SUM = modelOf('sum', 'table', ['silver.latest']);
const APART = modelOf('apart', 'upsert on k', ['bronze.others']);
const BESIDE = modelOf('beside', 'upsert on k', ['bronze.others', 'silver.latest']);
const MODELS = [LATEST, SEEN, KNOWN, TOTAL, SUM, APART, BESIDE];

const checkpointOf = (model: Model, before: string): Checkpoint => ({
  ...{ format: 1, model: model.name, pipeline: 'shop', dataset: 'calls', before, last_date: '2026-01-01' },
  ...{ sql_sha256: traceModel(model, MODELS).sqlSha256, columns: [], keys: [] },
  file: { name: `${before}.parquet`, rows: 0, bytes: 0, sha256: '' },
  ...{ run_id: 'r', made_at: '', tool_version: '', duckdb_version: '' },
});

describe('the first date that stays', () => {
  it.each([
    ['2026-06-30T00:00:00Z', 90, '2026-04-01'],
    ['2026-06-30T23:59:59.999Z', 90, '2026-04-01'],
    ['2024-03-01T12:00:00Z', 1, '2024-02-29'],
    ['2026-01-01T00:00:00Z', 365, '2025-01-01'],
  ])('of %s less %i days is %s', (now, days, date) => {
    expect(firstKeptDate(new Date(now), days)).toBe(date);
  });

  it('is not old, and what another pipeline landed is none of this one', () => {
    const of = (date: string, pipeline: string | null) =>
      isOld(manifestOf('calls', date), '2026-04-01', pipeline);
    expect([of('2026-03-31', null), of('2026-04-01', null)]).toEqual([true, false]);
    expect([of('2026-03-31', 'shop'), of('2026-03-31', 'people')]).toEqual([true, false]);
  });
});

describe('a plan for the raw zone', () => {
  const calls = ['2026-03-01', '2026-03-02', '2026-04-01'].map((date) => manifestOf('calls', date));
  const plan = (more: Partial<Parameters<typeof planRaw>[0]> = {}, before = '2026-04-01') =>
    planRaw({ manifests: calls, checkpoints: [], models: MODELS, ...more }, before, null);

  it('keeps what models remember, through incremental ones too, and names those that shrink', () => {
    const { checkpoints, losing, refused, partitions } = plan();
    expect(partitions).toEqual(calls.slice(0, 2));
    expect(checkpoints).toMatchObject([
      { model: LATEST, dataset: 'calls', lastDate: '2026-03-02', current: null },
      { model: KNOWN, going: calls.slice(0, 2), staying: calls.slice(2) },
    ]);
    expect(losing).toEqual(['silver.seen', 'silver.total']);
    expect(refused).toEqual([]);
  });

  it('needs no checkpoint where an older one has all that goes', () => {
    const checkpoints = [checkpointOf(LATEST, '2026-03-15'), checkpointOf(KNOWN, '2026-03-02')];
    expect(plan({ checkpoints }).checkpoints).toMatchObject([{ model: KNOWN, current: checkpoints[1] }]);
  });

  it('refuses what is made of several datasets, of a table, or by other SQL than its checkpoint', () => {
    const others = [...calls, manifestOf('others', '2026-03-01')];
    const both = modelOf('both', 'upsert on k', ['bronze.calls', 'bronze.others']);
    const over = modelOf('over', 'upsert on k', ['bronze.calls', 'silver.total']);
    const models = [...MODELS, both, over];
    const changed = { ...checkpointOf(LATEST, '2026-03-02'), sql_sha256: 'other' };
    expect(plan({ manifests: others, models, checkpoints: [changed] }).refused).toEqual([
      { model: 'silver.latest', reason: 'its SQL changed after its checkpoint was created' },
      { model: 'silver.beside', reason: 'it reads silver.latest, whose rows have no date' },
      { model: 'silver.both', reason: 'it reads several datasets: calls, others' },
      { model: 'silver.over', reason: 'it reads silver.total, whose rows have no date' },
    ]);
  });

  it('is empty where nothing is old', () => {
    expect(plan({}, '2026-03-01')).toEqual({ partitions: [], checkpoints: [], losing: [], refused: [] });
  });

  it('lets only what does not remember shrink', () => {
    expect(listForgetful(new Set(['others']), MODELS)).toEqual([]);
  });
});

describe('the SQL of a trace', () => {
  const of = (sql: string) => traceModel(modelOf('m', 'upsert on k', [], sql), []).sqlSha256;

  it.each([
    ['select a, b', 'select a,\n\n  b'.replace(',\n\n ', ',')],
    ['select a -- the first', 'select a'],
    ['select /* all\nof it */ a', 'select a'],
    ["select 'it''s -- none' as a", "select  'it''s -- none' as a\n"],
  ])('is the same of %j and %j', (one, other) => {
    expect(of(one)).toBe(of(other));
  });

  it.each([
    ["select 'a  b'", "select 'a b'"],
    ["select '-- a'", "select '-- b'"],
    ['select "a  b"', 'select "a b"'],
    ['select a', 'select b'],
  ])('is another of %j and %j', (one, other) => {
    expect(of(one)).not.toBe(of(other));
  });
});

describe('what is kept of a prune', () => {
  const mark = { before: '2026-04-01', run_id: 'r', pruned_at: '2026-06-30T00:00:00.000Z' };
  const old = { format: 1, dataset: 'calls', run_id: 'q', pruned_at: '' } as const;

  it('is a horizon that never moves back, for raw files and quarantine apart', () => {
    const partitions = [manifestOf('calls', '2026-03-01')];
    expect(planRetentionMarks([], { partitions, quarantined: [] }, mark)).toMatchObject([
      { dataset: 'calls', before: '2026-04-01', quarantine_before: null, run_id: 'r' },
    ]);
    const known = { ...old, before: '2026-05-01', quarantine_before: null };
    expect(planRetentionMarks([known], { partitions, quarantined: partitions }, mark)).toMatchObject([
      { dataset: 'calls', before: '2026-05-01', quarantine_before: '2026-04-01' },
    ]);
  });

  it('are the keys of all that went into a checkpoint', () => {
    const key = (key_id: string) => ({ key_id, key_check: `of ${key_id}` });
    const planned: PlannedCheckpoint = {
      ...{ model: LATEST, dataset: 'calls', sqlSha256: '', lastDate: '2026-03-02', staying: [] },
      going: [manifestOf('calls', '2026-03-01', key('k2')), manifestOf('calls', '2026-03-02')],
      current: { ...checkpointOf(LATEST, '2026-03-01'), keys: [key('k1')] },
    };
    expect(listKeys(planned)).toEqual([key('k1'), key('k2')]);
  });
});
