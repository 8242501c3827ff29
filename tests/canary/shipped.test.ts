import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scanForCanaries } from '../support/canary.js';
import { listShipped } from '../support/shipped.js';
import { runHere } from './run-here.js';
import { land, withScene } from './shipped-scene.js';

it.each(listShipped())(
  'canaries in every leaf that may not show are nowhere after a run, in a report and in what is exported: %s',
  async (pipeline) => {
    await withScene(pipeline, 300, async (scene) => {
      await land(scene);
      const { sandbox, environment } = scene;
      const outputs: Record<string, string> = {};
      for (const command of [`report ${pipeline} --json`, `export ${pipeline}`]) {
        const end = await runHere(sandbox, command.split(' '), environment);
        expect(end.exit, `${command}: ${end.stdout}${end.stderr}`).toBe(0);
        outputs[command] = `${end.stdout}\n${end.stderr}`;
      }
      const folders = ['project/exports', 'project/data_lake/_runs', 'project/logs', 'tmp', 'config', 'home'];
      const written = folders.map((folder) => join(sandbox.root, folder));
      expect(await scanForCanaries(written, outputs)).toEqual([]);
    });
  },
);
