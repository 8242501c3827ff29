import { dateIn } from '../base/dates/calendar.js';
import { failure } from '../base/errors.js';
import type { RetentionMark } from '../base/types/checkpoint.js';
import type { DatasetDefinition, Definition } from '../base/types/definition.js';
import { findDefinition, type Project } from '../project.js';
import type { DatasetsOfPages } from '../source/request-text.js';
import { ONE_PROCESS, type Workers } from './staging-work.js';

/** The options of `run` and `ingest`; null for options that are not given. */
export interface IngestRequest {
  readonly pipeline: string;
  /** `YYYY-MM-DD`, already validated. */
  readonly date: string;
  /** The hour, `00` to `23`, of datasets that land by the hour; for today, null is the current one (UTC). */
  readonly slot: string | null;
  /** One dataset of the pipeline only. */
  readonly dataset: string | null;
  /** In place of the definition's `base_url`: `embedded` or a URL. */
  readonly source: string | null;
  /** Seed of the run, for `time: seeded`; the date, with the hour if there is one, if null. */
  readonly seed: string | null;
  /** Replace real data by embedded data. */
  readonly force: boolean;
  /** Take today's state of a snapshot for another date. */
  readonly asOfNow: boolean;
  /** Try the source with so many pages and land nothing. */
  readonly limitPages: number | null;
  /** Processes that take pages side by side, where pages can be planned; by default this one alone. */
  readonly workers?: Workers;
}

/** What will be fetched, and as what. */
export interface IngestPlan {
  readonly request: IngestRequest;
  readonly definition: Definition;
  readonly datasets: readonly DatasetDefinition[];
  readonly date: string;
  /** The hour, for those of the datasets that land by the hour; null if none does. */
  readonly slot: string | null;
  readonly seed: string;
  /** `embedded` or a URL. */
  readonly baseUrl: string;
  /** Today, in the source's time zone, if a snapshot is taken for another date. */
  readonly asOf: string | null;
  readonly workers: Workers;
}

/** Decides what an ingest will do. @throws E_UNKNOWN, E_DATE_SNAPSHOT, E_SLOT, E_SLOT_MISSING before anything is started */
export function planIngest(project: Project, request: IngestRequest): IngestPlan {
  const definition = findDefinition(project, request.pipeline);
  const today = dateIn(project.effects.now(), definition.timezone);
  const datasets = chooseDatasets(definition, request.dataset);
  const snapshot = datasets.find(({ time }) => time === 'snapshot');
  if (snapshot !== undefined && request.date !== today && !request.asOfNow) {
    throw failure('E_DATE_SNAPSHOT', { dataset: snapshot.name, date: request.date });
  }
  const slot = chooseSlot(definition.pipeline, datasets, request, project.effects.now());
  return {
    request,
    definition,
    datasets,
    date: request.date,
    slot,
    seed: request.seed ?? (slot === null ? request.date : `${request.date}T${slot}`),
    baseUrl: request.source ?? definition.source.baseUrl,
    asOf: snapshot !== undefined && request.date !== today ? today : null,
    workers: request.workers ?? ONE_PROCESS,
  };
}

/** The datasets by the pages that they are made of, in the order of the first of each; parents come first. */
export function groupByPages(datasets: readonly DatasetDefinition[]): DatasetsOfPages[] {
  const groups = new Map<string, DatasetsOfPages>();
  for (const dataset of datasets) {
    const owner = dataset.of ?? dataset.name;
    const group = groups.get(owner);
    groups.set(owner, group === undefined ? [dataset] : [...group, dataset]);
  }
  const left = [...groups.values()];
  const sorted: DatasetsOfPages[] = [];
  while (left.length > 0) {
    const next = left.findIndex(
      ([{ forEach }]) => !left.flat().some(({ name }) => name === forEach?.dataset),
    );
    sorted.push(...left.splice(Math.max(0, next), 1));
  }
  return sorted;
}

/** The hour that a dataset of the plan lands for; null if it lands once a date. */
export function slotOf({ slot }: DatasetDefinition, plan: IngestPlan): string | null {
  return slot === null ? null : plan.slot;
}

function chooseSlot(
  pipeline: string,
  datasets: readonly DatasetDefinition[],
  { date, slot }: IngestRequest,
  now: Date,
): string | null {
  const hourly = datasets.find((dataset) => dataset.slot === 'hour');
  if (hourly === undefined) {
    if (slot === null) return null;
    throw failure('E_SLOT', { pipeline, date });
  }
  if (slot !== null) return slot;
  const [today, time] = now.toISOString().split('T');
  if (date === today) return time?.slice(0, 2) ?? null;
  throw failure('E_SLOT_MISSING', { dataset: hourly.name, date });
}

/** With the datasets by whose records they are requested. */
function chooseDatasets({ datasets }: Definition, requested: string | null): DatasetDefinition[] {
  if (requested === null) return [...datasets.values()];
  if (!datasets.has(requested)) {
    throw failure('E_UNKNOWN', { kind: 'dataset', known: [...datasets.keys()].join(', ') });
  }
  const names = new Set<string>();
  for (let name: string | undefined = requested; name !== undefined;) {
    names.add(name);
    name = datasets.get(name)?.forEach?.dataset;
  }
  return [...datasets.values()].filter((dataset) => names.has(dataset.name));
}

/**
 * Rejects a date whose raw files were pruned: a checkpoint holds their data, which would be counted twice or lost.
 * @throws E_PRUNED
 */
export function assertNotPruned(
  horizons: readonly RetentionMark[],
  datasets: readonly string[],
  date: string,
  fix: string,
): void {
  const mark = horizons.find(({ dataset, before }) => datasets.includes(dataset) && date < (before ?? ''));
  if (mark === undefined) return;
  const { dataset, before } = mark;
  throw failure('E_PRUNED', { date, dataset, before: before ?? '', fix }, { dataset });
}

export const LAND_PRUNED_AGAIN =
  'with `--force` it lands again, for models that show what is landed; those that start from a checkpoint pass it over';
