import { describe, expect, it } from 'vitest';
import { killAtRandom, seedRandom } from '../support/kill-harness.js';
import {
  commitHere,
  commitProgram,
  expectTidy,
  killAfterStep,
  mend,
  NEW_RUN,
  take,
  useScenario,
} from './kill-scenario.js';
import { copyLake } from './lake-fixture.js';

const scenario = useScenario();

describe('a commit', () => {
  it('killed after any step is absent or whole, for all datasets, once the next one has come', async () => {
    const steps = [...scenario.steps.keys()];
    for (let first = 0; first < steps.length; first += 3) {
      await Promise.all(steps.slice(first, first + 3).map((step) => killAfterStep(scenario, step)));
    }
  });

  it('killed at a random moment is absent or whole, and whole when run again', async () => {
    const { before, incoming, old, wanted } = scenario;
    const random = seedRandom(7);
    for (let round = 0; round < 4; round++) {
      const root = await copyLake(before);
      const program = commitProgram(root, incoming, null);
      const { afterMs } = await killAtRandom(program, { random, withinMs: 800 });
      await mend(root);
      expect([old, wanted], `killed after ${afterMs} ms`).toContainEqual(await take(root));
      await commitHere(root, incoming, NEW_RUN);
      expect(await take(root), `killed after ${afterMs} ms`).toEqual(wanted);
      await expectTidy(root);
    }
  });
});
