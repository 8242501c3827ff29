import type { Checkpoint, RetentionMark } from '../base/types/checkpoint.js';
import type { LandedMonth, Landing } from '../base/types/landed.js';
import type { Manifest } from '../base/types/manifest.js';
import { fileOfCheckpoint } from './checkpoint-file.js';
import type { Intent } from './intent.js';
import { landedPath, mergeMonth, monthOf } from './landed-file.js';
import { checkpointPath, folderOf, manifestPath, quarantinePath, retentionMarkPath } from './paths.js';

/** What a prune takes out of a lake, and what it puts there instead. */
export interface Removal {
  /** Partitions that go, with their quarantine files. */
  readonly partitions: readonly Manifest[];
  /** Partitions whose quarantine files alone go. */
  readonly quarantined: readonly Manifest[];
  /** Entries of the ledger, relative to the lake's root. */
  readonly entries: readonly string[];
  /** Whose files lie in staging under their model's name and `.parquet`. */
  readonly checkpoints: readonly Checkpoint[];
  /** Checkpoints that those take the place of. */
  readonly replaced: readonly Checkpoint[];
  readonly horizons: readonly RetentionMark[];
}

/** Base name of a checkpoint's file while it is staged. */
export function stagedCheckpoint(model: string): string {
  return `${model}.parquet`;
}

/**
 * A removal as one commit: checkpoints and horizons first; then manifests before the files that they name, so that no
 * manifest ever names a file that is gone. Pure.
 */
export function planRemoval(
  runId: string,
  staging: string,
  { removal, landed }: { readonly removal: Removal; readonly landed: readonly Landing[] },
  receipt: unknown,
): Intent {
  const { partitions, quarantined, entries, checkpoints, replaced, horizons } = removal;
  const months = planMonths(removal, landed);
  return {
    format: 1,
    run_id: runId,
    staging,
    moves: checkpoints.map((checkpoint) => ({
      from: stagedCheckpoint(checkpoint.model),
      to: fileOfCheckpoint(checkpoint),
      sha256: checkpoint.file.sha256,
    })),
    manifests: [],
    landed: months
      .filter((month) => month.partitions.length > 0)
      .map((month) => ({ path: landedPath(month.month), month })),
    checkpoints: checkpoints.map((checkpoint) => ({ path: checkpointPath(checkpoint.model), checkpoint })),
    horizons: horizons.map((horizon) => ({ path: retentionMarkPath(horizon.dataset), horizon })),
    archives: [],
    removes: [
      ...months.filter(({ partitions: { length } }) => length === 0).map(({ month }) => landedPath(month)),
      ...partitions.map(manifestPath),
      ...partitions.flatMap(filesOf),
      ...[...partitions, ...quarantined].map(quarantinePath),
      ...replaced.map(fileOfCheckpoint),
      ...entries,
    ],
    receipt,
  };
}

/** The months that lose partitions: what is pruned is not lost. So is what was lost before, of the same dates. */
function planMonths({ partitions, horizons }: Removal, landed: readonly Landing[]): LandedMonth[] {
  const pruned = new Set(partitions.map(({ dataset }) => dataset));
  const isPruned = ({ dataset, date }: Landing): boolean =>
    pruned.has(dataset) && date < (horizons.find((one) => one.dataset === dataset)?.before ?? '');
  return [...new Set(landed.filter(isPruned).map(monthOf))].sort().map((month) => {
    const kept = landed.filter((landing) => monthOf(landing) === month && !isPruned(landing));
    return mergeMonth(month, kept, []);
  });
}

function filesOf({ date, files }: Manifest): string[] {
  return files.map(({ name }) => `${folderOf('raw', date)}/${name}`);
}
