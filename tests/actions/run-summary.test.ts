import { describe, expect, it } from 'vitest';
import { formatBackfill } from '../../src/actions/backfill/backfill-summary.js';
import { formatIngest, formatRun, formatTransform } from '../../src/actions/run/run-summary.js';
import type { RunResult, TransformResult } from '../../src/base/types/result.js';
import type { CheckResult } from '../../src/base/types/run-record.js';

const TERMINAL = { color: false, interactive: false, width: 100 };

function makeResult(empty: number): RunResult & Pick<TransformResult, 'accepted_losses'> {
  const counts = { fetched: 5, landed: 5, rejected: 0, duplicates: 0, forgotten: 0 };
  const found = {
    rejects: [],
    page_drift: null,
    nulled: [],
    drift: [],
    withheld: null,
    singled_out: null,
    unchanged: false,
  };
  return {
    ...{
      run_id: 'r',
      pipeline: 'shop',
      date: '2026-03-01',
      status: 'succeeded',
      models: [],
      checks: [],
      releases: [],
    },
    datasets: [{ dataset: 'shop_items', ...counts, ...found, partition: null, partitions: [], empty }],
    accepted_losses: [],
    ...{ reports: [], recovered: [], cleaned_up: [], healed: [], swept: [] },
    timings_ms: { ingest: 1, transform: 0, report: 0, total: 1 },
  };
}

function makeCheck(found: Partial<CheckResult> = {}): CheckResult {
  const what = { check: 'shop_items.references.user_token', pipeline: 'shop', dataset: 'shop_items' };
  const outcome = { severity: 'warn', passed: false, found: 3, tokens: [] } as const;
  return { ...what, date: '2026-03-01', ...outcome, ...found };
}

describe('a check that failed and only warns is in the summary', () => {
  const line =
    '  warning     shop_items.references.user_token, 3 rows: pipeline check shop --date 2026-03-01';

  it('of a run, a transform and a backfill', () => {
    const checks = [makeCheck(), makeCheck({ check: 'shop_items.unique.id', passed: true })];
    const result = { ...makeResult(0), checks };
    expect(formatRun(result, TERMINAL).split('\n')).toContain(line);
    expect(formatTransform(result, TERMINAL).split('\n')).toContain(line);
    const filled = {
      pipeline: 'shop',
      dry_run: false,
      plan: [],
      landed: [],
      models: [],
      releases: [],
      checks,
    };
    expect(formatBackfill(filled, TERMINAL).split('\n')).toContain(line);
    expect(formatRun(result, TERMINAL)).not.toContain('unique');
  });

  it('once, with the last of its dates', () => {
    const text = formatTransform(
      { ...makeResult(0), checks: [makeCheck({ date: '2026-03-02', found: 1 }), makeCheck()] },
      TERMINAL,
    );
    expect(text.match(/warning.*/g)).toEqual([
      'warning     shop_items.references.user_token, 1 row on 2026-03-02 and on 1 more date: pipeline check shop --date 2026-03-02',
    ]);
  });

  it('without a date where it looks at whole tables', () => {
    const checks = [makeCheck({ check: 'add_up', dataset: null, date: null })];
    expect(formatTransform({ ...makeResult(0), checks }, TERMINAL)).toMatch(
      /warning {5}add_up, 3 rows: pipeline check shop$/m,
    );
  });
});

describe('the summary of a run', () => {
  it('tells of records whose array was empty, where there are any', () => {
    expect(formatIngest(makeResult(1_234), TERMINAL)).toMatch(/^ {2}empty +1,234 records/m);
    expect(formatIngest(makeResult(0), TERMINAL)).not.toContain('empty');
  });

  it('counts one row as one', () => {
    const models = [
      { model: 'gold.x', pipeline: 'shop', rows: 1, built: 'full', dates: 1, singled_out: null } as const,
    ];
    expect(formatTransform({ ...makeResult(0), models }, TERMINAL)).toMatch(/gold\.x, 1 row$/m);
  });

  it('tells how fast a single dataset came; several share the time', () => {
    const one = makeResult(0);
    const two = { ...one, datasets: [...one.datasets, ...one.datasets] };
    expect(formatIngest(one, TERMINAL)).toMatch(/5 records of shop_items, 5,000 a second$/m);
    expect(formatIngest(two, TERMINAL)).not.toContain('a second');
  });
});

it('a plan of a backfill says that it is one', () => {
  const plan = [
    { date: '2026-03-01', reason: 'landed', slots: null },
    { date: '2026-03-02', reason: 'missing', slots: null },
  ] as const;
  const result = { pipeline: 'shop', dry_run: true, plan, landed: [], models: [], releases: [], checks: [] };
  const [head] = formatBackfill(result, TERMINAL).split('\n');
  expect(head).toBe('shop: 1 of 2 dates would land (dry run)');
});
