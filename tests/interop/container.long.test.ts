import { chown, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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
    const parts = [
      'pipeline',
      'dashboard',
      'scheduler',
      'postgres',
      'airflow',
      'statsd-exporter',
      'metabase',
    ];
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
    await mkdir(join(project, 'config'));
    const token = join(project, 'config', 'dashboard.token');
    await writeFile(token, 'a-token-of-more-than-thirty-two-characters', { mode: 0o600 });
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
    const serve = async (service: Service | undefined): Promise<void> => {
      const flags = ['--name', 'served', '--detach', '--env', `HEALTH_PORT=${port}`, '--env', 'RECORDS=500'];
      const started = await image.run([...flags, ...volumes], withPort(service));
      expect(started.code, started.stderr).toBe(0);
      const isHealthy = async () => (await image.podman(['exec', 'served', ...(await healthCheck())])).code;
      await expect.poll(isHealthy).toBe(0);
    };
    const stop = () => image.podman(['rm', '--force', 'served']);
    for (const service of [dashboard, scheduler, pipeline]) expect(service?.read_only).toBe(true);

    await serve(scheduler);
    await stop();
    await serve(dashboard);
    // A container of its own would be the same image once more: the command of the service runs in this one.
    const command = ['exec', 'served', 'node', '/app/bin/run.js', ...(pipeline?.command ?? [])];
    const ended = await image.podman(command);
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    const written = await readdir(join(project, 'project'));
    expect(written.sort()).toEqual(['data_lake', 'db', 'logs', 'pipelines', 'sql']);
    expect(await look('process.getuid()')).toBe(USER);
    const writing =
      "(() => { try { fs.writeFileSync('/app/x', ''); } catch (error) { return error.code; } })()";
    expect(await look(writing)).toBe('EROFS');
    const tools = ['npm', 'npx', 'gcc', 'make', 'git'].flatMap((tool) => [
      `/usr/bin/${tool}`,
      `/usr/local/bin/${tool}`,
    ]);
    expect(await look(`${JSON.stringify(tools)}.filter((path) => fs.existsSync(path))`)).toEqual([]);
    expect(await look("fs.readdirSync('/app').sort().join()")).toBe(
      'LICENSE,README.md,bin,dist,docs,node_modules,package.json,pipelines,schemas,sql,src,templates',
    );
    await stop();
  });

  /** The value of an expression inside of the container. */
  async function look(expression: string): Promise<unknown> {
    const script = `console.log(JSON.stringify(${expression}))`;
    const { stdout } = await image.podman(['exec', 'served', 'node', '-e', script]);
    return JSON.parse(stdout);
  }

  /** What the image says of its own health. */
  async function healthCheck(): Promise<string[]> {
    const { stdout } = await image.podman(['inspect', '--type', 'image', 'localhost/lakeveil']);
    const [found] = JSON.parse(stdout) as { Healthcheck: { Test: string[] } }[];
    return found?.Healthcheck.Test.slice(1) ?? [];
  }
});
