import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort } from './postgres.js';

/** Prometheus of this machine, with the configuration, rules and panels that are shipped. */

export const OPS = fileURLToPath(new URL('../../ops/', import.meta.url));
const [PROMETHEUS, PROMTOOL] = ['/usr/bin/prometheus', '/usr/bin/promtool'];

/** Where it is not installed: null, or a failure where everything must be tried. */
export function findPromtool(): string | null {
  return findProgram([PROMTOOL, PROMETHEUS], 'Prometheus');
}

/** The program that serves Airflow's metrics to Prometheus: `STATSD_EXPORTER`, or that of Debian. */
export function findStatsdExporter(): string | null {
  const program = process.env['STATSD_EXPORTER'] ?? '/usr/bin/prometheus-statsd-exporter';
  return findProgram([program, PROMETHEUS], 'prometheus-statsd-exporter, which STATSD_EXPORTER can name,');
}

function findProgram([program = '', ...others]: readonly string[], name: string): string | null {
  if ([program, ...others].every((path) => existsSync(path))) return program;
  if (process.env['REQUIRE_INTEGRATION'] === '1') throw new Error(`${name} is not installed`);
  console.log(`skipped: metrics in Prometheus, since ${name} is not installed`);
  return null;
}

/** Queries of the panels of the dashboard that show metrics with a prefix, by title. */
export async function readPanels(prefix: 'lakeveil_' | 'airflow_'): Promise<[string, string][]> {
  const { panels } = JSON.parse(await readFile(join(OPS, 'grafana/lakeveil.json'), 'utf8')) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  return panels
    .flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as [string, string]))
    .filter(([, expr]) => expr.includes(prefix));
}

export interface Prometheus {
  /** The `data` of an answer of its API; null where it has none yet. */
  readonly ask: (path: string) => Promise<unknown>;
  readonly query: (expression: string) => Promise<unknown[]>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts it with one job of the shipped configuration and all rules.
 * @param job `lakeveil` or `airflow`
 * @param port of what it scrapes, every second
 */
export async function startPrometheus(root: string, job: string, port: number): Promise<Prometheus> {
  const folder = join(root, `prometheus-${job}`);
  await mkdir(folder);
  await copyFile(join(OPS, 'prometheus/alerts.yml'), join(folder, 'alerts.yml'));
  const [head = '', ...jobs] = (await readFile(join(OPS, 'prometheus/prometheus.yml'), 'utf8'))
    .replaceAll('30s', '1s')
    .split(/^(?=(?: {2}#.*\n)* {2}- job_name: )/m);
  const own = jobs.find((text) => new RegExp(`^ {2}- job_name: ${job}$`, 'm').test(text)) ?? '';
  const config = `${head}${own.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`)}`;
  await writeFile(join(folder, 'prometheus.yml'), config);
  const address = `127.0.0.1:${await findFreePort()}`;
  const flags = ['config.file=prometheus.yml', 'storage.tsdb.path=data', `web.listen-address=${address}`];
  const server = spawn(
    PROMETHEUS,
    flags.map((flag) => `--${flag}`),
    { cwd: folder, stdio: 'ignore' },
  );
  const ask = async (path: string): Promise<unknown> => {
    const answer = await fetch(new URL(path, `http://${address}/api/v1/`)).catch(() => null);
    return answer?.ok === true ? ((await answer.json()) as { data: unknown }).data : null;
  };
  return {
    ask,
    query: async (expression) => {
      const data = await ask(`query?query=${encodeURIComponent(expression)}`);
      return (data as { result: unknown[] } | null)?.result ?? [];
    },
    stop: () => stop(server),
  };
}

export interface StatsdExporter {
  /** Where it listens for statsd, by UDP. */
  readonly udpPort: number;
  /** Where it serves metrics. */
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Starts it with the shipped mapping. */
export async function startStatsdExporter(program: string): Promise<StatsdExporter> {
  const [udpPort, port] = [await findFreePort(), await findFreePort()];
  const flags = [
    `statsd.mapping-config=${join(OPS, 'prometheus/statsd-mapping.yml')}`,
    `statsd.listen-udp=127.0.0.1:${udpPort}`,
    'statsd.listen-tcp=',
    `web.listen-address=127.0.0.1:${port}`,
  ];
  const server = spawn(
    program,
    flags.map((flag) => `--${flag}`),
    { stdio: 'ignore' },
  );
  return { udpPort, port, stop: () => stop(server) };
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
}
