import { it } from 'vitest';
import { killAfterSteps, useForgetScene } from './forget-kill-scene.js';

const scene = useForgetScene();

it('an erasure that is killed after any step is whole after the next', async () => {
  await killAfterSteps(scene, [...scene.steps.keys()]);
});
