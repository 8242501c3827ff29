import { failure } from '../../base/errors.js';
import { countOf, formatBytes } from '../../base/text/numbers.js';
import { ALL_PIPELINES, type PrunedZone } from '../../base/types/run-record.js';
import type { Staging } from '../../base/types/staging.js';
import type { Removal } from '../../lake/removal.js';
import { type RunContext, withRun } from '../../ledger/run-context.js';
import type { Project } from '../../project.js';
import { type GatheredPrune, gatherPrune } from './gather-prune.js';
import { landCheckpoints } from './land-checkpoints.js';
import { planRetentionMarks, type PruneRefusal, type PruneRequest } from './plan-prune.js';

/** What `pipeline prune --json` prints. */
export interface PruneReport {
  /** Null for a dry run, which the ledger does not record. */
  readonly run_id: string | null;
  readonly status: 'planned' | 'pruned' | 'nothing';
  /** The first date that is kept. */
  readonly before: string;
  readonly zones: readonly PrunedZone[];
  readonly checkpoints: readonly PrunedCheckpoint[];
  /** Models that lose the rows of these dates at the next transform. */
  readonly losing: readonly string[];
  readonly refused: readonly PruneRefusal[];
}

interface PrunedCheckpoint {
  readonly model: string;
  readonly last_date: string;
  /** Null in a dry run. */
  readonly rows: number | null;
}

/**
 * Removes old data in one commit. Stateful models are first saved as checkpoints that are proven to give the same tables.
 * The next transform updates the tables.
 * @throws E_UNKNOWN, E_MODEL; E_PRUNE_REFUSED, which leaves the lake unchanged
 */
export async function pruneLake(project: Project, request: PruneRequest): Promise<PruneReport> {
  if (!request.apply) {
    const gathered = await gatherPrune(project, request);
    return report(gathered, gathered.zones.length === 0 ? 'nothing' : 'planned', null, []);
  }
  const pipeline = request.pipeline ?? ALL_PIPELINES;
  return withRun(project, { command: 'prune', pipeline, date: null, slot: null }, async (context) => {
    const { staging } = context;
    try {
      return await project.lake.exclusively(`prune ${context.runId}`, async (recovery) => {
        context.recordRecovery(recovery);
        return carryOut(project, context, staging, await gatherPrune(project, request));
      });
    } finally {
      await staging.clear();
    }
  });
}

/** The error of a plan that cannot be applied; null if it can. */
export function evaluatePrune({ refused }: Pick<PruneReport, 'refused'>) {
  const [first, ...others] = refused;
  if (first === undefined) return null;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const where = { model: first.model, stage: 'prune' };
  return failure('E_PRUNE_REFUSED', { model: first.model, reason: `${first.reason}${more}` }, where);
}

async function carryOut(
  project: Project,
  context: RunContext,
  staging: Staging,
  gathered: GatheredPrune,
): Promise<PruneReport> {
  const refused = evaluatePrune(gathered.raw);
  if (refused !== null) throw refused;
  if (gathered.zones.length === 0) {
    context.pruned = [];
    return report(gathered, 'nothing', context.runId, []);
  }
  const landed = await landCheckpoints(project, context.runId, staging, gathered);
  const removal = describeRemoval(project, context.runId, gathered, landed);
  project.effects.signal.throwIfAborted();
  context.pruned = gathered.zones;
  await project.lake.remove(staging, context.runId, removal, context.preview(project.effects.now()));
  const checkpoints = landed.map(({ model, last_date, file }) => ({ model, last_date, rows: file.rows }));
  return report(gathered, 'pruned', context.runId, checkpoints);
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
    horizons: planRetentionMarks(kept.horizons, { partitions, quarantined }, mark),
    erasure: null,
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

/** The removed data by zone and dataset, the effect on models, and the next command. */
export function formatPrune({ status, before, zones, checkpoints, losing, refused }: PruneReport): string {
  if (status === 'nothing') return `Nothing is older than ${before}.`;
  const isDone = status === 'pruned';
  return [
    isDone ? `Pruned data before ${before}:` : `Would prune data before ${before}:`,
    ...zones.map(describeZone),
    ...checkpoints.map(({ model, last_date, rows }) => {
      const count = rows === null ? '' : `, ${countOf(rows, 'row')}`;
      return `  checkpoint  ${model}, as of ${last_date}${count}`;
    }),
    ...losing.map((model) => `  shrinks     ${model}, at the next transform`),
    ...refused.map(({ model, reason }) => `  refused     ${model}: ${reason}`),
    '',
    formatNext(isDone, zones),
  ].join('\n');
}

function describeZone({ zone, dataset, partitions, files, rows, bytes, from, to }: PrunedZone): string {
  const what =
    zone === 'ledger'
      ? countOf(files, 'run')
      : `${dataset ?? ''}, ${countOf(partitions, 'partition')}, ${countOf(files, 'file')}, ${countOf(rows, 'row')}`;
  const span = from === to ? from : `${from} to ${to}`;
  return `  ${zone.padEnd(12)}${what}, ${formatBytes(bytes)}, ${span}`;
}

function formatNext(isDone: boolean, zones: readonly PrunedZone[]): string {
  if (!isDone) return 'Dry run: nothing was changed. Add --yes to remove the data.';
  const hasRaw = zones.some(({ zone }) => zone === 'raw');
  return hasRaw ? 'Update the tables with `pipeline transform`.' : 'The tables are unchanged.';
}
