import { expect, it } from 'vitest';
import { runHere } from '../canary/run-here.js';
import { attackAnswers } from '../../attack/attack-answers.js';

it('no hostile answer loses a record in silence, changes a lake by half or leaves a value anywhere', async () => {
  const { failures } = await attackAnswers(runHere);
  expect(failures).toEqual([]);
});
