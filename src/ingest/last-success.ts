import type { DatasetDefinition } from '../base/types/definition.js';
import type { RunRecord } from '../base/types/run-record.js';
import { readRuns } from '../ledger/read-runs.js';
import type { Project } from '../project.js';
import { type IngestPlan, slotOf } from './plan-ingest.js';

/**
 * What `{last_success}` stands for, by dataset: the start of the newest successful run of an earlier date, less the
 * overlap, or `initial` if there is none. A date that has landed is asked for from the same instant again, which its
 * manifest holds.
 */
export async function readLastSuccess(
  project: Project,
  plan: IngestPlan,
): Promise<ReadonlyMap<string, string>> {
  const since = new Map<string, string>();
  for (const dataset of plan.datasets) {
    if (dataset.request.since === null || dataset.of !== null) continue;
    since.set(
      dataset.name,
      (await findLanded(project, plan, dataset)) ?? (await findBefore(project, plan, dataset)),
    );
  }
  return since;
}

async function findLanded(
  { lake }: Project,
  plan: IngestPlan,
  dataset: DatasetDefinition,
): Promise<string | null> {
  const slot = slotOf(dataset, plan);
  const manifests = await lake.list();
  const landed = manifests.find(
    (manifest) => manifest.dataset === dataset.name && manifest.date === plan.date && manifest.slot === slot,
  );
  return landed?.since ?? null;
}

async function findBefore(
  { config }: Project,
  plan: IngestPlan,
  dataset: DatasetDefinition,
): Promise<string> {
  const { overlapMs, initial } = dataset.request.since ?? { overlapMs: 0, initial: '' };
  const { runs } = await readRuns(config.lakeDir, 1, (run) => isBefore(run, plan, dataset.name));
  const [run] = runs;
  return run === undefined ? initial : new Date(Date.parse(run.started_at) - overlapMs).toISOString();
}

/** A run that fetched the dataset for an earlier date or hour, and landed it. */
function isBefore(
  { status, pipeline, date, slot, datasets }: RunRecord,
  plan: IngestPlan,
  name: string,
): boolean {
  if (status !== 'succeeded' && status !== 'unchanged') return false;
  const isEarlier = date !== null && `${date}T${slot ?? ''}` < `${plan.date}T${plan.slot ?? ''}`;
  return (
    pipeline === plan.definition.pipeline &&
    isEarlier &&
    datasets.some(({ dataset, partition }) => dataset === name && partition !== null)
  );
}
