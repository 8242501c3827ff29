import type { Checkpoint, RetentionMark } from '../base/types/checkpoint.js';
import type { Manifest } from '../base/types/manifest.js';
import { fileOfCheckpoint } from './checkpoint-file.js';
import type { Intent } from './intent.js';
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
export function planRemoval(runId: string, staging: string, removal: Removal, receipt: unknown): Intent {
  const { partitions, quarantined, entries, checkpoints, replaced, horizons } = removal;
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
    checkpoints: checkpoints.map((checkpoint) => ({ path: checkpointPath(checkpoint.model), checkpoint })),
    horizons: horizons.map((horizon) => ({ path: retentionMarkPath(horizon.dataset), horizon })),
    removes: [
      ...partitions.map(manifestPath),
      ...partitions.flatMap(filesOf),
      ...[...partitions, ...quarantined].map(quarantinePath),
      ...replaced.map(fileOfCheckpoint),
      ...entries,
    ],
    receipt,
  };
}

function filesOf({ date, files }: Manifest): string[] {
  return files.map(({ name }) => `${folderOf('raw', date)}/${name}`);
}
