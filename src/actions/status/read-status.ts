import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { compilePolicy } from '../../anonymize/compile-policy.js';
import {
  type DateRange,
  findIncomplete,
  findMissing,
  type IncompleteDate,
} from '../../base/dates/date-ranges.js';
import { failure, type LakeveilError } from '../../base/errors.js';
import { listFolder } from '../../base/files/durable.js';
import type { UnreadableFile } from '../../base/files/stored-file.js';
import type { DatasetDefinition } from '../../base/types/definition.js';
import type { Manifest } from '../../base/types/manifest.js';
import { tryLock } from '../../lake/lock.js';
import type { Loss, LossKind } from '../../lake/survey.js';
import { findDefinition, type Project, todayOf } from '../../project.js';
import { type BuiltFiles, isInTables, namePartition, readBuilt } from './read-built.js';

/** The options of `status`; null where an option is not given. */
interface StatusRequest {
  readonly pipeline: string;
  readonly from: string | null;
  readonly to: string | null;
  /** Partitions to list per dataset; totals cover all of them. */
  readonly limit: number;
}

/** Why a partition needs attention: the tables do not match it, or its masking policy is outdated. */
export type PartitionNote = 'not_built' | 'stale' | 'old_policy';

export interface PartitionStatus {
  readonly date: string;
  readonly slot: string | null;
  readonly rows: number;
  readonly rejected: number;
  readonly bytes: number;
  readonly source: Manifest['source']['kind'];
  readonly landed_at: string;
  readonly notes: readonly PartitionNote[];
}

/** What run landed a partition that is gone, or that is another one now. */
interface LostPartition {
  readonly date: string;
  readonly slot: string | null;
  readonly rows: number;
  readonly run_id: string;
  readonly kind: LossKind;
}

export interface DatasetStatus {
  readonly dataset: string;
  readonly partitions: number;
  readonly rows: number;
  readonly bytes: number;
  /** The newest ones, newest first. */
  readonly newest: readonly PartitionStatus[];
  /** The first date whose raw files are not pruned; null if none are. Earlier dates are not missing. */
  readonly pruned_before: string | null;
  /** Partitions that are not as they last landed. */
  readonly lost: readonly LostPartition[];
  /** Dates without landed data in the selected range. */
  readonly missing: readonly DateRange[];
  /** For hourly datasets: dates with some hours landed and others missing. */
  readonly incomplete: readonly IncompleteDate[];
  readonly counts: Readonly<Record<PartitionNote, number>>;
}

type UnreadableStatus = Pick<UnreadableFile, 'path' | 'problem' | 'kind'> & { readonly remedy: string };

/** What `pipeline status --json` prints. */
export interface StatusReport extends LeftBehind {
  readonly pipeline: string;
  readonly from: string | null;
  readonly to: string;
  /** Whether a dataset is a snapshot, so that another date can only be fetched as of now. */
  readonly has_snapshot: boolean;
  readonly warehouse: 'none' | 'built';
  /** Files of the lake that cannot be used; what they hold is in no count. */
  readonly unreadable: readonly UnreadableStatus[];
  readonly datasets: readonly DatasetStatus[];
}

/**
 * What has landed of a pipeline, compared with its definition and the tables. Read-only.
 * @throws E_UNKNOWN, E_USAGE for a range that ends before it starts, E_NOT_A_DATABASE
 */
export async function readStatus(project: Project, request: StatusRequest): Promise<StatusReport> {
  const { pipeline, datasets } = findDefinition(project, request.pipeline);
  const to = request.to ?? todayOf(project, pipeline);
  if (request.from !== null && request.from > to) {
    throw failure('E_USAGE', { what: '--from is later than --to', hint: 'swap the two dates' });
  }
  const survey = await project.lake.survey();
  const manifests = survey.manifests.filter((manifest) => isWanted(manifest, request));
  const losses = survey.losses.filter(({ landing }) => isWanted(landing, request));
  const built = await readBuilt(project);
  const { horizons } = survey.kept;
  const prunedBefore = new Map(horizons.map(({ dataset, before }) => [dataset, before]));
  const range = { from: request.from, to };
  return {
    pipeline,
    ...range,
    has_snapshot: [...datasets.values()].some(({ time }) => time === 'snapshot'),
    warehouse: built === null ? 'none' : 'built',
    unreadable: survey.unreadable.map(({ path, problem, kind, error: { remedy } }) => ({
      path,
      problem,
      kind,
      remedy,
    })),
    datasets: [...datasets.values()].map((dataset) =>
      describeDataset(dataset, manifests, built, {
        ...range,
        losses,
        limit: request.limit,
        prunedBefore: prunedBefore.get(dataset.name) ?? null,
        now: project.effects.now(),
      }),
    ),
    ...(await findLeftBehind(project.lake.root)),
  };
}

