import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { soak } from '../../soak/soak.js';
import type { World } from '../../soak/world.js';

it('finds a changed table, a raw value and a partition that is gone', async () => {
  const { wrong } = await soak({
    ...{ days: 1, seed: 8, pipelines: ['store', 'persons'], loads: false },
    onStep: () => undefined,
    tamperBefore: doHarm,
  });
  const told = wrong.join('\n');
  expect(told).toContain('"silver"."users": 0 unexpected rows, 1 missing rows');
  expect(told).toContain('the canary of firstname is in');
  expect(told).toContain('verify: E_');
});

async function doHarm({ dir, project }: World): Promise<void> {
  const instance = await DuckDBInstance.create(project.config.databasePath);
  const connection = await instance.connect();
  await connection.run('delete from silver.users where rowid = 0');
  connection.closeSync();
  instance.closeSync();
  await writeFile(join(dir, 'left.log'), 'a Kanaryfirst in a log\n');
  const [manifest] = await project.lake.list();
  const [file] = manifest === undefined ? [] : project.lake.filesOf(manifest);
  if (file !== undefined) await writeFile(file, 'torn');
}
