import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { checkAlerts, listMachineChecks } from '../../src/actions/doctor/machine-checks.js';
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

it('doctor says which alerts are sent and by what, without a URL, and fails for a wrong variable', () => {
  const check = (variables: Readonly<Record<string, string>>) =>
    checkAlerts({ variables: new Map(Object.entries(variables)) });
  expect(check({})).toMatchObject({ status: 'ok', detail: expect.stringContaining('off') as string });
  const hook = { ALERT_WEBHOOK_URL: 'https://hooks.example.org/kanary' };
  expect(check({ ...hook, ALERT_ON: 'leak,failure' }).detail).toBe('failure, leak by webhook');
  expect(() => check({ ...hook, ALERT_ON: 'failures' })).toThrow('ALERT_ON');
});
