import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '../base/types/manifest.js';
import type { Partition } from '../base/types/run-record.js';
import type { LandedMonth } from '../base/types/landed.js';
import type { ArchiveMove } from './archive.js';
import type { Intent } from './intent.js';
import { landedPath, landingOf, mergeMonth, monthOf, nameKey } from './landed-file.js';
import { folderOf, manifestPath, type PartitionKey, partitionPath, quarantinePath } from './paths.js';

/** A file in the run's staging folder, by base name. */
export interface StagedFile {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a run would land for one dataset and date. */
export interface StagedDataset {
  readonly key: PartitionKey;
  /** Parts in order; at least one. */
  readonly files: readonly StagedFile[];
  readonly quarantine: StagedFile | null;
  /** The manifest, but for the files' names, which the commit gives. */
  readonly manifest: Omit<Manifest, 'files'>;
}

/** A staged dataset beside what the lake holds for its key. */
export interface Replacement {
  readonly staged: StagedDataset;
  readonly current: Manifest | null;
  /** SHA-256 of the quarantine file that lies there, null if there is none. */
  readonly currentQuarantine: string | null;
}

/** Where the parts of a dataset lie once landed. */
export function partitionsOf({ key, files }: StagedDataset): Partition[] {
  return files.map(({ rows, bytes, sha256 }, i) => ({
    path: partitionPath(key, files.length === 1 ? null : i + 1),
    rows,
    bytes,
    sha256,
  }));
}

/** The same bytes under the same decisions: files and manifest may stay. */
export function isUnchanged({ staged, current, currentQuarantine }: Replacement): boolean {
  if (current === null || currentQuarantine !== (staged.quarantine?.sha256 ?? null)) return false;
  return isDeepStrictEqual(lastingFacts(manifestOf(staged)), lastingFacts(current));
}

/** A manifest without what differs from run to run, as it reads from disk. */
function lastingFacts(manifest: Manifest): unknown {
  return JSON.parse(
    JSON.stringify({ ...manifest, run_id: '', landed_at: '', tool_version: '', revision: undefined }),
  );
}

/** All moves, manifests and removals of a commit. `known` are the months as they are recorded. Pure. */
export function planCommit(
  runId: string,
  staging: string,
  {
    replacements,
    known,
    archives = [],
  }: {
    readonly replacements: readonly Replacement[];
    readonly known: readonly LandedMonth[];
    readonly archives?: readonly ArchiveMove[];
  },
  receipt: unknown,
): Intent {
  const landings = replacements.map(({ staged }) => landingOf(manifestOf(staged)));
  return {
    format: 1,
    run_id: runId,
    staging,
    moves: replacements.flatMap(({ staged }) => movesOf(staged)),
    manifests: replacements.map(({ staged }) => ({
      path: manifestPath(staged.key),
      manifest: manifestOf(staged),
    })),
    landed: known.map(({ month, partitions }) => ({
      path: landedPath(month),
      month: mergeMonth(
        month,
        partitions,
        landings.filter((landing) => monthOf(landing) === month),
      ),
    })),
    checkpoints: [],
    horizons: [],
    tombstones: [],
    unfinished: [],
    archives,
    removes: replacements.flatMap(removesOf),
    receipt,
  };
}

function movesOf(staged: StagedDataset): Intent['moves'] {
  const parts = partitionsOf(staged).map(({ path, sha256 }, i) => ({
    from: staged.files[i]?.name ?? '',
    to: path,
    sha256,
  }));
  const { quarantine, key } = staged;
  if (quarantine === null) return parts;
  return [...parts, { from: quarantine.name, to: quarantinePath(key), sha256: quarantine.sha256 }];
}

/** Files of the partition's last state that the new one does not write over. */
function removesOf({ staged, current, currentQuarantine }: Replacement): string[] {
  const written = new Set(partitionsOf(staged).map(({ path }) => path));
  const folder = folderOf('raw', staged.key.date);
  const stale = (current?.files ?? [])
    .map(({ name }) => `${folder}/${name}`)
    .filter((path) => !written.has(path));
  const isStale = staged.quarantine === null && currentQuarantine !== null;
  return isStale ? [...stale, quarantinePath(staged.key)] : stale;
}

function manifestOf(staged: StagedDataset): Manifest {
  const files = partitionsOf(staged).map(({ path, rows, bytes, sha256 }) => ({
    name: path.slice(path.lastIndexOf('/') + 1),
    rows,
    bytes,
    sha256,
  }));
  const { format, pipeline, dataset, date, slot, run_id, ...rest } = staged.manifest;
  return { format, pipeline, dataset, date, slot, run_id, files, ...rest };
}

/** Whether the manifest that is there is of the run that landed last. Otherwise the same bytes land again. */
export function isRecorded({ current }: Replacement, known: readonly LandedMonth[]): boolean {
  if (current === null) return false;
  const own = known
    .flatMap(({ partitions }) => partitions)
    .find((landing) => nameKey(landing) === nameKey(current));
  return own?.run_id === current.run_id && own.lost === null;
}
