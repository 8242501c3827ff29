import { describe, expect, it } from 'vitest';
import { killAfterSteps, useForgetScene } from './forget-kill-scene.js';

const scene = useForgetScene();

describe('an erasure', () => {
  it('writes tombstones before manifests, and goes on outside of the lake once it is committed', () => {
    const named = scene.steps.map((step) => step.replace(/[0-9a-f-]{36}/, 'ID'));
    expect(named).toEqual([
      'staged',
      'wrote the intent',
      'moved raw/2026/05/10/customers.parquet',
      'moved raw/2026/06/10/customers.parquet',
      'moved _checkpoints/silver.latest/2026-04-01.parquet',
      'wrote _forgotten/ID.json',
      'wrote _forgotten/unfinished/ID.json',
      'wrote raw/2026/05/10/customers.manifest.json',
      'wrote raw/2026/06/10/customers.manifest.json',
      'wrote _landed/2026-05.json',
      'wrote _landed/2026-06.json',
      'wrote _checkpoints/silver.latest/checkpoint.json',
      'wrote the receipt',
      'removed the intent',
      'cleaned the ledger',
      'rebuilt the tables',
      'removed the copies',
      'loaded the targets',
      'wrote the receipt of the erasure',
      'finished the erasure',
    ]);
  });

  it.each(['staged', 'wrote the intent', 'rebuilt the tables', 'wrote the receipt of the erasure'])(
    'that is killed when it %s is whole after the next',
    async (step) => {
      await killAfterSteps(scene, [scene.steps.indexOf(step)]);
    },
  );
});
