import { describe, expect, it } from 'vitest';
import { formatRuns } from '../../src/actions/runs/run-list.js';
import type { RunRecord } from '../../src/base/types/run-record.js';

const RUN_ID = '019aa0c1-1111-7222-8333-444455556666';
const terminal = (width: number) => ({ color: false, interactive: false, width });

function makeRun(said: Partial<RunRecord> = {}): RunRecord {
  return {
    ...{ format: 1, run_id: RUN_ID, command: 'backfill', pipeline: 'bookings', status: 'failed' },
    ...{
      date: '2026-11-20',
      slot: '09',
      tool_version: '0.1.0',
      stages: [],
      models: [],
      checks: [],
      releases: [],
    },
    ...{ started_at: '2026-11-20T13:14:15.000Z', finished_at: '2026-11-20T13:14:16.500Z', datasets: [] },
    ...{ error: { code: 'E_EMBEDDED_OVER_REAL', where: {} }, healed: [], cpu_ms: 1, peak_memory_bytes: 1 },
    ...said,
  };
}

const page = { runs: [makeRun()], skipped: [] };

describe('the list of runs', () => {
  it.each([60, 80, 100, 120, 200])(
    'cuts no time, date, hour or code on a terminal of %i columns',
    (width) => {
      const text = formatRuns(page, terminal(width));
      expect(text).not.toContain('…');
      const rows = text.split('\n').slice(0, 3);
      expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(Math.max(width, 64));
      expect(rows[2]).toMatch(/^2026-11-20 13:14.* 2026-11-20T09 .*failed.* E_EMBEDDED_OVER_REAL$/);
    },
  );

  it('has the ids of runs where there is room, and says what it leaves out', () => {
    expect(formatRuns(page, terminal(200))).toContain(RUN_ID);
    expect(formatRuns(page, terminal(200))).toContain('13:14:15');
    expect(formatRuns(page, terminal(200))).not.toContain('Hidden');
    expect(formatRuns(page, terminal(100))).toMatch(/^Hidden \(terminal too narrow\): run.*--json\.$/m);
  });
});
