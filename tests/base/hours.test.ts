import { describe, expect, it } from 'vitest';
import { findIncomplete, listHours } from '../../src/base/dates/date-ranges.js';

const NOW = new Date('2026-03-02T03:30:00Z');

describe('hours of a date', () => {
  it('are those that have begun', () => {
    expect(listHours('2026-03-01', NOW)).toHaveLength(24);
    expect(listHours('2026-03-02', NOW)).toEqual(['00', '01', '02', '03']);
    expect(listHours('2026-03-03', NOW)).toEqual([]);
  });

  it('are missing where others of the date have landed', () => {
    const landed = [
      { date: '2026-03-02', slot: '02' },
      { date: '2026-03-02', slot: '00' },
      ...listHours('2026-03-01', NOW).map((slot) => ({ date: '2026-03-01', slot })),
    ];
    expect(findIncomplete(landed, NOW)).toEqual([{ date: '2026-03-02', missing: ['01', '03'] }]);
  });

  it('are nothing to what lands once a date', () => {
    expect(findIncomplete([{ date: '2026-03-01', slot: null }], NOW)).toEqual([]);
  });
});
