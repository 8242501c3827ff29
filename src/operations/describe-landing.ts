import { isAbsolute, join, relative } from 'node:path';
import type { MasterKey } from '../anonymize/keys.js';
import type { Config } from '../config.js';
import type { DatasetDefinition } from '../definition/definition.js';
import type { StagedDataset } from '../lake/commit-plan.js';
import { partitionsOf } from '../lake/commit-plan.js';
import { checkCounts } from '../ledger/counts.js';
import type { Manifest, ManifestSource } from '../manifest.js';
import type { Project } from '../project.js';
import type { Counts } from '../record.js';
import type { DatasetResult } from '../result.js';
import { nameFiles } from '../source/pull-files.js';
import { dropExpected } from './expected-drift.js';
import { manifestOf } from './manifest-of.js';
import type { OpenSource, OpenSources } from './open-source.js';
import type { IngestPlan } from './plan-ingest.js';
import { slotOf } from './plan-ingest.js';
import type { StagedWork } from './lane.js';

/** A dataset in the staging folder, with what will be said of it. */
export interface ReadyDataset {
  readonly staged: StagedDataset;
  readonly result: DatasetResult;
}

/** What was found out about a dataset on the way. */
export interface Findings {
  readonly checked: Pick<StagedWork['checked'], 'rejects' | 'nulled' | 'drift'>;
  readonly landed: Pick<StagedWork['landed'], 'singledOut'>;
  readonly empty: number;
}

/** What all datasets of a run share. */
export interface LandingContext {
  readonly project: Project;
  readonly plan: IngestPlan;
  readonly runId: string;
  readonly sources: OpenSources;
  readonly key: MasterKey;
}

/** The manifest and the result of a staged dataset. @throws E_COUNTS if a record is not accounted for */
export async function describeLanding(
  context: LandingContext,
  dataset: DatasetDefinition,
  work: StagedWork,
): Promise<ReadyDataset> {
  const counts = countRecords(work);
  checkCounts(dataset.name, counts);
  const { files, quarantine } = work.landed;
  const staged: StagedDataset = {
    key: { dataset: dataset.name, date: context.plan.date, slot: slotOf(dataset, context.plan) },
    files,
    quarantine,
    manifest: await describeManifest(context, dataset, work, counts),
  };
  const drift = dropExpected(work.checked.drift, dataset.landing);
  const findings = { ...work, checked: { ...work.checked, drift } };
  return { staged, result: describeResult(staged, findings, counts, context.project.config) };
}

function countRecords({ checked, landed }: StagedWork): Counts {
  return {
    fetched: checked.fetched,
    landed: landed.files.reduce((sum, { rows }) => sum + rows, 0),
    rejected: checked.rejected,
    duplicates: landed.duplicates,
    forgotten: 0,
  };
}

async function describeManifest(
  { project, plan, runId, sources, key }: LandingContext,
  dataset: DatasetDefinition,
  { policy, checked }: StagedWork,
  counts: Counts,
): Promise<Omit<Manifest, 'files'>> {
  const { version } = await import('@duckdb/node-api');
  return manifestOf({
    ...{ pipeline: plan.definition.pipeline, dataset, policy, date: plan.date, runId, counts, key },
    slot: slotOf(dataset, plan),
    observedSha256: checked.observedSha256,
    landedAt: project.effects.now(),
    source: describeSource(sources.of(dataset), dataset, plan),
    asOf: plan.asOf,
    toolVersion: project.toolVersion,
    duckdbVersion: version(),
  });
}

/** Origin and path template only: what was sent may hold a secret. */
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

/** What is said of a staged dataset when all goes well. */
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
    singled_out: landed.singledOut,
    unchanged: false,
  };
}

/** A path as people of the project say it: relative to its folder, or absolute if it lies elsewhere. */
function nameInProject({ projectDir }: Config, path: string): string {
  const name = relative(projectDir, path);
  return name.startsWith('..') || isAbsolute(name) ? path : name.replaceAll('\\', '/');
}
