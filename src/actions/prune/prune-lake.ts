import { failure } from '../../base/errors.js';
import { countOf, formatBytes } from '../../base/text/numbers.js';
import { ALL_PIPELINES, type PrunedZone } from '../../base/types/run-record.js';
import type { Staging } from '../../base/types/staging.js';
import type { Removal } from '../../lake/removal.js';
import { type RunContext, withRun } from '../../ledger/run-context.js';
import type { Project } from '../../project.js';
import { type GatheredPrune, gatherPrune } from './gather-prune.js';
import { landCheckpoints } from './land-checkpoints.js';
import { planHorizons, type PruneRefusal, type PruneRequest } from './plan-prune.js';

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

interface PrunedCheckpoint {
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

/** What a plan amounts to that cannot be carried out; null if it can. */
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
  const told = landed.map(({ model, last_date, file }) => ({ model, last_date, rows: file.rows }));
  return report(gathered, 'pruned', context.runId, told);
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

/** What goes or went, by zone and dataset; what becomes of the models; and what to type next. */
export function formatPrune({ status, before, zones, checkpoints, losing, refused }: PruneReport): string {
  if (status === 'nothing') return `Nothing is older than ${before}.`;
  const isDone = status === 'pruned';
  return [
    isDone ? `Pruned what was before ${before}:` : `Would prune what is before ${before}:`,
    ...zones.map(describeZone),
    ...checkpoints.map(({ model, last_date, rows }) => {
      const count = rows === null ? '' : `, ${countOf(rows, 'row')}`;
      return `  checkpoint  ${model}, as it was on ${last_date}${count}`;
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
  if (!isDone) return 'Nothing was changed. Add --yes to carry it out.';
  const hasRaw = zones.some(({ zone }) => zone === 'raw');
  return hasRaw ? 'The tables follow with `pipeline transform`.' : 'The tables stay as they are.';
}
