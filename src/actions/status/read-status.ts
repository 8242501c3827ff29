import { compilePolicy } from '../../anonymize/compile-policy.js';
import { dateIn } from '../../base/dates/calendar.js';
import {
  type DateRange,
  findIncomplete,
  findMissing,
  type IncompleteDate,
} from '../../base/dates/date-ranges.js';
import { failure, type LakeveilError } from '../../base/errors.js';
import type { UnreadableFile } from '../../base/files/stored-file.js';
import type { DatasetDefinition } from '../../base/types/definition.js';
import type { Manifest } from '../../base/types/manifest.js';
import { commandsFor, type NextCommands } from '../../base/next-commands.js';
import type { Loss, LossKind, Survey } from '../../lake/survey.js';
import { findDefinition, type Project } from '../../project.js';
import { findLeftBehind, type LeftBehind } from '../../lake/find-left-behind.js';
import {
  findDue,
  findLate,
  findNewestLanding,
  findOverdue,
  type LateDate,
  type OverdueLanding,
} from '../../lake/find-late.js';
import { type KeyRange, listKeyRanges } from '../../lake/key-ranges.js';
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
export interface LostPartition {
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
  /** The newest date is older than the `freshness` check of the dataset allows; null if it is not. */
  readonly late: LateDate | null;
  /** The newest date landed longer ago than the `freshness` of the dataset allows; null if it did not. */
  readonly overdue: OverdueLanding | null;
  readonly counts: Readonly<Record<PartitionNote, number>>;
  readonly keys: readonly KeyRange[];
}

/** Commands that fix what a status lists; null where there is nothing to fix. */
export interface StatusCommands {
  /** Lands the current date. */
  readonly run: string;
  /** Lands the missing dates and hours of all datasets. */
  readonly fill: string | null;
  /** Lands the first lost partition of a dataset again, by dataset. */
  readonly restore: Readonly<Record<string, string>>;
  readonly build: string | null;
  /** Lands the partitions under an old policy again. */
  readonly renew: string | null;
}

type UnreadableStatus = Pick<UnreadableFile, 'path' | 'problem' | 'kind'> & { readonly remedy: string };

/** What `pipeline status --json` prints. */
export interface StatusReport extends LeftBehind {
  readonly pipeline: string;
  readonly from: string | null;
  readonly to: string;
  readonly commands: StatusCommands;
  readonly warehouse: 'none' | 'built';
  /** Files of the lake that cannot be used; what they hold is in no count. */
  readonly unreadable: readonly UnreadableStatus[];
  readonly datasets: readonly DatasetStatus[];
}

/** What is read of a lake and its tables to know the status of each pipeline. */
export interface LakeFacts extends LeftBehind {
  readonly survey: Survey;
  readonly built: BuiltFiles | null;
}

/** @throws E_NOT_A_DATABASE, E_DISK_READ */
export async function readLakeFacts(project: Project): Promise<LakeFacts> {
  const [survey, built] = [await project.lake.survey(), await readBuilt(project)];
  return { survey, built, ...(await findLeftBehind(project.lake.root)) };
}

/**
 * What has landed of a pipeline, compared with its definition and the tables. Read-only.
 * @throws E_UNKNOWN, E_USAGE for a range that ends before it starts, E_NOT_A_DATABASE
 */
export async function readStatus(project: Project, request: StatusRequest): Promise<StatusReport> {
  findDefinition(project, request.pipeline);
  if (request.from !== null && request.to !== null && request.from > request.to) {
    throw failure('E_USAGE', { what: '--from is later than --to', hint: 'swap the two dates' });
  }
  return describeStatus(project, request, await readLakeFacts(project), project.effects.now());
}

