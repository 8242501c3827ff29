import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planSegments } from '../../src/anonymize/segment-plan.js';

const sizes = fc.record({
  pageSize: fc.integer({ min: 1, max: 300_000 }),
  pagesPerPart: fc.integer({ min: 1, max: 5_000 }),
  page: fc.integer({ min: 0, max: 1_000_000 }),
});
const RUNS = { numRuns: 2_000, seed: 122_880 };

test('every page is in one segment, which lies in one part', () => {
  fc.assert(
    fc.property(sizes, ({ pageSize, pagesPerPart, page }) => {
      const plan = planSegments(pageSize, pagesPerPart);
      const segment = plan.segmentOf(page);
      const [first, end] = [plan.firstPageOf(segment), plan.firstPageOf(segment) + plan.pagesIn(segment)];
      expect(first <= page && page < end).toBe(true);
      expect(plan.partOf(segment)).toBe(Math.floor(page / pagesPerPart));
      expect(Math.floor((end - 1) / pagesPerPart)).toBe(plan.partOf(segment));
      expect([plan.segmentOf(first), plan.segmentOf(end - 1)]).toEqual([segment, segment]);
    }),
    RUNS,
  );
});

test('segments follow each other without a gap, and fill a row group at most', () => {
  fc.assert(
    fc.property(sizes, ({ pageSize, pagesPerPart, page }) => {
      const plan = planSegments(pageSize, pagesPerPart);
      const segment = plan.segmentOf(page);
      expect(plan.firstPageOf(segment + 1)).toBe(plan.firstPageOf(segment) + plan.pagesIn(segment));
      expect(plan.firstPageOf(0)).toBe(0);
      if (plan.pagesIn(segment) > 1) expect(plan.pagesIn(segment) * pageSize).toBeLessThanOrEqual(122_880);
    }),
    RUNS,
  );
});

test.each([
  [1_000, 1_000, 9, [122, 122, 122, 122, 122, 122, 122, 122, 24]],
  [1_000, 100, 3, [100, 100, 100]],
  [200_000, 5, 3, [1, 1, 1]],
])('pages of %i, %i a part: the first %i segments', (pageSize, pagesPerPart, count, lengths) => {
  const plan = planSegments(pageSize, pagesPerPart);
  expect(Array.from({ length: count }, (_, segment) => plan.pagesIn(segment))).toEqual(lengths);
});
