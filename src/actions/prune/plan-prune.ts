import { addDays, dateOf } from '../../base/dates/calendar.js';
import type { Checkpoint, KeyMark, RetentionMark } from '../../base/types/checkpoint.js';
import type { Manifest } from '../../base/types/manifest.js';
import type { Model } from '../../warehouse/models/model.js';
import { isStateful, listForgetful, traceModel } from '../../warehouse/models/trace-model.js';

/** A model that is saved as a checkpoint before its raw files are removed. */
export interface PlannedCheckpoint {
  readonly model: Model;
  readonly dataset: string;
  readonly sqlSha256: string;
  /** Partitions of the dataset to remove, and those to keep. */
  readonly going: readonly Manifest[];
  readonly staying: readonly Manifest[];
  readonly current: Checkpoint | null;
  readonly lastDate: string;
}

export interface PruneRefusal {
  readonly model: string;
  readonly reason: string;
}

/** The effect on the raw zone and the models that read it. */
export interface RawPlan {
  readonly partitions: readonly Manifest[];
  readonly checkpoints: readonly PlannedCheckpoint[];
  /** Models that lose the rows of the removed dates at the next transform. */
  readonly losing: readonly string[];
  readonly refused: readonly PruneRefusal[];
}

interface RawState {
  readonly manifests: readonly Manifest[];
  readonly checkpoints: readonly Checkpoint[];
  /** Each after what it reads. */
  readonly models: readonly Model[];
}

/** `--older-than 90d` removes everything before the date 90 days ago (UTC). */
export function firstKeptDate(now: Date, olderThanDays: number): string {
  return addDays(dateOf(now), -olderThanDays);
}

/** Partitions before `before`, of some datasets, of one pipeline or of all, with their effect on the models. Pure. */
export function planRaw(
  state: RawState,
  before: string,
  pipeline: string | null,
  only: readonly string[] | null = null,
): RawPlan {
  const { manifests, models } = state;
  const partitions = manifests.filter((one) => isOld(one, before, pipeline, only));
  const datasets = new Set(partitions.map(({ dataset }) => dataset));
  const plans = models.filter(isStateful).flatMap((model) => planModel(model, state, partitions) ?? []);
  return {
    partitions,
    checkpoints: plans.filter((plan) => 'lastDate' in plan),
    losing: listForgetful(datasets, models).map(({ name }) => name),
    refused: plans.filter((plan) => 'reason' in plan),
  };
}

/** @param only names of datasets; null for all of the pipeline */
export function isOld(
  manifest: Manifest,
  before: string,
  pipeline: string | null,
  only: readonly string[] | null = null,
): boolean {
  const isWanted = only === null || only.includes(manifest.dataset);
  return manifest.date < before && isWanted && (pipeline === null || manifest.pipeline === pipeline);
}

/** Null if the model reads none of the removed partitions. */
function planModel(
  model: Model,
  { manifests, checkpoints, models }: RawState,
  partitions: readonly Manifest[],
): PlannedCheckpoint | PruneRefusal | null {
  const { datasets, undated, sqlSha256 } = traceModel(model, models);
  if (!partitions.some((one) => datasets.includes(one.dataset))) return null;
  const refuse = (reason: string): PruneRefusal => ({ model: model.name, reason });
  const [dataset = '', ...others] = datasets;
  if (undated !== null) return refuse(`it reads ${undated}, whose rows have no date`);
  if (others.length > 0) return refuse(`it reads several datasets: ${datasets.join(', ')}`);
  const current = checkpoints.find((one) => one.model === model.name) ?? null;
  if (current !== null && current.sql_sha256 !== sqlSha256) {
    return refuse('its SQL changed after its checkpoint was created');
  }
  const going = partitions.filter((one) => one.dataset === dataset);
  const lastDate = going.reduce((last, { date }) => (date > last ? date : last), '');
  if (current !== null && lastDate < current.before) return null;
  const staying = manifests.filter((one) => one.dataset === dataset && !going.includes(one));
  return { model, dataset, sqlSha256, going, staying, current, lastDate };
}

/** Token keys of a checkpoint: those of its partitions and of the previous checkpoint. */
export function listKeys({ going, current }: PlannedCheckpoint): KeyMark[] {
  const marks = new Map((current?.keys ?? []).map((mark) => [mark.key_id, mark]));
  for (const { key_id, key_check } of going) {
    if (key_id !== null && key_check !== null) marks.set(key_id, { key_id, key_check });
  }
  return [...marks.values()].sort((a, b) => (a.key_id < b.key_id ? -1 : 1));
}

/** The retention mark of each dataset after these files are removed; a mark never moves back. */
export function planRetentionMarks(
  current: readonly RetentionMark[],
  gone: { readonly partitions: readonly Manifest[]; readonly quarantined: readonly Manifest[] },
  mark: Pick<RetentionMark, 'run_id' | 'pruned_at'> & { readonly before: string },
): RetentionMark[] {
  const { before, run_id, pruned_at } = mark;
  const raw = new Set(gone.partitions.map(({ dataset }) => dataset));
  const quarantine = new Set(gone.quarantined.map(({ dataset }) => dataset));
  return [...new Set([...raw, ...quarantine])].sort().map((dataset) => {
    const known = current.find((one) => one.dataset === dataset);
    const move = (from: string | null, isMoved: boolean): string | null =>
      isMoved && before > (from ?? '') ? before : from;
    return {
      format: 1,
      dataset,
      before: move(known?.before ?? null, raw.has(dataset)),
      quarantine_before: move(known?.quarantine_before ?? null, quarantine.has(dataset)),
      run_id,
      pruned_at,
    };
  });
}

export const PRUNE_ZONES = ['raw', 'ledger', 'quarantine'] as const;
type PruneZone = (typeof PRUNE_ZONES)[number];

/** The options of `pipeline prune`. */
export interface PruneRequest {
  /** Null for the whole lake, including pipelines without a definition. */
  readonly pipeline: string | null;
  /** Only these datasets of the pipeline; absent for all. */
  readonly datasets?: readonly string[];
  /** Dates before the date this many days ago (UTC) are old. */
  readonly olderThanDays: number;
  readonly what: readonly PruneZone[];
  /** False for a dry run. */
  readonly apply: boolean;
}
