import { describe, expect, it } from 'vitest';
import { formatIngest } from '../../src/output/run-summary.js';
import type { RunResult } from '../../src/result.js';

const TERMINAL = { color: false, interactive: false, width: 100 };

function makeResult(empty: number): RunResult {
  const counts = { fetched: 5, landed: 5, rejected: 0, duplicates: 0, forgotten: 0 };
  const found = { rejects: [], nulled: [], drift: [], singled_out: null, unchanged: false };
  return {
    ...{ run_id: 'r', pipeline: 'shop', date: '2026-03-01', status: 'succeeded', models: [], checks: [] },
    datasets: [{ dataset: 'shop_items', ...counts, ...found, partition: null, partitions: [], empty }],
    ...{ reports: [], healed: [], swept: [] },
    timings_ms: { ingest: 1, transform: 0, report: 0, total: 1 },
  };
}

describe('the summary of a run', () => {
  it('tells of records whose array was empty, where there are any', () => {
    expect(formatIngest(makeResult(1_234), TERMINAL)).toMatch(/^ {2}empty +1,234 records/m);
    expect(formatIngest(makeResult(0), TERMINAL)).not.toContain('empty');
  });

  it('tells how fast a single dataset came; several share the time', () => {
    const one = makeResult(0);
    const two = { ...one, datasets: [...one.datasets, ...one.datasets] };
    expect(formatIngest(one, TERMINAL)).toMatch(/5 records of shop_items, 5,000 a second$/m);
    expect(formatIngest(two, TERMINAL)).not.toContain('a second');
  });
});
