import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCaptured } from './capture-output.js';
import { makeSampleProject } from './sample-project.js';

const PIPELINE = 'store';

it('a project that moved reads its raw files again after the next transform, and says so before', async () => {
  const project = makeSampleProject();
  for (const part of [`pipelines/${PIPELINE}.yaml`, `pipelines/${PIPELINE}`, `sql/${PIPELINE}`]) {
    cpSync(part, join(project.dir, part), { recursive: true });
  }
  const moved = `${project.dir}-moved`;
  const run = (...argv: string[]) => runCaptured([...argv, '--project', moved]);
  try {
    await project.run('run', PIPELINE, '--as-of-now', '--date', '2026-11-20', '--quiet');
    cpSync(project.dir, moved, { recursive: true });
    const query = ['query', `select count(*) as n from bronze.store_products`, '--format', 'csv'] as const;
    const before = await project.run(...query);
    expect(before.exit, before.stderr).toBe(0);
    expect(await run(...query)).toMatchObject({
      exit: 2,
      stderr: expect.stringMatching(/E_LAKE_MOVED[^]*run `pipeline transform`/) as string,
    });
    expect((await run('query', 'select count(*) as n from ops.partitions')).exit).toBe(0);
    expect((await run('transform')).exit).toBe(0);
    const after = await run(...query);
    expect([after.exit, after.stdout]).toEqual([0, before.stdout]);
    expect((await run('transform', '--all')).exit).toBe(0);
  } finally {
    rmSync(moved, { recursive: true, force: true });
    project.remove();
  }
});
