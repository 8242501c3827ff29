import type { Checkpoint, RetentionMark } from '../base/types/checkpoint.js';
import type { Tombstone, Unfinished } from '../base/types/erasure.js';
import type { LandedMonth, Landing } from '../base/types/landed.js';
import type { Manifest } from '../base/types/manifest.js';
import { fileOfCheckpoint } from './checkpoint-file.js';
import { tombstonePath, unfinishedPath } from './forgotten-file.js';
import type { Intent } from './intent.js';
import { landedPath, landingOf, mergeMonth, monthOf } from './landed-file.js';
import { checkpointPath, folderOf, manifestPath, quarantinePath, retentionMarkPath } from './paths.js';

/** What an erasure takes out of a lake besides whole partitions, and what it leaves there. */
export interface Erasure {
  /** Partitions as they are without the rows, with the staged name of each file that was written again. */
  readonly rewritten: readonly Rewritten[];
  /** Checkpoints that go whole. */
  readonly dropped: readonly Checkpoint[];
  readonly tombstone: Tombstone;
  /** Earlier tombstones that it takes the place of. */
  readonly replaced: readonly Tombstone[];
  readonly unfinished: Unfinished;
  /** What is recorded of partitions that go whole. */
  readonly lost: NonNullable<Landing['lost']>;
}

export interface Rewritten {
  readonly manifest: Manifest;
  /** Names of its files that were written again, and of the same in staging. */
  readonly files: readonly { readonly name: string; readonly staged: string; readonly sha256: string }[];
}

/** What a prune or an erasure takes out of a lake, and what it puts there instead. */
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
  /** Null for a prune. */
  readonly erasure: Erasure | null;
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
  const { partitions, quarantined, entries, checkpoints, replaced, horizons, erasure } = removal;
  const months = erasure === null ? planMonths(removal, landed) : planErasedMonths(removal, erasure, landed);
  const dropped = erasure?.dropped ?? [];
  return {
    format: 1,
    run_id: runId,
    staging,
    moves: [
      ...(erasure?.rewritten ?? []).flatMap(movesOf),
      ...checkpoints.map((checkpoint) => ({
        from: stagedCheckpoint(checkpoint.model),
        to: fileOfCheckpoint(checkpoint),
        sha256: checkpoint.file.sha256,
      })),
    ],
    manifests: (erasure?.rewritten ?? []).map(({ manifest }) => ({ path: manifestPath(manifest), manifest })),
    landed: months
      .filter((month) => month.partitions.length > 0)
      .map((month) => ({ path: landedPath(month.month), month })),
    checkpoints: checkpoints.map((checkpoint) => ({ path: checkpointPath(checkpoint.model), checkpoint })),
    horizons: horizons.map((horizon) => ({ path: retentionMarkPath(horizon.dataset), horizon })),
    tombstones: listTombstone(erasure),
    unfinished: listUnfinished(erasure),
    archives: [],
    removes: [
      ...months.filter(({ partitions: { length } }) => length === 0).map(({ month }) => landedPath(month)),
      ...partitions.map(manifestPath),
      ...partitions.flatMap(filesOf),
      ...[...partitions, ...quarantined].map(quarantinePath),
      ...replaced.map(fileOfCheckpoint),
      ...dropped.map(({ model }) => checkpointPath(model)),
      ...dropped.map(fileOfCheckpoint),
      ...(erasure?.replaced ?? []).map((one) => tombstonePath(one.erasure)),
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

/** The months with the partitions as they are now. What is removed whole is a loss that was accepted. */
function planErasedMonths(
  { partitions }: Removal,
  { rewritten, lost }: Erasure,
  landed: readonly Landing[],
): LandedMonth[] {
  const changed = [
    ...rewritten.map(({ manifest }) => landingOf(manifest)),
    ...partitions.map((manifest) => ({ ...landingOf(manifest), lost })),
  ];
  return [...new Set(changed.map(monthOf))].sort().map((month) => {
    const known = landed.filter((landing) => monthOf(landing) === month);
    return mergeMonth(
      month,
      known,
      changed.filter((landing) => monthOf(landing) === month),
    );
  });
}

function movesOf({ manifest: { date }, files }: Rewritten): Intent['moves'] {
  return files.map(({ name, staged, sha256 }) => ({
    from: staged,
    to: `${folderOf('raw', date)}/${name}`,
    sha256,
  }));
}

function listTombstone(erasure: Erasure | null): Intent['tombstones'] {
  if (erasure === null) return [];
  const { tombstone } = erasure;
  return [{ path: tombstonePath(tombstone.erasure), tombstone }];
}

function listUnfinished(erasure: Erasure | null): Intent['unfinished'] {
  if (erasure === null) return [];
  const { unfinished } = erasure;
  return [{ path: unfinishedPath(unfinished.erasure), erasure: unfinished }];
}

function filesOf({ date, files }: Manifest): string[] {
  return files.map(({ name }) => `${folderOf('raw', date)}/${name}`);
}
