import { expect, it } from 'vitest';
import { soak } from '../../soak/soak.js';

it('two days with bad luck end as two days without', async () => {
  const { wrong, figures, landedRecords, tables, retries } = await soak({
    days: 2,
    seed: 7,
    onStep: () => undefined,
  });
  expect(wrong).toEqual([]);
  expect(retries).toBeGreaterThan(0);
  expect(figures.landings).toBeGreaterThanOrEqual(8);
  expect(landedRecords).toBeGreaterThan(1000);
  expect(figures.scheduled).toBeGreaterThan(0);
  expect(tables).toBeGreaterThan(10);
});
