import { Counter, Gauge, type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client';
import type { Manifest } from '../../base/types/manifest.js';
import type { CheckResult, RunRecord } from '../../base/types/run-record.js';
import { REJECT_CODES } from '../../contract/reasons.js';
import { openLedgerCache, readAllRuns } from '../../ledger/read-runs.js';
import type { Project } from '../../project.js';
import { findNewestLanding } from '../../lake/find-late.js';

interface Metrics {
  /** With a line break at the end. */
  readonly text: string;
  readonly metrics: readonly MetricObjectWithValues<MetricValue<string>>[];
}

/**
 * Metrics of a project in the text format of Prometheus, worked out from ledger and manifests at each call, so that
 * nothing has to run between two runs. Labels are names of definitions and closed lists of the program; no value of a
 * record, no date and no run id is one. Counters start again when old entries of the ledger are pruned, as after a restart.
 * @returns the text, as in https://prometheus.io/docs/instrumenting/exposition_formats/, and the same for programs
 * @throws E_DISK_READ
 */
export async function gatherMetrics(project: Project): Promise<Metrics> {
  const registry = new Registry();
  const { lakeDir, databasePath } = project.config;
  const runs = await readAllRuns(lakeDir, openLedgerCache(databasePath, project.toolVersion));
  const known = runs.filter(
    ({ pipeline, command }) => project.definitions.has(pipeline) && command !== 'alert',
  );
  addBuild(registry, project.toolVersion);
  addRuns(registry, known);
  addAlerts(registry, project, runs);
  addRecords(registry, project, known);
  addLastRuns(registry, project, known);
  addReleases(registry, known);
  addLake(registry, project, await project.lake.list());
  return { text: await registry.metrics(), metrics: await registry.getMetricsAsJSON() };
}

/** The content type of the text. */
export const METRICS_TYPE = new Registry().contentType;

type Labels = Readonly<Record<string, string>>;

function makeCounter(registry: Registry, name: string, help: string, labels: readonly string[]) {
  const counter = new Counter({
    name: `lakeveil_${name}_total`,
    help,
    labelNames: labels,
    registers: [registry],
  });
  return (values: Labels, amount: number): void => {
    counter.inc(values, amount);
  };
}

function makeGauge(registry: Registry, name: string, help: string, labels: readonly string[]) {
  const gauge = new Gauge({ name: `lakeveil_${name}`, help, labelNames: labels, registers: [registry] });
  return (values: Labels, value: number): void => {
    gauge.set(values, value);
  };
}

function addBuild(registry: Registry, version: string): void {
  makeGauge(registry, 'build_info', 'Version of Lakeveil; always 1.', ['version'])({ version }, 1);
}

/** Runs by outcome, errors by code, and time by stage. */
function addRuns(registry: Registry, runs: readonly RunRecord[]): void {
  const ended = makeCounter(registry, 'runs', 'Runs in the ledger by outcome.', ['pipeline', 'status']);
  const errors = makeCounter(registry, 'run_errors', 'Runs that failed, by error code.', [
    'pipeline',
    'code',
  ]);
  const busy = makeCounter(
    registry,
    'stage_busy_seconds',
    'Time in which a stage had work, summed over what ran side by side.',
    ['pipeline', 'stage'],
  );
  for (const { pipeline, status, error, stages } of runs) {
    ended({ pipeline, status }, 1);
    if (error !== null) errors({ pipeline, code: error.code }, 1);
    for (const { stage, busy_ms } of stages) busy({ pipeline, stage }, busy_ms / 1000);
  }
}

/** Alerts that were sent, by kind. */
function addAlerts(registry: Registry, { definitions }: Project, runs: readonly RunRecord[]): void {
  const labels = ['pipeline', 'kind', 'state'];
  const sent = makeCounter(registry, 'alerts', 'Alerts sent, and sent again as resolved, by kind.', labels);
  for (const { alerts = [] } of runs) {
    for (const { pipeline, kind, state } of alerts)
      if (definitions.has(pipeline)) sent({ pipeline, kind, state }, 1);
  }
}

const COUNTS = {
  fetched: 'Records fetched from the source.',
  landed: 'Records landed; those of a date that was replaced count again.',
  duplicates: 'Records left out because another one had the same key.',
  forgotten: 'Records left out because their person was erased.',
} as const;

/** fetched = landed + rejected + duplicates + forgotten, in each run. */
function addRecords(registry: Registry, { definitions }: Project, runs: readonly RunRecord[]): void {
  const labels = ['pipeline', 'dataset'];
  const counters = Object.entries(COUNTS).map(
    ([name, help]) =>
      [name as keyof typeof COUNTS, makeCounter(registry, `records_${name}`, help, labels)] as const,
  );
  const rejected = makeCounter(registry, 'records_rejected', 'Records rejected by the contract, by reason.', [
    ...labels,
    'reason',
  ]);
  const withheld = makeCounter(
    registry,
    'cells_withheld',
    'Kept cells that landed null since they held a direct value of their own record.',
    labels,
  );
  for (const { pipeline, datasets } of runs) {
    for (const result of datasets) {
      const { dataset, rejects } = result;
      if (definitions.get(pipeline)?.datasets.has(dataset) !== true) continue;
      for (const [name, count] of counters) count({ pipeline, dataset }, result[name]);
      withheld({ pipeline, dataset }, result.withheld ?? 0);
      for (const { code, count } of rejects) {
        const reason = REJECT_CODES.find((known) => known === code) ?? 'other';
        rejected({ pipeline, dataset, reason }, count);
      }
    }
  }
}

/** State of each pipeline: its last run that ended, its last success, and the checks of the last run that had some. */
function addLastRuns(registry: Registry, { definitions }: Project, runs: readonly RunRecord[]): void {
  const labels = ['pipeline'];
  const failed = makeGauge(registry, 'last_run_failed', '1 if the last run of the pipeline failed.', labels);
  const ended = makeGauge(registry, 'last_run_end_timestamp_seconds', 'End of the last run.', labels);
  const lasted = makeGauge(registry, 'last_run_duration_seconds', 'Duration of the last run.', labels);
  const success = makeGauge(
    registry,
    'last_success_timestamp_seconds',
    'End of the last run that succeeded.',
    labels,
  );
  const checks = makeGauge(registry, 'checks', 'Checks of the last run, by result.', [
    ...['pipeline', 'severity', 'result'],
  ]);
  for (const pipeline of definitions.keys()) {
    const own = runs.filter((run) => run.pipeline === pipeline && run.finished_at !== null);
    const last = own[0];
    if (last === undefined) continue;
    const end = toSeconds(last.finished_at ?? last.started_at);
    failed({ pipeline }, last.status === 'failed' ? 1 : 0);
    ended({ pipeline }, end);
    lasted({ pipeline }, end - toSeconds(last.started_at));
    const good = own.find(({ status }) => status === 'succeeded' || status === 'unchanged');
    if (good !== undefined) success({ pipeline }, toSeconds(good.finished_at ?? good.started_at));
    for (const [key, count] of countChecks(
      own.find((run) => run.checks.length > 0)?.checks ?? [],
      pipeline,
    )) {
      const [severity = '', result = ''] = key.split(' ');
      checks({ pipeline, severity, result }, count);
    }
  }
}

function countChecks(checks: readonly CheckResult[], pipeline: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { severity, passed, pipeline: owner } of checks) {
    if (owner !== null && owner !== pipeline) continue;
    const key = `${severity} ${passed ? 'passed' : 'failed'}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** What was measured last of each release, on its newest date. */
function addReleases(registry: Registry, runs: readonly RunRecord[]): void {
  const labels = ['pipeline', 'release'];
  const add = (name: string, help: string, more: readonly string[] = []) =>
    makeGauge(registry, `release_${name}`, help, [...labels, ...more]);
  const k = add('k', 'People in the smallest class of the release on its newest date (k-anonymity).');
  const required = add('k_required', 'People that the smallest class must have.');
  const before = add('k_before', 'People in the smallest class of the table that it is made of.');
  const suppressed = add('suppressed_ratio', 'Share of people of whom a row is left out.');
  const l = add('l', 'Different values in the poorest class on the newest date (l-diversity).', ['column']);
  const t = add('t', 'Largest distance of a class from all rows of the newest date (t-closeness).', [
    'column',
  ]);
  const changed = add(
    'changed_classes',
    'Classes that differ from the version before by fewer than k people.',
  );
  const met = new Set<string>();
  for (const result of runs.flatMap(({ releases }) => releases)) {
    const own = { pipeline: result.pipeline, release: result.release };
    const date = result.dates.at(-1);
    if (met.has(result.release) || result.outcome === 'failed' || date === undefined) continue;
    met.add(result.release);
    required(own, result.require.k);
    if (date.after.k !== null) k(own, date.after.k);
    if (date.before.k !== null) before(own, date.before.k);
    suppressed(own, date.people === 0 ? 0 : date.suppressed / date.people);
    if (date.changed_classes !== null) changed(own, date.changed_classes);
    for (const facts of date.after.sensitive) {
      if (facts.l !== null) l({ ...own, column: facts.column }, facts.l);
      if (facts.t !== null) t({ ...own, column: facts.column }, facts.t);
    }
  }
}

/** What lies in the lake, by dataset. */
function addLake(registry: Registry, { definitions }: Project, manifests: readonly Manifest[]): void {
  const labels = ['pipeline', 'dataset'];
  const bytes = makeGauge(registry, 'lake_bytes', 'Size of the landed Parquet files.', labels);
  const rows = makeGauge(registry, 'lake_rows', 'Rows of the landed Parquet files.', labels);
  const partitions = makeGauge(registry, 'lake_partitions', 'Landed dates (and hours).', labels);
  const landed = makeGauge(
    registry,
    'dataset_landed_timestamp_seconds',
    'When the dataset last landed.',
    labels,
  );
  const newest = makeGauge(
    registry,
    'dataset_newest_date_timestamp_seconds',
    'Midnight in UTC at which the newest landed date begins.',
    labels,
  );
  const limit = makeGauge(
    registry,
    'dataset_freshness_limit_seconds',
    'Age from which the newest date is late; only for datasets with `freshness`.',
    labels,
  );
  const fresh = makeGauge(
    registry,
    'dataset_newest_date_landed_timestamp_seconds',
    'When the newest date of the dataset last landed.',
    labels,
  );
  const newestRows = makeGauge(registry, 'dataset_newest_date_rows', 'Rows of the newest date.', labels);
  for (const { pipeline, datasets } of definitions.values()) {
    for (const [dataset, { freshnessMs }] of datasets) {
      if (freshnessMs !== null) limit({ pipeline, dataset }, freshnessMs / 1000);
      const own = manifests.filter((one) => one.pipeline === pipeline && one.dataset === dataset);
      if (own.length === 0) continue;
      const files = own.flatMap((manifest) => manifest.files);
      bytes({ pipeline, dataset }, sumOf(files.map((file) => file.bytes)));
      rows({ pipeline, dataset }, sumOf(files.map((file) => file.rows)));
      partitions({ pipeline, dataset }, own.length);
      landed({ pipeline, dataset }, Math.max(...own.map(({ landed_at }) => toSeconds(landed_at))));
      const last = own.map(({ date }) => date).reduce((a, b) => (a > b ? a : b));
      const ofLast = own.filter(({ date }) => date === last).flatMap((manifest) => manifest.files);
      newestRows({ pipeline, dataset }, sumOf(ofLast.map((file) => file.rows)));
      const landedAt = findNewestLanding(own);
      if (landedAt !== null) fresh({ pipeline, dataset }, toSeconds(landedAt));
      newest({ pipeline, dataset }, Math.max(...own.map(({ date }) => toSeconds(`${date}T00:00:00Z`))));
    }
  }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function toSeconds(instant: string): number {
  return Date.parse(instant) / 1000;
}
