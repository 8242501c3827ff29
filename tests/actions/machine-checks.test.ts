import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { listMachineChecks } from '../../src/actions/doctor/machine-checks.js';
import { loadConfig } from '../../src/base/config/config.js';

it('doctor says where the local key is, once there is one, and nothing of it', async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'lakeveil-doctor-')));
  try {
    mkdirSync(join(root, 'pipelines'));
    const config = loadConfig({ project: root, environment: { XDG_CONFIG_HOME: join(root, 'config') } });
    const look = () =>
      listMachineChecks(config)
        .find(({ name }) => name === 'key')
        ?.run();
    expect(await look()).toMatchObject({
      detail: expect.stringContaining('created by the first run') as string,
    });
    const { localKeyPath } = config.key;
    mkdirSync(dirname(localKeyPath), { recursive: true });
    writeFileSync(localKeyPath, 'secret text');
    const found = await look();
    expect(found?.detail).toContain(localKeyPath);
    expect(found?.detail).not.toContain('secret');
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
