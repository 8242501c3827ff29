import type { MasterKey } from '../anonymize/keys.js';
import { checkKey } from '../anonymize/keys.js';
import { failure } from '../errors.js';
import { loadMasterKey } from '../key.js';
import type { StagedDataset } from '../lake/commit-plan.js';
import { partitionsOf } from '../lake/commit-plan.js';
import type { Staging } from '../lake/staging.js';
import { checkCounts } from '../ledger/counts.js';
import type { Project } from '../project.js';
import type { Counts } from '../record.js';
import type { DatasetResult } from '../result.js';
import { createPace } from '../source/pace.js';
import type { Journal } from './journal.js';
import { manifestOf } from './manifest-of.js';
import type { OpenSource } from './open-source.js';
import { openSource } from './open-source.js';
import type { IngestPlan } from './plan-ingest.js';
import { stageDataset } from './stage-dataset.js';
import type { StagedWork } from './stage-dataset.js';

/** A dataset in the staging folder, with what will be said of it. */
interface Ready {
  readonly staged: StagedDataset;
  readonly result: DatasetResult;
}

/** Fetches, checks, masks and lands all datasets of a pipeline for one date, visible together or not at all. */
export async function ingestDate(
  project: Project,
  plan: IngestPlan,
  journal: Journal,
): Promise<readonly DatasetResult[]> {
  const source = await openSource(plan.baseUrl);
  try {
    const key = await loadMasterKey(project.config, { loopbackOnly: source.isLoopback });
    await refuseUnfitting(project, plan, source, key);
    const staging = await project.lake.stage(journal.runId);
    try {
      const ready = await stageAll(project, plan, journal, { source, key, staging });
      return plan.request.limitPages === null
        ? await commitAll(project, journal, staging, ready)
        : ready.map(({ result }) => ({ ...result, partition: null, partitions: [] }));
    } finally {
      await staging.close();
    }
  } finally {
    await source.close();
  }
}

interface Open {
  readonly source: OpenSource;
  readonly key: MasterKey;
  readonly staging: Staging;
}

async function stageAll(project: Project, plan: IngestPlan, journal: Journal, open: Open): Promise<Ready[]> {
  const { definition, date, seed } = plan;
  const { effects } = project;
  const pace = createPace(definition.source.rateLimit, effects);
  const ready: Ready[] = [];
  for (const dataset of plan.datasets) {
    const { pagination } = dataset.request;
    effects.progress.start(dataset.name, pagination.type === 'seed' ? pagination.total : null);
    const staged = await stageDataset({
      ...{ project, journal, dataset, pace, date, seed, key: open.key },
      source: definition.source,
      baseUrl: open.source.baseUrl,
      stagingDir: open.staging.dir,
      limitPages: plan.request.limitPages,
    });
    effects.progress.stop();
    ready.push(await describe(project, plan, journal, open, dataset.name, staged));
  }
  return ready;
}

/** Makes what was staged visible, under the lake's lock. */
async function commitAll(
  { lake, effects }: Project,
  journal: Journal,
  staging: Staging,
  ready: readonly Ready[],
): Promise<readonly DatasetResult[]> {
  effects.signal.throwIfAborted();
  return lake.exclusively(`run ${journal.runId}`, async (found) => {
    journal.noteFound(found);
    journal.datasets = ready.map(({ result }) => result);
    const staged = ready.map((dataset) => dataset.staged);
    const unchanged = await lake.commit(staging, journal.runId, staged, journal.preview(effects.now()));
    journal.datasets = ready.map(({ result }) => ({ ...result, unchanged: unchanged.has(result.dataset) }));
    return journal.datasets;
  });
}

async function describe(
  project: Project,
  plan: IngestPlan,
  journal: Journal,
  { source, key }: Open,
  name: string,
  { policy, checked, landed }: StagedWork,
): Promise<Ready> {
  const { version } = await import('@duckdb/node-api');
  const dataset = plan.datasets.find((candidate) => candidate.name === name);
  if (dataset === undefined) throw new RangeError('a dataset was staged that was not planned');
  const rows = landed.files.reduce((sum, file) => sum + file.rows, 0);
  const counts: Counts = {
    fetched: checked.fetched,
    landed: rows,
    rejected: checked.rejected,
    duplicates: landed.duplicates,
    forgotten: 0,
  };
  checkCounts(name, counts);
  const manifest = manifestOf({
    ...{ pipeline: plan.definition.pipeline, dataset, policy, date: plan.date, counts, key },
    runId: journal.runId,
    observedSha256: checked.observedSha256,
    landedAt: project.effects.now(),
    source: {
      kind: source.kind,
      origin: source.kind === 'embedded' ? null : source.baseUrl.origin,
      path: dataset.request.path,
      allow_http: plan.definition.source.allowHttp,
    },
    asOf: plan.asOf,
    toolVersion: project.toolVersion,
    duckdbVersion: version(),
  });
  const staged: StagedDataset = {
    key: { dataset: name, date: plan.date, slot: null },
    files: landed.files,
    quarantine: landed.quarantine,
    manifest,
  };
  const partitions = partitionsOf(staged);
  const { rejects, nulled, drift } = checked;
  const seen = { rejects, nulled, drift, singled_out: landed.singledOut, unchanged: false };
  return {
    staged,
    result: { dataset: name, ...counts, partition: partitions[0] ?? null, partitions, ...seen },
  };
}

/** What the lake holds already may forbid this run. @throws E_KEY_CHANGED, E_EMBEDDED_OVER_REAL */
async function refuseUnfitting(
  { lake }: Project,
  { datasets, date, request }: IngestPlan,
  source: OpenSource,
  key: MasterKey,
): Promise<void> {
  const check = checkKey(key);
  for (const manifest of await lake.list()) {
    if (manifest.key_id === key.id && manifest.key_check !== check) {
      throw failure('E_KEY_CHANGED', {
        key_id: key.id,
        partition: `${manifest.dataset} of ${manifest.date}`,
      });
    }
    const isReplaced = manifest.date === date && datasets.some(({ name }) => name === manifest.dataset);
    const isReal = manifest.source.kind !== 'embedded';
    if (isReplaced && isReal && source.kind === 'embedded' && !request.force) {
      throw failure('E_EMBEDDED_OVER_REAL', { date, dataset: manifest.dataset });
    }
  }
}
