import type { Manifest } from '../../base/types/manifest.js';
import type { PrunedZone } from '../../base/types/run-record.js';
import type { Kept } from '../../lake/checkpoint-file.js';
import { listOldEntries, type OldEntry } from '../../ledger/read-runs.js';
import { findDefinition, type Project } from '../../project.js';
import { loadWarehouseProject, type WarehouseProject as WarehouseProject } from '../../warehouse/project.js';
import { knownIn, listPipelines } from '../transform/transform-dates.js';
import { firstKeptDate, isOld, planRaw, type PruneRequest, type RawPlan } from './plan-prune.js';

/** What a prune would remove, with the data that the plan is based on. */
export interface GatheredPrune {
  readonly before: string;
  readonly raw: RawPlan;
  /** Partitions that are kept but lose their quarantine files. */
  readonly quarantined: readonly Manifest[];
  readonly entries: readonly OldEntry[];
  readonly zones: readonly PrunedZone[];
  readonly kept: Kept;
  readonly warehouse: WarehouseProject;
}

/** One item to remove, of one date. */
interface RemovedItem {
  readonly dataset: string | null;
  readonly date: string;
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
}

/** Reads the lake, the ledger and the models, and plans what to remove. Read-only. @throws E_UNKNOWN, E_MODEL */
export async function gatherPrune(project: Project, request: PruneRequest): Promise<GatheredPrune> {
  const { lake, config, effects } = project;
  const { pipeline, what, datasets = null } = request;
  if (pipeline !== null) findDefinition(project, pipeline);
  const before = firstKeptDate(effects.now(), request.olderThanDays);
  const kept = await lake.listKept();
  const warehouse = await loadWarehouseProject(listPipelines(project), knownIn(project));
  const manifests = await lake.list();
  const old = manifests.filter((manifest) => isOld(manifest, before, pipeline, datasets));
  const state = { manifests, checkpoints: kept.checkpoints, models: warehouse.models };
  const raw = what.includes('raw') ? planRaw(state, before, pipeline, datasets) : NOTHING;
  const wantsQuarantine = what.includes('raw') || what.includes('quarantine');
  const refused = wantsQuarantine ? await measureQuarantine(project, old) : new Map<Manifest, RemovedItem>();
  const entries = what.includes('ledger') ? await listOldEntries(config.lakeDir, before, pipeline) : [];
  return {
    before,
    raw,
    entries,
    kept,
    warehouse,
    quarantined: raw.partitions.length > 0 ? [] : [...refused.keys()],
    zones: [
      ...sumUp('raw', raw.partitions.map(describePartition)),
      ...sumUp('quarantine', [...refused.values()]),
      ...sumUp('ledger', entries.map(describeEntry)),
    ],
  };
}

const NOTHING: RawPlan = { partitions: [], checkpoints: [], losing: [], refused: [] };

async function measureQuarantine(
  { lake }: Project,
  old: readonly Manifest[],
): Promise<Map<Manifest, RemovedItem>> {
  const found = new Map<Manifest, RemovedItem>();
  for (const manifest of old) {
    const bytes = await lake.measureQuarantine(manifest);
    const { dataset, date, counts } = manifest;
    if (bytes !== null) found.set(manifest, { dataset, date, files: 1, rows: counts.rejected, bytes });
  }
  return found;
}

function describePartition({ dataset, date, files, counts }: Manifest): RemovedItem {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { dataset, date, files: files.length, rows: counts.landed, bytes };
}

function describeEntry({ date, bytes }: OldEntry): RemovedItem {
  return { dataset: null, date, files: 1, rows: 0, bytes };
}

/** One entry per dataset, by name. */
function sumUp(zone: PrunedZone['zone'], going: readonly RemovedItem[]): PrunedZone[] {
  const names = [...new Set(going.map(({ dataset }) => dataset))].sort();
  return names.map((dataset) => {
    const own = going.filter((one) => one.dataset === dataset);
    const dates = own.map(({ date }) => date).sort();
    const sum = (field: 'files' | 'rows' | 'bytes'): number =>
      own.reduce((total, one) => total + one[field], 0);
    return {
      zone,
      dataset,
      partitions: own.length,
      files: sum('files'),
      rows: sum('rows'),
      bytes: sum('bytes'),
      from: dates[0] ?? '',
      to: dates.at(-1) ?? '',
    };
  });
}
