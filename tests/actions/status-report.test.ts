import { expect, it } from 'vitest';
import type { DatasetStatus, StatusReport } from '../../src/actions/status/read-status.js';
import { formatStatus } from '../../src/actions/status/status-report.js';

function makeDataset(dataset: string, day: string): DatasetStatus {
  return {
    ...{ dataset, partitions: 1, rows: 1, bytes: 1, newest: [], pruned_before: null, incomplete: [] },
    lost: [],
    missing: [{ from: day, to: day, days: 1 }],
    counts: { not_built: 0, stale: 0, old_policy: dataset === 'carts' ? 1 : 0 },
  };
}

it.each([
  [true, ' --as-of-now'],
  [false, ''],
])('one command lands what is missing of all datasets (snapshot: %s)', (has_snapshot, flag) => {
  const report: StatusReport = {
    ...{ pipeline: 'store', from: null, to: '2026-11-20', has_snapshot, warehouse: 'none' },
    datasets: [makeDataset('carts', '2026-11-19'), makeDataset('users', '2026-11-17')],
    ...{ unreadable: [], unfinished_commits: [], dead_staging: [], at_work: [] },
  };
  const text = formatStatus(report, { color: false, interactive: false, width: 100 });
  expect(text.match(/pipeline backfill.*/g)).toEqual([
    `pipeline backfill store --from D --to D --stale-policy${flag}`,
    `pipeline backfill store --from 2026-11-17 --to 2026-11-19${flag}`,
  ]);
});
