import { chown, cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildImage, canBuildImages, type Image } from '../support/container.js';
import { findFreePort } from '../support/postgres.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const USER = 1000;

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly read_only?: boolean;
  readonly profiles: readonly string[];
  readonly ports?: readonly string[];
  readonly network_mode?: string;
}

async function readServices(): Promise<Record<string, Service>> {
  const { services } = parse(await readFile(join(ROOT, 'compose.yaml'), 'utf8'), { merge: true }) as {
    services: Record<string, Service>;
  };
  return services;
}

describe('compose.yaml', () => {
  it('has a profile for each part, and opens no port beyond this machine', async () => {
    const services = await readServices();
    const parts = ['pipeline', 'dashboard', 'scheduler', 'postgres', 'airflow', 'metabase'];
    expect(Object.keys(services)).toEqual(parts);
    for (const [name, { profiles, ports = [] }] of Object.entries(services)) {
      expect(profiles).toContain(name);
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
    expect(services['airflow']?.ports).toEqual(['127.0.0.1:8080:8080']);
  });
});

describe.skipIf(!canBuildImages())('the image', () => {
  let image: Image;
  let project: string;
  let volumes: string[];

  beforeAll(async () => {
    image = await buildImage();
    project = await mkdtemp(join(tmpdir(), 'lakeveil-mounted-'));
    for (const part of ['pipelines', 'sql'])
      await cp(join(ROOT, part), join(project, 'project', part), { recursive: true });
    await cp(join(ROOT, 'data_lake/.gitkeep'), join(project, 'config/.gitkeep'));
    for (const name of await readdir(project, { recursive: true }))
      await chown(join(project, name), USER, USER);
    volumes = ['-v', `${join(project, 'project')}:/project`, '-v', `${join(project, 'config')}:/config`];
  });
  afterAll(async () => {
    await image.remove();
    await rm(project, { recursive: true, force: true });
  });

  it('runs each service of compose.yaml as a user without rights, on a root file system that is read-only', async () => {
    const { dashboard, scheduler, pipeline } = await readServices();
    const port = String(await findFreePort());
    const withPort = (service: Service | undefined): string[] =>
      (service?.command ?? []).map((word) => (/^85\d\d$/.test(word) ? port : word));
    await image.run(
      ['--rm', ...volumes, '--entrypoint', 'node'],
      [
        '-e',
        "require('fs').writeFileSync('/config/dashboard.token', 'a-token-of-more-than-thirty-two-characters', { mode: 0o600 })",
      ],
    );
    for (const service of [dashboard, scheduler]) {
      expect(service?.read_only).toBe(true);
      const name = ['--name', 'served', '--detach', '--env', `HEALTH_PORT=${port}`];
      const started = await image.run([...name, ...volumes], withPort(service));
      expect(started.code, started.stderr).toBe(0);
      await expect
        .poll(async () => (await image.podman(['exec', 'served', ...(await healthCheck())])).code)
        .toBe(0);
      await image.podman(['rm', '--force', 'served']);
    }
    // All pipelines, one after another, by the command of the service.
    const ended = await image.run(['--rm', '--env', 'RECORDS=500', ...volumes], pipeline?.command ?? []);
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    const written = await readdir(join(project, 'project'));
    expect(written.sort()).toEqual(['data_lake', 'db', 'pipelines', 'sql']);
    const outside = await image.run(
      ['--rm', '--entrypoint', 'node', ...volumes],
      [
        '-e',
        "console.log(process.getuid()); try { require('fs').writeFileSync('/app/x', '') } catch (error) { console.log(error.code) }",
      ],
    );
    expect(outside.stdout.split('\n').slice(0, 2)).toEqual([String(USER), 'EROFS']);
  });

  /** What the image says of its own health. */
  async function healthCheck(): Promise<string[]> {
    const { stdout } = await image.podman(['inspect', '--type', 'image', 'localhost/lakeveil']);
    const [found] = JSON.parse(stdout) as { Healthcheck: { Test: string[] } }[];
    return found?.Healthcheck.Test.slice(1) ?? [];
  }

  it('has no build tools in its last stage', async () => {
    const script =
      "console.log(['npm', 'npx', 'gcc', 'make', 'git'].filter((name) => ['/usr/local/bin/', '/usr/bin/'].some((dir) => require('fs').existsSync(dir + name))).join())";
    const { stdout } = await image.run(['--rm', '--entrypoint', 'node', ...volumes], ['-e', script]);
    expect(stdout.trim()).toBe('');
    const sources = "console.log(require('fs').readdirSync('/app').sort().join())";
    const found = await image.run(['--rm', '--entrypoint', 'node', ...volumes], ['-e', sources]);
    expect(found.stdout.trim()).toBe(
      'LICENSE,README.md,bin,dist,docs,node_modules,package.json,pipelines,schemas,sql,src,templates',
    );
  });
});