/** The status of one pipeline at a moment. Dates after today are not missing. Pure. @throws E_UNKNOWN */
export function describeStatus(
  project: Project,
  request: StatusRequest,
  { survey, built, ...left }: LakeFacts,
  now: Date,
): StatusReport {
  const definition = findDefinition(project, request.pipeline);
  const { pipeline, datasets, timezone } = definition;
  const today = dateIn(now, timezone);
  const to = request.to === null || request.to > today ? today : request.to;
  const manifests = survey.manifests.filter((manifest) => isWanted(manifest, request));
  const losses = survey.losses.filter(({ landing }) => isWanted(landing, request));
  const prunedBefore = new Map(survey.kept.horizons.map(({ dataset, before }) => [dataset, before]));
  const range = { from: request.from, to };
  const scope = { ...range, losses, limit: request.limit, now, timezone };
  const described = [...datasets.values()].map((dataset) =>
    describeDataset(dataset, manifests, built, {
      ...scope,
      prunedBefore: prunedBefore.get(dataset.name) ?? null,
    }),
  );
  return {
    pipeline,
    ...range,
    commands: nameCommands(commandsFor(definition, now), described),
    warehouse: built === null ? 'none' : 'built',
    unreadable: survey.unreadable.map(({ path, problem, kind, error: { remedy } }) => ({
      path,
      problem,
      kind,
      remedy,
    })),
    datasets: described.map(({ status }) => status),
    ...left,
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
  readonly timezone: string;
  readonly losses: readonly Loss[];
}

interface DescribedDataset {
  readonly status: DatasetStatus;
  /** The first and last date under an old policy; null if there is none. */
  readonly old: { readonly from: string; readonly to: string } | null;
}

function describeDataset(
  dataset: DatasetDefinition,
  all: readonly Manifest[],
  built: BuiltFiles | null,
  { from, to, limit, prunedBefore, now, timezone, losses }: StatusScope,
): DescribedDataset {
  const { sha256 } = compilePolicy(dataset, 'key');
  const own = all.filter((manifest) => manifest.dataset === dataset.name);
  const partitions = own.map((manifest) => describePartition(manifest, built, sha256)).sort(newestFirst);
  const sum = (field: 'rows' | 'bytes'): number => partitions.reduce((total, one) => total + one[field], 0);
  const count = (note: PartitionNote): number =>
    partitions.filter(({ notes }) => notes.includes(note)).length;
  const old = partitions.filter(({ notes }) => notes.includes('old_policy')).map(({ date }) => date);
  const [last, first] = [old[0], old.at(-1)];
  const status: DatasetStatus = {
    dataset: dataset.name,
    partitions: partitions.length,
    rows: sum('rows'),
    bytes: sum('bytes'),
    newest: partitions.slice(0, limit),
    pruned_before: prunedBefore,
    lost: losses.flatMap(({ kind, landing: { dataset: of, date, slot, rows, run_id } }) =>
      of === dataset.name ? [{ date, slot, rows, run_id, kind }] : [],
    ),
    missing: findMissing(
      new Set(own.map(({ date }) => date)),
      laterOf(from, prunedBefore),
      earlierOf(to, findDue(dataset, now, timezone)),
    ),
    incomplete: findIncomplete(own, now),
    late: findLate(dataset, partitions[0]?.date ?? null, now, timezone),
    overdue: findOverdue(dataset, findNewestLanding(partitions), now),
    counts: { not_built: count('not_built'), stale: count('stale'), old_policy: count('old_policy') },
    keys: listKeyRanges(own),
  };
  return { status, old: first === undefined || last === undefined ? null : { from: first, to: last } };
}

/** One command for all datasets, since the datasets of a date land together. */
function nameCommands(commands: NextCommands, datasets: readonly DescribedDataset[]): StatusCommands {
  const all = datasets.map(({ status }) => status);
  const landed = all.filter(({ partitions }) => partitions > 0);
  const fill = spanOf([
    ...landed.flatMap(({ missing }) => missing.flatMap(({ from, to }) => [from, to])),
    ...landed.flatMap(({ incomplete }) => incomplete.map(({ date }) => date)),
  ]);
  const renew = spanOf(datasets.flatMap(({ old }) => (old === null ? [] : [old.from, old.to])));
  const restore = all.flatMap(({ dataset, lost: [first] }) =>
    first === undefined ? [] : [[dataset, commands.run(nameMoment(first))] as const],
  );
  return {
    run: commands.run(null),
    fill: fill === null ? null : commands.backfill(fill),
    restore: Object.fromEntries(restore),
    build: all.some(({ counts }) => counts.not_built + counts.stale > 0) ? commands.transform : null,
    renew: renew === null ? null : commands.backfill(renew, true),
  };
}

function spanOf(dates: readonly string[]): { readonly from: string; readonly to: string } | null {
  const sorted = dates.toSorted();
  const [from, to] = [sorted[0], sorted.at(-1)];
  return from === undefined || to === undefined ? null : { from, to };
}

function earlierOf(to: string, due: string | null): string {
  return due !== null && due < to ? due : to;
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

/** `2026-11-20`, or `2026-11-20T13` for an hour. */
export function nameMoment({ date, slot }: Pick<PartitionStatus, 'date' | 'slot'>): string {
  return slot === null ? date : `${date}T${slot}`;
}

function newestFirst(a: PartitionStatus, b: PartitionStatus): number {
  const [left, right] = [`${a.date} ${a.slot ?? ''}`, `${b.date} ${b.slot ?? ''}`];
  return left < right ? 1 : -1;
}
