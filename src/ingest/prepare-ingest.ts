import { existsSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { checkKey, type MasterKey } from '../anonymize/keys.js';
import { assertPatterns } from '../anonymize/patterns.js';
import { inspectMasterKey, loadMasterKey } from '../base/config/key.js';
import { failure, LakeveilError } from '../base/errors.js';
import type { DatasetDefinition } from '../base/types/definition.js';
import type { Manifest } from '../base/types/manifest.js';
import type { Counts } from '../base/types/run-record.js';
import type { Project } from '../project.js';
import { type Forgotten, readForgotten } from './forgotten.js';
import { describeSources, type SourceKinds } from './open-source.js';
import { assertNotPruned, type IngestPlan, LAND_PRUNED_AGAIN, slotOf } from './plan-ingest.js';

/** What an ingest needs, found before it is in the ledger and before any request to a source. */
export interface PreparedIngest {
  readonly plan: IngestPlan;
  readonly key: MasterKey;
  /** The counts of what it would replace, by dataset. */
  readonly replaced: ReadonlyMap<string, Counts>;
  /** People who were erased, and who do not land again. */
  readonly forgotten: Forgotten;
}

/**
 * Checks whether the configuration and the lake allow an ingest: an ingest that cannot start is no run.
 * @throws E_KEY_MISSING, E_KEY_INVALID, E_KEY_CHANGED, E_EMBEDDED_OVER_REAL, E_PRUNED, E_PATTERN, E_USAGE
 */
export async function prepareIngest(project: Project, plan: IngestPlan): Promise<PreparedIngest> {
  return naming(plan, async () => {
    for (const dataset of plan.datasets) await assertPatterns(dataset);
    assertArchives(project, plan);
    const sources = describeSources(plan.baseUrl, plan.datasets);
    const key = await loadMasterKey(project.config, { loopbackOnly: sources.isLoopback });
    const replaced = assertFits(await readLake(project), plan, sources, key);
    const { config, effects } = project;
    const forgotten = await readForgotten(config, plan.datasets, key, effects.now());
    return { plan, key, replaced, forgotten };
  });
}

/** Wherever the settings put them: an archive is not masked, and what it holds stays. */
function assertArchives({ config }: Project, { datasets }: IngestPlan): void {
  const own = [config.lakeDir, dirname(config.databasePath), config.sqlDir, config.pipelinesDir];
  for (const { name, request } of datasets) {
    if (request.archive === null) continue;
    const archive = resolve(config.projectDir, request.archive);
    if (!own.some((dir) => archive === dir || archive.startsWith(`${dir}${sep}`))) continue;
    const what = 'the archive would be in the lake, the warehouse folder, sql/ or pipelines/';
    throw failure(
      'E_USAGE',
      { what, hint: 'write a folder of its own, such as `archive: data/archive`' },
      { dataset: name },
    );
  }
}

/** The same checks for several plans, without a local key being created. @throws as `prepareIngest` */
export async function assertAllowed(project: Project, plans: readonly IngestPlan[]): Promise<void> {
  const state = await readLake(project);
  for (const plan of plans) {
    await naming(plan, async () => {
      for (const dataset of plan.datasets) await assertPatterns(dataset);
      const sources = describeSources(plan.baseUrl, plan.datasets);
      assertFits(state, plan, sources, await peekKey(project, sources));
    });
  }
}

/** The key that a run would use; null for a local key that a run would create. */
async function peekKey({ config }: Project, { isLoopback }: SourceKinds): Promise<MasterKey | null> {
  const named = await inspectMasterKey(config);
  if (named !== null) return named;
  const isNew = (isLoopback || config.key.allowLocal) && !existsSync(config.key.localKeyPath);
  return isNew ? null : loadMasterKey(config, { loopbackOnly: isLoopback });
}

async function naming<T>({ definition: { pipeline } }: IngestPlan, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof LakeveilError ? error.at({ pipeline }) : error;
  }
}

async function readLake({ lake }: Project) {
  return { kept: await lake.listKept(), manifests: await lake.list() };
}

/** What the lake holds already, or held, may forbid an ingest. Returns the counts of what it would replace. Pure. */
function assertFits(
  { kept: { checkpoints, horizons }, manifests }: Awaited<ReturnType<typeof readLake>>,
  plan: IngestPlan,
  sources: SourceKinds,
  key: MasterKey | null,
): ReadonlyMap<string, Counts> {
  const { datasets, date, request } = plan;
  if (!request.force && request.limitPages === null) {
    const names = datasets.map(({ name }) => name);
    assertNotPruned(horizons, names, date, LAND_PRUNED_AGAIN);
  }
  if (key !== null) assertSameKey(key, checkpoints, manifests);
  const replaced = new Map<string, Counts>();
  for (const manifest of manifests) {
    const replacing = datasets.find((dataset) => isReplaced(manifest, dataset, plan));
    if (replacing === undefined) continue;
    replaced.set(replacing.name, manifest.counts);
    const isEmbedded = sources.kindOf(replacing) === 'embedded' && manifest.source.kind !== 'embedded';
    if (isEmbedded && !request.force) {
      throw failure('E_EMBEDDED_OVER_REAL', { date, dataset: manifest.dataset });
    }
  }
  return replaced;
}

function isReplaced(manifest: Manifest, dataset: DatasetDefinition, plan: IngestPlan): boolean {
  return (
    manifest.date === plan.date &&
    dataset.name === manifest.dataset &&
    slotOf(dataset, plan) === manifest.slot
  );
}

type Checkpoints = Awaited<ReturnType<Project['lake']['listKept']>>['checkpoints'];

/** @throws E_KEY_CHANGED */
function assertSameKey(key: MasterKey, checkpoints: Checkpoints, manifests: readonly Manifest[]): void {
  const check = checkKey(key);
  for (const { model, keys } of checkpoints) {
    const isOther = keys.some(({ key_id, key_check }) => key_id === key.id && key_check !== check);
    if (isOther) throw failure('E_KEY_CHANGED', { key_id: key.id, partition: `the checkpoint of ${model}` });
  }
  const other = manifests.find(({ key_id, key_check }) => key_id === key.id && key_check !== check);
  if (other === undefined) return;
  throw failure('E_KEY_CHANGED', { key_id: key.id, partition: `${other.dataset} of ${other.date}` });
}
