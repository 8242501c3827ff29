import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTree } from '../canary/lake-tree.js';
import { type Airflow, findAirflow, openAirflow } from '../support/airflow.js';
import { scanForCanaries } from '../support/canary.js';
import { type CanarySource, startCanarySource } from '../support/canary-source.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import {
  findStatsdExporter,
  type Prometheus,
  readPanels,
  startPrometheus,
  startStatsdExporter,
  type StatsdExporter,
} from '../support/prometheus.js';
import { findFreePort, findPostgres, type Postgres, startPostgres } from '../support/postgres.js';

/** The scheduler of a real Airflow, whose metadata is in PostgreSQL. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const venv = findAirflow();
const statsd = findStatsdExporter();
const canRun = venv !== null && findPostgres() !== null;

describe.skipIf(!canRun)('the scheduler of Airflow', () => {
  let sandbox: Sandbox;
  let airflow: Airflow;
  let postgres: Postgres;
  let source: CanarySource;
  let servers: ChildProcess[] = [];
  let exporter: StatsdExporter | null = null;
  let prometheus: Prometheus | null = null;

  beforeAll(async () => {
    sandbox = await makeSandbox();
    for (const folder of ['pipelines', 'sql'])
      await cp(join(ROOT, folder), join(sandbox.project, folder), { recursive: true });
    source = await startCanarySource(sandbox, 'persons');
    postgres = await startPostgres();
    const port = String(await findFreePort());
    if (statsd !== null) {
      exporter = await startStatsdExporter(statsd);
      prometheus = await startPrometheus(sandbox.root, 'airflow', exporter.port);
    }
    const environment = {
      ...{ FAKER_API_URL: source.url, RECORDS: '400' },
      AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `http://127.0.0.1:${port}/execution/`,
      AIRFLOW__API_AUTH__JWT_SECRET: randomBytes(32).toString('hex'),
      AIRFLOW__CORE__PARALLELISM: '4',
      AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC: '1',
      ...(exporter !== null && {
        ...(await readMetricSettings()),
        AIRFLOW__METRICS__STATSD_PORT: String(exporter.udpPort),
      }),
    };
    const database = postgres.url('postgres').replace('postgres:', 'postgresql+psycopg2:');
    airflow = await openAirflow(venv ?? '', sandbox, environment, database);
    servers = [
      ['api-server', '--host', '127.0.0.1', '--port', port, '--workers', '1'],
      ['dag-processor'],
      ['scheduler', '--skip-serve-logs'],
    ].map((args) => airflow.serve(args));
  });
  afterAll(async () => {
    await Promise.all(servers.map(stopGroup));
    await Promise.all([source.close(), postgres.stop(), exporter?.stop(), prometheus?.stop()]);
    await sandbox.remove();
  });

  /** Waits until so many runs of each DAG have ended, and gives their states. */
  async function waitForRuns(runs: Readonly<Record<string, number>>): Promise<Record<string, string[]>> {
    return (await airflow.ask(`
import json, time
from airflow.models import DagRun
from airflow.utils.session import create_session
wanted = ${JSON.stringify(runs)}
while True:
    with create_session() as session:
        found = {name: [str(run.state) for run in session.query(DagRun).filter_by(dag_id=name)] for name in wanted}
    ended = {name: [state for state in states if state in ("success", "failed")] for name, states in found.items()}
    if all(len(ended[name]) >= count for name, count in wanted.items()):
        print(json.dumps(ended))
        break
    time.sleep(0.5)
`)) as Record<string, string[]>;
  }

  /** The first parse writes the DAGs to the database. */
  async function waitForDags(): Promise<void> {
    await airflow.ask(`
import time
from airflow.models.serialized_dag import SerializedDagModel
from airflow.utils.session import create_session
while True:
    with create_session() as session:
        if session.query(SerializedDagModel).filter_by(dag_id="lakeveil_repair").count() > 0:
            break
    time.sleep(0.5)
print("{}")
`);
  }

  /** Each panel of Airflow finds data; a run has failed for those that show failures. */
  async function expectMetrics({ query }: Prometheus): Promise<void> {
    await command('dags', 'unpause', 'store_pipeline');
    // A snapshot is that of today.
    await command('dags', 'trigger', 'store_pipeline', '--logical-date', '2026-11-02');
    await waitForRuns({ store_pipeline: 1 });
    const panels = await readPanels('airflow_');
    expect(panels.length).toBeGreaterThan(8);
    for (const [title, expression] of panels)
      await expect.poll(() => query(expression), { message: title }).not.toEqual([]);
    const failed = 'airflow_dagrun_duration_seconds_count{state="failed"}';
    expect(await query(failed)).toMatchObject([{ metric: { dag_id: 'store_pipeline' } }]);
  }

  async function command(...args: string[]): Promise<void> {
    const { code, stderr } = await airflow.run(args);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  }

  it('lands two dates side by side, and starts each layer of the shop after the one before', async () => {
    await waitForDags();
    const shop = ['bronze_ingestion', 'silver_transformation', 'gold_analytics', 'scd_maintenance'];
    const layers = shop.map((layer) => `shop_${layer}`);
    for (const dag of layers) await command('dags', 'unpause', dag);
    const range = ['--from-date', '2026-11-02', '--to-date', '2026-11-03T12:00'];
    await command(
      'backfill',
      'create',
      '--dag-id',
      'user_metrics_pipeline',
      ...range,
      '--max-active-runs',
      '2',
    );
    await command('dags', 'unpause', 'user_metrics_pipeline');
    await command('dags', 'trigger', 'shop_bronze_ingestion', '--logical-date', '2026-11-02');
    const ended = await waitForRuns({
      user_metrics_pipeline: 2,
      ...Object.fromEntries(layers.map((dag) => [dag, 1])),
    });
    expect(new Set(Object.values(ended).flat())).toEqual(new Set(['success']));
    const landed = Object.keys(await readTree(join(sandbox.lake, 'raw')));
    const ofPersons = landed.filter((path) => path.endsWith('/persons.parquet')).sort();
    expect(ofPersons.slice(0, 2)).toEqual(['2026/11/02/persons.parquet', '2026/11/03/persons.parquet']);
    const { stdout } = await sandbox.run([
      ...[
        'query',
        `select ingest_date, count(*) as people from silver.persons_anonymized where ingest_date < '2026-11-04' group by all order by all`,
      ],
      ...['--format', 'json'],
    ]);
    expect(JSON.parse(stdout)).toMatchObject([
      { ingest_date: '2026-11-02', people: 400 },
      { ingest_date: '2026-11-03', people: 400 },
    ]);
    expect(source.planter.countPlanted()).toBeGreaterThan(100);
    if (prometheus !== null) await expectMetrics(prometheus);
    await Promise.all(servers.map(stopGroup));
    await postgres.kill();
    expect(await scanForCanaries([sandbox.root, postgres.folder])).toEqual([]);
  });
});

/** The settings that airflow/README.md tells to export. */
async function readMetricSettings(): Promise<Record<string, string>> {
  const text = await readFile(join(ROOT, 'airflow', 'README.md'), 'utf8');
  const settings = [...text.matchAll(/\b(AIRFLOW__METRICS__\w+)=(\S+)/g)];
  return Object.fromEntries(settings.map(([, name = '', value = '']) => [name, value]));
}

/** Ends a server and what it has started, by its process group. */
async function stopGroup(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return;
  const ended = once(server, 'exit');
  process.kill(-server.pid, 'SIGKILL');
  await ended;
}