/** The error of a report that leaves out files that cannot be used; null if it is complete. */
export function evaluateStatus({ unreadable }: StatusReport): LakeveilError | null {
  const [first] = unreadable;
  if (first === undefined) return null;
  const { path, problem, kind, remedy } = first;
  return kind === 'newer'
    ? failure('E_LAKE_NEWER', { path, what: problem })
    : failure('E_LAKE_FILE', { path, kind: problem, fix: remedy });
}

function isWanted({ date }: Pick<Manifest, 'date'>, { from, to }: StatusRequest): boolean {
  return (from === null || date >= from) && (to === null || date <= to);
}

interface StatusScope {
  readonly from: string | null;
  readonly to: string;
  readonly limit: number;
  readonly prunedBefore: string | null;
  readonly now: Date;
  readonly losses: readonly Loss[];
}

function describeDataset(
  dataset: DatasetDefinition,
  all: readonly Manifest[],
  built: BuiltFiles | null,
  { from, to, limit, prunedBefore, now, losses }: StatusScope,
): DatasetStatus {
  const { sha256 } = compilePolicy(dataset, 'key');
  const own = all.filter((manifest) => manifest.dataset === dataset.name);
  const partitions = own.map((manifest) => describePartition(manifest, built, sha256)).sort(newestFirst);
  const sum = (field: 'rows' | 'bytes'): number => partitions.reduce((total, one) => total + one[field], 0);
  const count = (note: PartitionNote): number =>
    partitions.filter(({ notes }) => notes.includes(note)).length;
  return {
    dataset: dataset.name,
    partitions: partitions.length,
    rows: sum('rows'),
    bytes: sum('bytes'),
    newest: partitions.slice(0, limit),
    pruned_before: prunedBefore,
    lost: losses.filter(({ landing }) => landing.dataset === dataset.name).map(describeLoss),
    missing: findMissing(new Set(own.map(({ date }) => date)), laterOf(from, prunedBefore), to),
    incomplete: findIncomplete(own, now),
    counts: { not_built: count('not_built'), stale: count('stale'), old_policy: count('old_policy') },
  };
}

function describeLoss({ kind, landing: { date, slot, rows, run_id } }: Loss): LostPartition {
  return { date, slot, rows, run_id, kind };
}

/** A prune does not move a range that starts with the first landed date. */
function laterOf(from: string | null, prunedBefore: string | null): string | null {
  return from !== null && prunedBefore !== null && prunedBefore > from ? prunedBefore : from;
}

/** Compares a partition with the tables and the current policy of its dataset. */
export function describePartition(
  manifest: Manifest,
  built: BuiltFiles | null,
  policySha256: string,
): PartitionStatus {
  const { date, slot, files, counts, source, landed_at } = manifest;
  const notes: PartitionNote[] = [];
  if (built?.has(namePartition(manifest)) !== true) notes.push('not_built');
  else if (!isInTables(manifest, built)) notes.push('stale');
  if (manifest.policy_sha256 !== policySha256) notes.push('old_policy');
  const bytes = files.reduce((total, file) => total + file.bytes, 0);
  const { landed: rows, rejected } = counts;
  return { date, slot, rows, rejected, bytes, source: source.kind, landed_at, notes };
}

function newestFirst(a: PartitionStatus, b: PartitionStatus): number {
  const [left, right] = [`${a.date} ${a.slot ?? ''}`, `${b.date} ${b.slot ?? ''}`];
  return left < right ? 1 : -1;
}

/** Leftovers of stopped runs in the lake; the next commit or `verify` cleans them up. */
interface LeftBehind {
  /** Runs that stopped after the commit started and before it completed. */
  readonly unfinished_commits: readonly string[];
  /** Runs that were killed before the commit and left staged files. */
  readonly dead_staging: readonly string[];
  /** Runs in progress. */
  readonly at_work: readonly string[];
}

const RUN_ID = /^[0-9a-f-]{36}$/;

/** Read-only. A staging folder is dead if no process holds its lock. @throws E_DISK_READ, E_DISK */
export async function findLeftBehind(lakeDir: string): Promise<LeftBehind> {
  const committed = (await listFolder(join(lakeDir, '_commits'))).map((name) => name.replace(/\.json$/, ''));
  const [dead, working]: [string[], string[]] = [[], []];
  for (const runId of (await listFolder(join(lakeDir, '_staging'))).filter((name) => RUN_ID.test(name))) {
    if (committed.includes(runId)) continue;
    ((await isHeld(join(lakeDir, '_staging', `${runId}.lock.duckdb`))) ? working : dead).push(runId);
  }
  return {
    unfinished_commits: committed.filter((name) => RUN_ID.test(name)),
    dead_staging: dead,
    at_work: working,
  };
}

async function isHeld(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return false;
  const lock = await tryLock(path, 'status');
  await lock?.release();
  return lock === null;
}
