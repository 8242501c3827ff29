import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CanarySource, startCanarySource } from '../support/canary-source.js';
import { scanForCanaries } from '../support/canary.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { type Ended, start, type Running } from '../support/kill-harness.js';
import { findFreePort } from '../support/postgres.js';

const OPS = fileURLToPath(new URL('../../ops/', import.meta.url));
const [PROMETHEUS, PROMTOOL] = ['/usr/bin/prometheus', '/usr/bin/promtool'];

function canRun(): boolean {
  if (existsSync(PROMETHEUS) && existsSync(PROMTOOL)) return true;
  if (process.env['REQUIRE_INTEGRATION'] === '1') throw new Error('Prometheus is not installed');
  console.log('skipped: metrics in Prometheus, since it is not installed');
  return false;
}

/** Queries of the panels of the dashboard, by title. */
async function readPanels(): Promise<[string, string][]> {
  const { panels } = JSON.parse(await readFile(join(OPS, 'grafana/lakeveil.json'), 'utf8')) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  return panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as [string, string]));
}

describe.skipIf(!canRun())('Prometheus', () => {
  let sandbox: Sandbox;
  let scheduler: Running;
  let server: ChildProcess;
  let url: string;
  let source: CanarySource;

  beforeAll(async () => {
    sandbox = await makeSandbox((yaml) =>
      yaml
        .replace("'0 3 * * *'", "'0 3 29 2 *'")
        .replace(/^( +)landing:$/m, '$1freshness: 26h\n$1landing:')
        .replace('max_rejected: 5%', 'max_rejected: 100%')
        .replace("id: { type: [integer, 'null']", "id: { type: [integer, 'null'], minimum: 0, maximum: 150"),
    );
    source = await startCanarySource(sandbox, 'persons');
    const run = ['run', 'persons', '--date', '2026-02-02', '--records', '200', '--source', source.url];
    const ran = await sandbox.run(run);
    expect(ran.exit, ran.stderr).toBe(0);
    const failing = ['ingest', 'persons', '--date', '2026-02-03', '--source', 'http://127.0.0.1:1'];
    expect((await sandbox.run(failing, { RETRIES: '0' })).exit).toBe(3);
    const port = await findFreePort();
    scheduler = start(sandbox.program(['schedule', '--port', String(port)]));
    await scheduler.nextLine();
    url = await startPrometheus(port);
  });
  afterAll(async () => {
    scheduler.child.kill('SIGKILL');
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await Promise.all([ended, scheduler.ended, source.close()]);
    await sandbox.remove();
  });

  /** With the rules of ops/, and the scheduler as its target. */
  async function startPrometheus(scraped: number): Promise<string> {
    const folder = join(sandbox.root, 'prometheus');
    await mkdir(folder);
    await copyFile(join(OPS, 'prometheus/alerts.yml'), join(folder, 'alerts.yml'));
    const config = (await readFile(join(OPS, 'prometheus/prometheus.yml'), 'utf8'))
      .replace('127.0.0.1:8502', `127.0.0.1:${scraped}`)
      .replaceAll('30s', '1s')
      .replace(/\n {2}- job_name: lakeveil-dashboard[\s\S]*/, '\n');
    await writeFile(join(folder, 'prometheus.yml'), config);
    const address = `127.0.0.1:${await findFreePort()}`;
    const flags = ['config.file=prometheus.yml', 'storage.tsdb.path=data', `web.listen-address=${address}`];
    server = spawn(
      PROMETHEUS,
      flags.map((flag) => `--${flag}`),
      { cwd: folder, stdio: 'ignore' },
    );
    return `http://${address}/api/v1/`;
  }

  async function ask(path: string): Promise<unknown> {
    const answer = await fetch(new URL(path, url)).catch(() => null);
    return answer?.ok === true ? ((await answer.json()) as { data: unknown }).data : null;
  }

  async function query(expression: string): Promise<unknown[]> {
    const data = await ask(`query?query=${encodeURIComponent(expression)}`);
    return (data as { result: unknown[] } | null)?.result ?? [];
  }

  it('finds nothing to improve in the metrics, and accepts the rules and their tests', async () => {
    const { stdout } = await sandbox.run(['metrics']);
    await writeFile(join(sandbox.root, 'metrics.txt'), stdout);
    const check = `"${PROMTOOL}" check metrics < "${join(sandbox.root, 'metrics.txt')}"`;
    const lint = await start({ command: '/bin/sh', args: ['-c', check] }).ended;
    expect(lint).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const tool = (...args: string[]): Promise<Ended> =>
      start({ command: PROMTOOL, args, cwd: join(OPS, 'prometheus') }).ended;
    expect(await tool('check', 'config', '--syntax-only', 'prometheus.yml')).toMatchObject({ code: 0 });
    expect(await tool('test', 'rules', 'alerts.test.yml')).toMatchObject({ code: 0 });
  });

  it('scrapes a real run, and has data for every panel of the dashboard', async () => {
    await expect.poll(async () => query('lakeveil_build_info')).toHaveLength(1);
    for (const [title, expression] of await readPanels())
      expect(await query(expression), title).not.toEqual([]);
    const names = (await ask('label/__name__/values')) as string[];
    const shown = (await readPanels()).map(([, expression]) => expression).join(' ');
    const own = names.filter((name) => name.startsWith('lakeveil_'));
    expect(own.filter((name) => !shown.includes(name))).toEqual([]);
  });

  it('evaluates every rule, and alerts on the run that failed', async () => {
    interface Rules {
      groups: { rules: { name: string; health: string; alerts: unknown[] }[] }[];
    }
    const read = async () =>
      ((await ask('rules')) as Rules | null)?.groups.flatMap(({ rules }) => rules) ?? [];
    await expect
      .poll(async () => (await read()).every(({ health }) => health === 'ok') && (await read()).length)
      .toBe(5);
    await expect
      .poll(async () => (await read()).find(({ name }) => name === 'LakeveilRunFailed')?.alerts.length)
      .toBe(1);
  });

  it('has no personal value in its data', async () => {
    expect(source.planter.countPlanted()).toBeGreaterThan(100);
    expect(await scanForCanaries([sandbox.root])).toEqual([]);
  });
});
