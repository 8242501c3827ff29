import { expect, it } from 'vitest';
import { attackDamagedFiles } from '../../attack/attack-damaged-files.js';

it('a damaged file of a lake is an error of the catalogue, or changes no result', async () => {
  const { tried, failures, verdicts } = await attackDamagedFiles({ each: 1, share: 0.2 });
  expect(failures).toEqual([]);
  expect(tried).toBeGreaterThan(50);
  expect(Object.keys(verdicts)).toContain('transform: as of the whole lake');
}, 1_800_000);
