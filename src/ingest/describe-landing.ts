import { isAbsolute, join, relative } from 'node:path';
import type { MasterKey } from '../anonymize/keys.js';
import { TREATMENTS } from '../anonymize/treatments/registry.js';
import type { Config } from '../base/config/config.js';
import type { DatasetDefinition, LandingColumn } from '../base/types/definition.js';
import type { Manifest, ManifestSource } from '../base/types/manifest.js';
import type { Counts, DatasetResult, Drift } from '../base/types/run-record.js';
import { partitionsOf, type StagedDataset } from '../lake/commit-plan.js';
import { checkCounts } from '../ledger/ledger.js';
import type { RunContext } from '../ledger/run-context.js';
import type { Project } from '../project.js';
import { nameFiles } from '../source/pull-files.js';
import type { StagedWork } from './dataset-ingest.js';
import { manifestOf } from './describe-manifest.js';
import type { Forgotten } from './forgotten.js';
import type { OpenSource, OpenSources } from './open-source.js';
import { type IngestPlan, slotOf } from './plan-ingest.js';

/** A staged dataset with its manifest and result. */
export interface ReadyDataset {
  readonly staged: StagedDataset;
  readonly result: DatasetResult;
}

/** The facts collected about a dataset. */
interface Findings {
  readonly checked: Pick<StagedWork['checked'], 'rejects' | 'nulled' | 'drift'>;
  readonly landed: Pick<StagedWork['landed'], 'singledOut' | 'pageDrift' | 'withheld'>;
  readonly empty: number;
}

/** What all datasets of a run share. */
export interface IngestWork {
  readonly project: Project;
  readonly plan: IngestPlan;
  readonly context: RunContext;
  readonly sources: OpenSources;
  readonly key: MasterKey;
  /** What `{last_success}` stands for, by dataset. */
  readonly since: ReadonlyMap<string, string>;
  readonly forgotten: Forgotten;
}

/** The manifest and the result of a staged dataset. @throws E_COUNTS if a record is not accounted for */
export async function describeLanding(
  ingest: IngestWork,
  dataset: DatasetDefinition,
  work: StagedWork,
): Promise<ReadyDataset> {
  const counts = countRecords(work);
  checkCounts(dataset.name, counts);
  const { files, quarantine } = work.landed;
  const staged: StagedDataset = {
    key: { dataset: dataset.name, date: ingest.plan.date, slot: slotOf(dataset, ingest.plan) },
    files,
    quarantine,
    manifest: await describeManifest(ingest, dataset, work, counts),
  };
  const drift = dropExpected(work.checked.drift, dataset.landing);
  const findings = { ...work, checked: { ...work.checked, drift } };
  return { staged, result: describeResult(staged, findings, counts, ingest.project.config) };
}

function countRecords({ checked, landed }: StagedWork): Counts {
  return {
    fetched: checked.fetched,
    landed: landed.files.reduce((sum, { rows }) => sum + rows, 0),
    rejected: checked.rejected,
    duplicates: landed.duplicates,
    forgotten: landed.forgotten,
  };
}

async function describeManifest(
  { project, plan, context, sources, key, since }: IngestWork,
  dataset: DatasetDefinition,
  { policy, checked, landed }: StagedWork,
  counts: Counts,
): Promise<Omit<Manifest, 'files'>> {
  const { version } = await import('@duckdb/node-api');
  return manifestOf({
    pipeline: plan.definition.pipeline,
    dataset,
    policy,
    date: plan.date,
    runId: context.runId,
    counts,
    key,
    slot: slotOf(dataset, plan),
    observedSha256: checked.observedSha256,
    withheld: landed.withheld,
    landedAt: project.effects.now(),
    source: describeSource(sources.of(dataset), dataset, plan),
    asOf: plan.asOf,
    since: since.get(dataset.of ?? dataset.name) ?? null,
    toolVersion: project.toolVersion,
    duckdbVersion: version(),
  });
}

/** Origin and path template only, because the request can contain a secret. */
function describeSource(source: OpenSource, dataset: DatasetDefinition, plan: IngestPlan): ManifestSource {
  const { path } = dataset.request;
  if (source.kind === 'file') {
    return { kind: 'file', origin: null, path: nameFiles(source.folder, path), allow_http: false };
  }
  return {
    kind: source.kind,
    origin: source.kind === 'embedded' ? null : source.baseUrl.origin,
    path,
    allow_http: plan.definition.source.allowHttp,
  };
}

/** The result of a staged dataset that lands. */
export function describeResult(
  staged: StagedDataset,
  { checked, landed, empty }: Findings,
  counts: Counts,
  config: Config,
): DatasetResult {
  const partitions = partitionsOf(staged).map((partition) => ({
    ...partition,
    path: nameInProject(config, join(config.lakeDir, partition.path)),
  }));
  return {
    dataset: staged.key.dataset,
    ...counts,
    partition: partitions[0] ?? null,
    partitions,
    empty,
    rejects: checked.rejects,
    nulled: checked.nulled,
    drift: checked.drift,
    page_drift: landed.pageDrift,
    withheld: landed.withheld,
    singled_out: landed.singledOut,
    unchanged: false,
  };
}

/** A path relative to the project, or absolute if it is outside. */
function nameInProject({ projectDir }: Config, path: string): string {
  const name = relative(projectDir, path);
  return name.startsWith('..') || isAbsolute(name) ? path : name.replaceAll('\\', '/');
}

/**
 * Removes expected drift: of the leaves that `first_present` chooses from, the first is the current field name and the
 * others are former names. Missing former names are expected while the first is present. Pure.
 */
export function dropExpected(drift: readonly Drift[], landing: readonly LandingColumn[]): Drift[] {
  const missing = new Set(drift.filter(({ kind }) => kind === 'missing_field').map(({ path }) => path));
  const former = new Set(
    landing.flatMap(({ treatment, from: [today, ...others] }) =>
      TREATMENTS.get(treatment)?.keeps === 'always' && today !== undefined && !missing.has(today.path)
        ? others.map(({ path }) => path)
        : [],
    ),
  );
  return drift.filter(({ kind, path }) => kind !== 'missing_field' || !former.has(path));
}
