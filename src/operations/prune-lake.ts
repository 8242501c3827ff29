import { failure } from '../errors.js';
import type { Removal } from '../lake/removal.js';
import type { Staging } from '../lake/staging.js';
import type { Project } from '../project.js';
import { ALL_PIPELINES } from '../run-record.js';
import type { PrunedZone } from '../run-record.js';
import { gatherPrune } from './gather-prune.js';
import type { GatheredPrune } from './gather-prune.js';
import type { Journal } from './journal.js';
import { journaled } from './journal.js';
import { landCheckpoints } from './land-checkpoints.js';
import type { PruneRefusal } from './plan-prune.js';
import { planHorizons } from './plan-prune.js';
import type { PruneRequest } from './prune-request.js';

/** What `pipeline prune --json` prints. */
export interface PruneReport {
  /** Null for a dry run, which is not in the ledger. */
  readonly run_id: string | null;
  readonly status: 'planned' | 'pruned' | 'nothing';
  /** The first date that stays. */
  readonly before: string;
  readonly zones: readonly PrunedZone[];
  readonly checkpoints: readonly PrunedCheckpoint[];
  /** Models that lose the rows of these dates at the next transform. */
  readonly losing: readonly string[];
  readonly refused: readonly PruneRefusal[];
}

export interface PrunedCheckpoint {
  readonly model: string;
  readonly last_date: string;
  /** Null in a dry run. */
  readonly rows: number | null;
}

/**
 * Takes out what is older than so many days, as one commit: models that remember what raw files told are landed as
 * checkpoints first, and proven to give the same tables. Tables follow at the next transform.
 * @throws E_UNKNOWN, E_MODEL; E_PRUNE_REFUSED with the lake as it was
 */
export async function pruneLake(project: Project, request: PruneRequest): Promise<PruneReport> {
  if (!request.apply) {
    const gathered = await gatherPrune(project, request);
    return report(gathered, gathered.zones.length === 0 ? 'nothing' : 'planned', null, []);
  }
  const pipeline = request.pipeline ?? ALL_PIPELINES;
  return journaled(project, { command: 'prune', pipeline, date: null, slot: null }, async (journal) => {
    const { staging } = journal;
    try {
      return await project.lake.exclusively(`prune ${journal.runId}`, async (found) => {
        journal.noteFound(found);
        return carryOut(project, journal, staging, await gatherPrune(project, request));
      });
    } finally {
      await staging.clear();
    }
  });
}

/** What a plan amounts to that cannot be carried out; null if it can. */
export function judgePrune({ refused }: Pick<PruneReport, 'refused'>) {
  const [first, ...others] = refused;
  if (first === undefined) return null;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const where = { model: first.model, stage: 'prune' };
  return failure('E_PRUNE_REFUSED', { model: first.model, reason: `${first.reason}${more}` }, where);
}

async function carryOut(
  project: Project,
  journal: Journal,
  staging: Staging,
  gathered: GatheredPrune,
): Promise<PruneReport> {
  const refused = judgePrune(gathered.raw);
  if (refused !== null) throw refused;
  if (gathered.zones.length === 0) {
    journal.pruned = [];
    return report(gathered, 'nothing', journal.runId, []);
  }
  const landed = await landCheckpoints(project, journal.runId, staging, gathered);
  const removal = describeRemoval(project, journal.runId, gathered, landed);
  project.effects.signal.throwIfAborted();
  journal.pruned = gathered.zones;
  await project.lake.remove(staging, journal.runId, removal, journal.preview(project.effects.now()));
  const told = landed.map(({ model, last_date, file }) => ({ model, last_date, rows: file.rows }));
  return report(gathered, 'pruned', journal.runId, told);
}

function describeRemoval(
  { effects }: Project,
  runId: string,
  { raw, quarantined, entries, kept, before }: GatheredPrune,
  checkpoints: Removal['checkpoints'],
): Removal {
  const { partitions } = raw;
  const mark = { before, run_id: runId, pruned_at: effects.now().toISOString() };
  return {
    partitions,
    quarantined,
    entries: entries.map(({ path }) => path),
    checkpoints,
    replaced: raw.checkpoints.flatMap(({ current }) => current ?? []),
    horizons: planHorizons(kept.horizons, { partitions, quarantined }, mark),
  };
}

function report(
  { before, zones, raw }: GatheredPrune,
  status: PruneReport['status'],
  runId: string | null,
  landed: readonly PrunedCheckpoint[],
): PruneReport {
  const planned = raw.checkpoints.map(({ model, lastDate }) => ({
    model: model.name,
    last_date: lastDate,
    rows: null,
  }));
  const checkpoints = status === 'pruned' ? landed : planned;
  return {
    run_id: runId,
    status,
    before,
    zones,
    checkpoints,
    losing: raw.losing,
    refused: raw.refused,
  };
}
