import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { kill, seedRandom, start } from '../support/kill-harness.js';
import {
  argsFor,
  copyProject,
  expectHealed,
  inPairs,
  killAfterSteps,
  usePruneScene,
} from './prune-kill-scene.js';

const KILLS = 8;

const scene = usePruneScene();

describe('a prune', () => {
  it('killed after any step has not been, or is whole, once the next one has come', async () => {
    await killAfterSteps(scene, [...scene.steps.keys()]);
  });

  it(`killed at ${KILLS} random moments has not been, or is whole`, async () => {
    const random = seedRandom(90);
    let withinMs = await measurePrune();
    let killed = 0;
    await inPairs(KILLS, async () => {
      const dir = await copyProject(scene.before);
      const running = start({ args: argsFor(dir, null) });
      await running.nextLine();
      const afterMs = random() * withinMs;
      await sleep(afterMs);
      const { signal } = await kill(running);
      if (signal === 'SIGKILL') killed += 1;
      // The machine was busier when it was measured.
      else withinMs = Math.min(withinMs, afterMs);
      const isPruned = await expectHealed(scene, dir, `after ${afterMs} ms`);
      if (signal === null) expect(isPruned).toBe(true);
    });
    expect(killed).toBeGreaterThan(KILLS / 3);
  });
});

/** From the moment that a process has opened its project to the end of its prune. */
async function measurePrune(): Promise<number> {
  const running = start({ args: argsFor(await copyProject(scene.before), null) });
  await running.nextLine();
  const startedMs = performance.now();
  expect(await running.ended).toMatchObject({ code: 0 });
  return performance.now() - startedMs;
}
