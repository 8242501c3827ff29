import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTree } from '../canary/lake-tree.js';
import { type Airflow, findAirflow, openAirflow } from '../support/airflow.js';
import { scanForCanaries } from '../support/canary.js';
import { type CanarySource, startCanarySource } from '../support/canary-source.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { type Ended, start } from '../support/kill-harness.js';
import { startWebhook } from '../support/receivers.js';

/** The DAGs of a project with the five shipped pipelines, run by a real Airflow. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DATES = ['2026-11-02', '2026-11-03'];
const venv = findAirflow();

describe.skipIf(venv === null)('the DAGs of Airflow', () => {
  let sandbox: Sandbox;
  let airflow: Airflow;
  let source: CanarySource;

  beforeAll(async () => {
    sandbox = await makeSandbox();
    for (const folder of ['pipelines', 'sql'])
      await cp(join(ROOT, folder), join(sandbox.project, folder), { recursive: true });
    source = await startCanarySource(sandbox, 'persons');
    airflow = await openAirflow(venv ?? '', sandbox, { FAKER_API_URL: source.url, RECORDS: '400' });
  });
  afterAll(async () => {
    await source.close();
    await sandbox.remove();
  });

  const tryDag = (dag: string, date: string, more: Record<string, string> = {}): Promise<Ended> =>
    airflow.run(['dags', 'test', dag, date], more);

  /** States of the tasks of the last run of a DAG, by task; those of a mapped task joined. */
  async function statesOf(dag: string, key = 'state'): Promise<Record<string, string>> {
    return (await airflow.ask(`
import json
from airflow.models import DagRun, TaskInstance
from airflow.utils.session import create_session
with create_session() as session:
    run = session.query(DagRun).filter_by(dag_id="${dag}").order_by(DagRun.id.desc()).first()
    found = {}
    for task in session.query(TaskInstance).filter_by(dag_id="${dag}", run_id=run.run_id):
        found.setdefault(task.task_id, set()).add(str(task.${key}))
    print(json.dumps({name: ",".join(sorted(states)) for name, states in found.items()}))
`)) as Record<string, string>;
  }

  it('are imported without an error and without a rule broken', async () => {
    const found = (await airflow.ask(`
import json, os, sys
from airflow.dag_processing.dagbag import DagBag
sys.path.insert(0, os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
print(json.dumps([bag.import_errors, {name: sorted(dag.task_ids) for name, dag in bag.dags.items()}]))
`)) as [object, Record<string, string[]>];
    expect(found[0]).toEqual({});
    expect(found[1]).toMatchObject({
      user_metrics_pipeline: [
        ...['check', 'cleanup_metadata_log', 'end', 'fetch_and_anonymize', 'init_internal_tables'],
        ...['release', 'report', 'transform'],
      ],
      shop_bronze_ingestion: ['cleanup_metadata_log', 'fetch_and_anonymize', 'init_internal_tables'],
      shop_silver_transformation: ['transform'],
      shop_gold_analytics: ['check', 'end', 'release', 'report'],
      shop_scd_maintenance: ['check_histories', 'test_models', 'verify_lake'],
      lakeveil_repair: ['repair_bookings', 'repair_persons', 'repair_shop'],
    });
    expect(Object.keys(found[1]).sort()).toEqual([
      ...['bookings_pipeline', 'directory_pipeline', 'lakeveil_repair', 'shop_bronze_ingestion'],
      ...['shop_gold_analytics', 'shop_scd_maintenance', 'shop_silver_transformation', 'store_pipeline'],
      'user_metrics_pipeline',
    ]);
    const ruff = join(venv ?? '', 'bin', 'ruff');
    const rules = ['check', '--no-cache', '--select', 'AIR,B,E,F,I,S602,S604,UP', '--line-length', '120'];
    const { stdout, code } = await start({
      command: ruff,
      args: [...rules, join(ROOT, 'airflow')],
      env: airflow.environment,
    }).ended;
    expect({ code, stdout }).toMatchObject({ code: 0 });
  });

  it('land two dates of people, leave nothing personal behind, and change nothing when they run again', async () => {
    for (const date of DATES) expect(await tryDag('user_metrics_pipeline', date)).toMatchObject({ code: 0 });
    expect(new Set(Object.values(await statesOf('user_metrics_pipeline')))).toEqual(new Set(['success']));
    const [counts] = (await airflow.ask(`
import json
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session
with create_session() as session:
    found = session.query(XComModel).filter_by(dag_id="user_metrics_pipeline", task_id="fetch_and_anonymize", key="return_value")
    print(json.dumps([XComModel.deserialize_value(one) for one in found]))
`)) as Record<string, unknown>[];
    expect(counts).toMatchObject({ exit_code: 0, fetched: 400, landed: 400, rejected: 0 });
    const lake = await readTree(join(sandbox.lake, 'raw'));
    expect(Object.keys(lake).filter((path) => /^2026\/11\/0[23]\/persons\.parquet$/.test(path))).toHaveLength(
      2,
    );
    expect(await tryDag('user_metrics_pipeline', DATES[0] ?? '')).toMatchObject({ code: 0 });
    expect(await readTree(join(sandbox.lake, 'raw'))).toEqual(lake);
    expect(source.planter.countPlanted()).toBeGreaterThan(100);
    expect(await scanForCanaries([sandbox.root])).toEqual([]);
  });

  it('land two hours of bookings', async () => {
    for (const date of DATES)
      expect(await tryDag('bookings_pipeline', `${date}T07:00`)).toMatchObject({ code: 0 });
    expect(await statesOf('bookings_pipeline')).toMatchObject({
      fetch_and_anonymize: 'success',
      end: 'success',
    });
    const landed = Object.keys(await readTree(join(sandbox.lake, 'raw')));
    expect(landed.filter((path) => /^2026\/11\/0[23]\/bookings\.T07\.parquet$/.test(path))).toHaveLength(2);
  });

  it('build the layers of the shop by DAGs of their own', async () => {
    for (const date of DATES) expect(await tryDag('shop_bronze_ingestion', date)).toMatchObject({ code: 0 });
    for (const dag of ['shop_silver_transformation', 'shop_gold_analytics', 'shop_scd_maintenance']) {
      expect(await tryDag(dag, DATES[1] ?? '')).toMatchObject({ code: 0 });
      expect(new Set(Object.values(await statesOf(dag)))).toEqual(new Set(['success']));
    }
  });

  it('repair the dates that are missing', async () => {
    const ended = await tryDag('lakeveil_repair', '2026-10-06', { LAKEVEIL_REPAIR_DAYS: '1' });
    expect(ended).toMatchObject({ code: 0 });
    const landed = Object.keys(await readTree(join(sandbox.lake, 'raw', '2026', '10', '05')));
    expect(landed).toContain('persons.parquet');
    expect(landed).toContain('shop_orders.parquet');
    expect(landed.filter((path) => /^bookings\.T\d\d\.parquet$/.test(path))).toHaveLength(24);
  });

  it.each(['directory_pipeline', 'store_pipeline'])(
    'fail at once for an earlier date of a snapshot, and land today: %s',
    async (dag) => {
      const past = await tryDag(dag, DATES[0] ?? '');
      expect(past.code).toBe(1);
      expect(past.stdout + past.stderr).toContain('only today’s state can be fetched');
      expect(await statesOf(dag, 'try_number')).toMatchObject({ fetch_and_anonymize: '1' });
      const today = new Date().toISOString().slice(0, 10);
      expect(await tryDag(dag, today)).toMatchObject({ code: 0 });
      expect(await statesOf(dag)).toMatchObject({ end: 'success' });
    },
  );

  it('try a source that is down again, then fail with the remedy of the command', async () => {
    const webhook = await startWebhook();
    const down = { FAKER_API_URL: 'http://127.0.0.1:1', RETRIES: '0', ALERT_WEBHOOK_URL: webhook.url };
    const ended = await tryDag('user_metrics_pipeline', '2026-11-04', down);
    await webhook.close();
    expect(ended.code).toBe(1);
    expect(
      webhook.bodies.filter((body) => body.includes('persons, 2026-11-04: cannot connect')),
    ).toHaveLength(1);
    expect(await scanForCanaries([], { alerts: webhook.bodies.join() })).toEqual([]);
    expect(ended.stdout + ended.stderr).toContain('check that the API is running and reachable');
    expect(await statesOf('user_metrics_pipeline')).toMatchObject({
      fetch_and_anonymize: 'failed',
      transform: 'upstream_failed',
    });
    expect(await statesOf('user_metrics_pipeline', 'try_number')).toMatchObject({ fetch_and_anonymize: '4' });
  });

  it('fail at the first try for a definition that is wrong', async () => {
    const broken = await makeSandbox((yaml) =>
      yaml.replace(
        'treat: prefix, length: 2',
        `treat: sql, expression: "left(value)", shape: length(value) < 9, reviewed: a part of it`,
      ),
    );
    try {
      const own = await openAirflow(venv ?? '', broken, { RECORDS: '100' });
      const ended = await own.run(['dags', 'test', 'user_metrics_pipeline', DATES[0] ?? '']);
      expect(ended.code).toBe(1);
      expect(ended.stdout + ended.stderr).toContain('(exit 2). Next: ');
      expect(ended.stdout + ended.stderr).not.toContain('up_for_retry');
    } finally {
      await broken.remove();
    }
  });
});

it('the operator and the DAG file stay small', async () => {
  const lines = async (file: string): Promise<number> =>
    (await readFile(join(ROOT, 'airflow', 'dags', file), 'utf8')).split('\n').length;
  expect(await lines('lakeveil_operator.py')).toBeLessThan(70);
  expect(await lines('lakeveil.py')).toBeLessThan(150);
});
