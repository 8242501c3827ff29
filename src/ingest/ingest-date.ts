import { failure } from '../base/errors.js';
import type { Arrival } from '../base/types/arrival.js';
import type { DatasetDefinition } from '../base/types/definition.js';
import type { Counts, DatasetResult } from '../base/types/run-record.js';
import type { RunContext } from '../ledger/run-context.js';
import type { Project } from '../project.js';
import { createAuthorization } from '../source/authorization.js';
import { createPace } from '../source/pace.js';
import type { DatasetsOfPages } from '../source/request-text.js';
import type { StagedWork } from './dataset-ingest.js';
import { describeLanding, type IngestWork, type ReadyDataset } from './describe-landing.js';
import { assertNoneForgotten, type Forgotten } from './forgotten.js';
import { readLastSuccess } from './last-success.js';
import { openSources } from './open-source.js';
import { groupByPages, type IngestPlan, slotOf } from './plan-ingest.js';
import type { PreparedIngest } from './prepare-ingest.js';
import { stageDatasets } from './stage-datasets.js';
import type { StagingWork } from './staging-work.js';

/** Fetches, checks, masks and lands all datasets of a pipeline for one date, visible together or not at all. */
export async function ingestDate(
  project: Project,
  { plan, key, replaced, forgotten }: PreparedIngest,
  context: RunContext,
): Promise<readonly DatasetResult[]> {
  const sources = await openSources(plan.baseUrl, plan.datasets);
  try {
    const since = await readLastSuccess(project, plan);
    try {
      const arrivals: Arrival[] = [];
      const onArrivals = (found: readonly Arrival[]): void => void arrivals.push(...found);
      const ready = await stageAll({ project, plan, context, sources, key, since, forgotten }, onArrivals);
      assertNoDrop(plan, ready, replaced);
      return plan.request.limitPages === null
        ? await commitAll(project, context, ready, forgotten, arrivals)
        : ready.map(({ result }) => ({ ...result, partition: null, partitions: [] }));
    } finally {
      await context.staging.clear();
    }
  } finally {
    await sources.close();
  }
}

/** One source after the other: each has the whole machine and all of the source's concurrency. */
async function stageAll(ingest: IngestWork, onArrivals: StagingWork['onArrivals']): Promise<ReadyDataset[]> {
  const { project, plan } = ingest;
  const { source } = plan.definition;
  const shared = {
    onArrivals,
    pace: createPace(source.rateLimit, project.effects),
    authorization: createAuthorization(source, project.effects),
  };
  const ready: ReadyDataset[] = [];
  const parents = new Map<string, readonly unknown[]>();
  for (const datasets of groupByPages(plan.datasets)) {
    for (const { dataset, work } of await stageGroup(ingest, { ...shared, parents }, datasets)) {
      parents.set(dataset.name, work.parents);
      ready.push(await describeLanding(ingest, dataset, work));
    }
  }
  return ready;
}

async function stageGroup(
  ingest: IngestWork,
  shared: Pick<StagingWork, 'pace' | 'authorization' | 'onArrivals'> & {
    readonly parents: ReadonlyMap<string, readonly unknown[]>;
  },
  datasets: DatasetsOfPages,
): Promise<{ readonly dataset: DatasetDefinition; readonly work: StagedWork }[]> {
  const { project, plan, context, key, sources } = ingest;
  const [first] = datasets;
  const { pagination } = first.request;
  project.effects.progress.start(first.name, pagination.type === 'seed' ? pagination.total : null);
  const staged = await stageDatasets({
    ...shared,
    project,
    context,
    datasets,
    key,
    date: plan.date,
    slot: slotOf(first, plan),
    timezone: plan.definition.timezone,
    since: ingest.since.get(first.name) ?? null,
    seed: plan.seed,
    source: plan.definition.source,
    from: sources.of(first),
    stagingDir: context.staging.dir,
    limitPages: plan.request.limitPages,
    workers: plan.workers,
    parents: first.forEach === null ? null : (shared.parents.get(first.forEach.dataset) ?? []),
    forgotten: ingest.forgotten,
    parentFieldsOf: (name) => listParentFields(plan.datasets, name),
  });
  project.effects.progress.stop();
  return datasets.flatMap((dataset, index) => {
    const work = staged[index];
    return work === undefined ? [] : [{ dataset, work }];
  });
}

/** Fields of a dataset's records by which others are requested; null if none is. */
function listParentFields(
  datasets: readonly DatasetDefinition[],
  name: string,
): readonly (readonly string[])[] | null {
  const children = datasets.flatMap(({ forEach }) => (forEach?.dataset === name ? forEach.fields : []));
  return datasets.some(({ forEach }) => forEach?.dataset === name) ? children : null;
}

/** Makes all that was staged visible at once, under the lake's lock. @throws E_FORGOTTEN, and as `commit` */
export async function commitAll(
  { lake, effects }: Project,
  context: RunContext,
  ready: readonly ReadyDataset[],
  forgotten: Forgotten,
  arrivals: readonly Arrival[] = [],
): Promise<readonly DatasetResult[]> {
  effects.signal.throwIfAborted();
  return lake.exclusively(`run ${context.runId}`, async (recovery) => {
    context.recordRecovery(recovery);
    context.datasets = ready.map(({ result }) => result);
    const staged = ready.map((dataset) => dataset.staged);
    const names = ready.map(({ result }) => result.dataset);
    await assertNoneForgotten(lake.root, forgotten, names, effects.now());
    const unchanged = await lake.commit(
      context.staging,
      context.runId,
      staged,
      context.preview(effects.now()),
      arrivals,
    );
    context.datasets = ready.map(({ result }) => ({ ...result, unchanged: unchanged.has(result.dataset) }));
    return context.datasets;
  });
}

/**
 * Refuses to replace a landed date by far fewer rows, or by none, whatever the source says. Where the count was asked
 * for, it is no surprise.
 * @throws E_FEWER_ROWS
 */
function assertNoDrop(
  { datasets, date, request }: IngestPlan,
  ready: readonly ReadyDataset[],
  replaced: ReadonlyMap<string, Counts>,
): void {
  if (request.force || request.limitPages !== null) return;
  for (const { name, maxDrop, request: asked } of datasets) {
    const before = replaced.get(name);
    const result = ready.find(({ result: { dataset } }) => dataset === name)?.result;
    if (before === undefined || result === undefined || asked.pagination.type === 'seed') continue;
    const [landed, got] = [before.landed + before.forgotten, result.landed + result.forgotten];
    const isFewer = got === 0 ? landed > 0 : got < landed * (1 - maxDrop);
    if (isFewer) throw failure('E_FEWER_ROWS', { date, dataset: name, landed, got }, { dataset: name });
  }
}
