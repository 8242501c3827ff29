import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CanarySource, startCanarySource } from '../support/canary-source.js';
import { scanForCanaries } from '../support/canary.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { type Ended, start, type Running } from '../support/kill-harness.js';
import { findFreePort } from '../support/postgres.js';
import { findPromtool, OPS, type Prometheus, readPanels, startPrometheus } from '../support/prometheus.js';

const promtool = findPromtool();

describe.skipIf(promtool === null)('Prometheus', () => {
  let sandbox: Sandbox;
  let scheduler: Running;
  let prometheus: Prometheus;
  let source: CanarySource;

  beforeAll(async () => {
    sandbox = await makeSandbox((yaml) =>
      yaml
        .replace("'0 3 * * *'", "'0 3 29 2 *'")
        .replace(/^( +)landing:$/m, '$1freshness: 26h\n$1landing:')
        .replace('max_rejected: 5%', 'max_rejected: 100%')
        // A release with l and t.
        .replace("      gender: [gender, '*']\n", '')
        .replace('require: { k: 5 }', "sensitive: [gender]\n    reviewed: 'a test'\n    require: { k: 5 }")
        .replace("id: { type: [integer, 'null']", "id: { type: [integer, 'null'], minimum: 0, maximum: 150"),
    );
    source = await startCanarySource(sandbox, 'persons');
    const run = ['run', 'persons', '--date', '2026-02-02', '--records', '200', '--source', source.url];
    const ran = await sandbox.run(run);
    expect(ran.exit, ran.stderr).toBe(0);
    // Another version of the date, so that the two are compared.
    const again = await sandbox.run([...run, '--force'].map((word) => (word === '200' ? '220' : word)));
    expect(again.exit, again.stderr).toBe(0);
    const failing = ['ingest', 'persons', '--date', '2026-02-03', '--source', 'http://127.0.0.1:1'];
    expect((await sandbox.run(failing, { RETRIES: '0' })).exit).toBe(3);
    const port = await findFreePort();
    scheduler = start(sandbox.program(['schedule', '--port', String(port)]));
    await scheduler.nextLine();
    prometheus = await startPrometheus(sandbox.root, 'lakeveil', port);
  });
  afterAll(async () => {
    scheduler.child.kill('SIGKILL');
    await Promise.all([prometheus.stop(), scheduler.ended, source.close()]);
    await sandbox.remove();
  });

  it('finds nothing to improve in the metrics, and accepts the rules and their tests', async () => {
    const { stdout } = await sandbox.run(['metrics']);
    await writeFile(join(sandbox.root, 'metrics.txt'), stdout);
    const check = `"${promtool ?? ''}" check metrics < "${join(sandbox.root, 'metrics.txt')}"`;
    const lint = await start({ command: '/bin/sh', args: ['-c', check] }).ended;
    expect(lint).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const tool = (...args: string[]): Promise<Ended> =>
      start({ command: promtool ?? '', args, cwd: join(OPS, 'prometheus') }).ended;
    expect(await tool('check', 'config', '--syntax-only', 'prometheus.yml')).toMatchObject({ code: 0 });
    expect(await tool('test', 'rules', 'alerts.test.yml')).toMatchObject({ code: 0 });
  });

  it('scrapes a real run, and has data for every panel of the dashboard', async () => {
    await expect.poll(async () => prometheus.query('lakeveil_build_info')).toHaveLength(1);
    for (const [title, expression] of await readPanels('lakeveil_'))
      expect(await prometheus.query(expression), title).not.toEqual([]);
    const names = (await prometheus.ask('label/__name__/values')) as string[];
    const shown = (await readPanels('lakeveil_')).map(([, expression]) => expression).join(' ');
    const own = names.filter((name) => name.startsWith('lakeveil_'));
    expect(own.filter((name) => !shown.includes(name))).toEqual([]);
  });

  it('evaluates every rule, and alerts on the run that failed', async () => {
    const rules = [...(await readFile(join(OPS, 'prometheus/alerts.yml'), 'utf8')).matchAll(/- alert:/g)];
    interface Rules {
      groups: { rules: { name: string; health: string; alerts: unknown[] }[] }[];
    }
    const read = async () =>
      ((await prometheus.ask('rules')) as Rules | null)?.groups.flatMap(({ rules }) => rules) ?? [];
    await expect
      .poll(async () => (await read()).every(({ health }) => health === 'ok') && (await read()).length)
      .toBe(rules.length);
    await expect
      .poll(async () => (await read()).find(({ name }) => name === 'LakeveilRunFailed')?.alerts.length)
      .toBe(1);
  });

  it('has no personal value in its data', async () => {
    expect(source.planter.countPlanted()).toBeGreaterThan(100);
    expect(await scanForCanaries([sandbox.root])).toEqual([]);
  });
});
