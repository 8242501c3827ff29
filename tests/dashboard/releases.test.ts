import { describe, expect, it } from 'vitest';
import type { ReleaseDate, ReleaseResult } from '../../src/base/types/release-result.js';
import type { RunRecord } from '../../src/base/types/run-record.js';
import { listReleases } from '../../src/dashboard/data/list-releases.js';
import { html } from '../../src/dashboard/markup.js';
import { writeReleases } from '../../src/dashboard/views/releases.js';

/** Whom a table singles out, in the privacy view. */

function makeDate(date: string, k: number, changed: number | null = null): ReleaseDate {
  const facts = { classes: 3, unique_people: 0, sizes: [0, 0, 12, 0, 0, 0, 0] };
  const sensitive = [{ column: 'illness', l: 2, t: 0.25 }];
  return {
    ...{ date, people: 20, suppressed: 1, changed_classes: changed },
    before: { ...facts, k: 1, unique_people: 4, sizes: [4, 6, 10, 0, 0, 0, 0], sensitive },
    after: { ...facts, k, sensitive },
  };
}

function makeRelease(dates: ReleaseDate[], more: Partial<ReleaseResult> = {}): ReleaseResult {
  return {
    ...{ release: 'gold.people_release', pipeline: 'clinic', from: 'silver.people', date_column: 'day' },
    ...{ rows: 19, counts: 'people', require: { k: 5, l: 2, t: null }, on_breach: 'generalize' },
    ...{ built: 'incremental', outcome: 'generalized', quasi: ['city', 'age'], sensitive: ['illness'] },
    ...{ tried: 9, loss: 0.5, people: 20, suppressed: 1, dates },
    levels: [{ column: 'city', level: 1, height: 2, label: 'region', as_is: false }],
    ...more,
  };
}

const runOf = (...releases: ReleaseResult[]): RunRecord => ({
  ...{ format: 1, run_id: '019a0000-0000-7000-8000-00000000000a', command: 'run', pipeline: 'clinic' },
  ...{ date: null, slot: null, status: 'succeeded', tool_version: '0', stages: [], datasets: [], models: [] },
  ...{ started_at: '2026-11-20T00:00:00Z', finished_at: '2026-11-20T00:00:00Z', checks: [], releases },
  ...{ error: null, healed: [], cpu_ms: 0, peak_memory_bytes: 0 },
});

const show = async (...runs: RunRecord[]) =>
  html`${await writeReleases(listReleases('clinic', runs))}`.toString().replace(/\s+/g, ' ');

describe('the privacy view', () => {
  it('says first whom a release singles out, and whom its table does', async () => {
    const page = await show(runOf(makeRelease([makeDate('2026-11-20', 6)])));
    expect(page).toContain('Whom does gold.people_release single out?');
    expect(page).toContain('Each of the people looks like 5 others or more.');
    expect(page).toContain('silver.people singles out 4 of 20 people (2026-11-20) by city, age.');
    expect(page).toContain('l: different values of illness in the poorest class; at least 2 required');
    expect(page).toContain('city by region (step 1 of 2)');
    expect(page).not.toContain('k over dates');
  });

  it('has each date as it was measured last, and k over dates', async () => {
    const first = runOf(makeRelease([makeDate('2026-11-20', 5), makeDate('2026-11-21', 6)]));
    const again = runOf(makeRelease([makeDate('2026-11-20', 9, 2)]));
    const [view] = listReleases('clinic', [again, first]);
    expect(view?.dates.map(({ date, after }) => [date, after.k])).toEqual([
      ['2026-11-20', 9],
      ['2026-11-21', 6],
    ]);
    const page = await show(again, first);
    expect(page).toContain('k over dates');
    expect(page).toContain('Versions differ');
  });

  it('says that the newest release was not published, and shows the one that was', async () => {
    const failed = runOf(makeRelease([makeDate('2026-11-21', 2)], { outcome: 'failed', rows: 0 }));
    const page = await show(failed, runOf(makeRelease([makeDate('2026-11-20', 6)])));
    expect(page).toContain('Not published');
    expect(page).toContain('Each of the people looks like 5 others or more.');
    expect(page).not.toContain('2026-11-21');
  });

  it('is without releases where a pipeline has none', async () => {
    expect(await show(runOf(makeRelease([], { pipeline: 'other' })))).toBe('');
  });
});
