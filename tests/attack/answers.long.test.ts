import { expect, it } from 'vitest';
import { attackAnswers } from '../../attack/attack-answers.js';

it('no hostile answer loses a record in silence, changes a lake by half or leaves a value anywhere', async () => {
  const { failures } = await attackAnswers();
  expect(failures).toEqual([]);
});
