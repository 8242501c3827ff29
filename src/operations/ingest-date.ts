import type { MasterKey } from '../anonymize/keys.js';
import { checkKey } from '../anonymize/keys.js';
import { assertPatterns } from '../anonymize/patterns.js';
import { failure } from '../errors.js';
import { loadMasterKey } from '../key.js';
import type { Staging } from '../lake/staging.js';
import type { Project } from '../project.js';
import type { DatasetResult } from '../result.js';
import type { DatasetsOfPages } from '../source/datasets-of-pages.js';
import { createAuthorization } from '../source/authorization.js';
import { createPace } from '../source/pace.js';
import type { LandingContext, ReadyDataset } from './describe-landing.js';
import { describeLanding } from './describe-landing.js';
import type { Journal } from './journal.js';
import { openSources } from './open-source.js';
import type { OpenSources } from './open-source.js';
import type { IngestPlan } from './plan-ingest.js';
import { groupByPages, slotOf } from './plan-ingest.js';
import { LAND_PRUNED_AGAIN, refusePruned } from './refuse-pruned.js';
import { stageDatasets } from './stage-datasets.js';
import type { StagingWork } from './stage-datasets.js';

/** Fetches, checks, masks and lands all datasets of a pipeline for one date, visible together or not at all. */
export async function ingestDate(
  project: Project,
  plan: IngestPlan,
  journal: Journal,
): Promise<readonly DatasetResult[]> {
  for (const dataset of plan.datasets) await assertPatterns(dataset);
  const sources = await openSources(plan.baseUrl, plan.datasets);
  try {
    const key = await loadMasterKey(project.config, { loopbackOnly: sources.isLoopback });
    await refuseUnfitting(project, plan, sources, key);
    const { staging } = journal;
    try {
      const context = { project, plan, runId: journal.runId, sources, key };
      const ready = await stageAll(context, journal, staging);
      return plan.request.limitPages === null
        ? await commitAll(project, journal, staging, ready)
        : ready.map(({ result }) => ({ ...result, partition: null, partitions: [] }));
    } finally {
      await staging.clear();
    }
  } finally {
    await sources.close();
  }
}

/** One source after the other: each has the whole machine and all of the source's concurrency. */
async function stageAll(
  context: LandingContext,
  journal: Journal,
  staging: Staging,
): Promise<ReadyDataset[]> {
  const { project, plan } = context;
  const { source } = plan.definition;
  const shared = {
    pace: createPace(source.rateLimit, project.effects),
    authorization: createAuthorization(source, project.effects),
  };
  const ready: ReadyDataset[] = [];
  for (const datasets of groupByPages(plan.datasets)) {
    ready.push(...(await stageGroup(context, journal, staging, shared, datasets)));
  }
  return ready;
}

async function stageGroup(
  context: LandingContext,
  journal: Journal,
  staging: Staging,
  shared: Pick<StagingWork, 'pace' | 'authorization'>,
  datasets: DatasetsOfPages,
): Promise<ReadyDataset[]> {
  const { project, plan, key, sources } = context;
  const [first] = datasets;
  const { pagination } = first.request;
  project.effects.progress.start(first.name, pagination.type === 'seed' ? pagination.total : null);
  const staged = await stageDatasets({
    ...shared,
    ...{ project, journal, datasets, key, date: plan.date, slot: slotOf(first, plan), seed: plan.seed },
    source: plan.definition.source,
    from: sources.of(first),
    stagingDir: staging.dir,
    limitPages: plan.request.limitPages,
  });
  project.effects.progress.stop();
  const ready: ReadyDataset[] = [];
  for (const [index, dataset] of datasets.entries()) {
    const work = staged[index];
    if (work !== undefined) ready.push(await describeLanding(context, dataset, work));
  }
  return ready;
}

/** Makes all that was staged visible at once, under the lake's lock. */
export async function commitAll(
  { lake, effects }: Project,
  journal: Journal,
  staging: Staging,
  ready: readonly ReadyDataset[],
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

/** What the lake holds already, or held, may forbid this run. @throws E_KEY_CHANGED, E_EMBEDDED_OVER_REAL, E_PRUNED */
async function refuseUnfitting(
  { lake }: Project,
  plan: IngestPlan,
  sources: OpenSources,
  key: MasterKey,
): Promise<void> {
  const { datasets, date, request } = plan;
  const check = checkKey(key);
  const { checkpoints, horizons } = await lake.listKept();
  if (!request.force && request.limitPages === null) {
    refusePruned(
      horizons,
      datasets.map(({ name }) => name),
      date,
      LAND_PRUNED_AGAIN,
    );
  }
  for (const { model, keys } of checkpoints) {
    const isOther = keys.some(({ key_id, key_check }) => key_id === key.id && key_check !== check);
    if (isOther) throw failure('E_KEY_CHANGED', { key_id: key.id, partition: `the checkpoint of ${model}` });
  }
  for (const manifest of await lake.list()) {
    if (manifest.key_id === key.id && manifest.key_check !== check) {
      const partition = `${manifest.dataset} of ${manifest.date}`;
      throw failure('E_KEY_CHANGED', { key_id: key.id, partition });
    }
    const replacing = datasets.find(
      (dataset) => dataset.name === manifest.dataset && slotOf(dataset, plan) === manifest.slot,
    );
    const isEmbedded = manifest.date === date && replacing && sources.of(replacing).kind === 'embedded';
    if (isEmbedded && manifest.source.kind !== 'embedded' && !request.force) {
      throw failure('E_EMBEDDED_OVER_REAL', { date, dataset: manifest.dataset });
    }
  }
}
