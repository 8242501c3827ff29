import { describe, expect, it } from 'vitest';
import { scanForCanaries } from '../support/canary.js';
import { start } from '../support/kill-harness.js';
import { withScene } from './shipped-scene.js';

/** What the scheduler prints and answers, of a source with a canary in every leaf that may not show. */

describe('a canary of the source', () => {
  it('is in no output of the scheduler, its health or run --all, and in no file', async () => {
    await withScene('persons', 200, async ({ sandbox, source, environment, date }) => {
      const variables = { ...environment, FAKER_API_URL: source };
      const first = await sandbox.run(['ingest', 'persons', '--date', date], variables);
      expect(first.exit, first.stderr).toBe(0);
      const once = await sandbox.run(['schedule', '--once'], variables);
      expect(once.exit, once.stderr).toBe(0);
      expect(once.stderr).toContain('succeeded, 200 rows');
      const all = await sandbox.run(['run', '--all', '--json'], variables);
      expect(all.exit, all.stderr).toBe(0);
      const port = 20_000 + Math.floor(Math.random() * 20_000);
      const running = start(sandbox.program(['schedule', '--port', String(port)], variables));
      await running.nextLine();
      const health = await (await fetch(`http://127.0.0.1:${port}/healthz`)).text();
      expect(health).toContain('"persons"');
      running.child.kill('SIGTERM');
      const ended = await running.ended;
      const texts = [once, all, ended].map(({ stdout, stderr }) => stdout + stderr).join('\n');
      expect(await scanForCanaries([sandbox.root], { texts, health })).toEqual([]);
    });
  });
});
