import { describe, expect, it } from 'vitest';
import { killAfterSteps, readTables, usePruneScene } from './prune-kill-scene.js';

const scene = usePruneScene();

describe('a prune', () => {
  it('takes manifests before files, and older checkpoints last', async () => {
    expect(scene.steps).toEqual([
      'staged',
      'wrote the intent',
      'moved _checkpoints/silver.lasting/2026-04-01.parquet',
      'moved _checkpoints/silver.latest/2026-04-01.parquet',
      'wrote _checkpoints/silver.lasting/checkpoint.json',
      'wrote _checkpoints/silver.latest/checkpoint.json',
      'wrote _checkpoints/things.pruned.json',
      'removed _landed/2026-02.json',
      'removed _landed/2026-03.json',
      'removed raw/2026/02/10/things.manifest.json',
      'removed raw/2026/03/10/things.manifest.json',
      'removed raw/2026/02/10/things.parquet',
      'removed raw/2026/03/10/things.parquet',
      'removed quarantine/2026/02/10/things.parquet',
      'removed quarantine/2026/03/10/things.parquet',
      'removed _checkpoints/silver.lasting/2026-01-31.parquet',
      'removed _checkpoints/silver.latest/2026-01-31.parquet',
      'wrote the receipt',
      'removed the intent',
    ]);
    expect(await readTables(scene.before)).toEqual(scene.tables);
  });

  it('killed before its commit has not been; killed on its way it is whole once the next one has come', async () => {
    const chosen = ['staged', 'wrote the intent', 'removed raw/2026/03/10/things.manifest.json'];
    await killAfterSteps(
      scene,
      chosen.map((step) => scene.steps.indexOf(step)),
    );
  });
});
