import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { withInstance } from '../base/duckdb.js';
import { fileExists } from '../base/files/durable.js';
import { describeFile } from '../base/files/stored-file.js';
import type { Manifest } from '../base/types/manifest.js';
import { findKept, type Kept } from './checkpoint-file.js';
import { inspectCheckpoints } from './inspect-checkpoints.js';
import { inspectFile, inspectQuarantine, type Problem, problemOf } from './inspect-file.js';
import type { LandedColumn } from './landing-plan.js';
import { findManifest } from './manifest-file.js';
import {
  belongsTo,
  CHECKPOINTS,
  type Entry,
  folderOf,
  parseManifestPath,
  type PartitionKey,
  quarantinePath,
  walkZone,
} from './paths.js';

/** The columns of a manifest with their shapes; or, as text, why they are not available. */
export type ShapesOf = (manifest: Manifest) => readonly LandedColumn[] | string;

export interface Inspection {
  /** Number of inspected partitions. */
  readonly partitions: number;
  readonly files: number;
  readonly rows: number;
  readonly problems: readonly Problem[];
}

/** A partition's manifest, or why it cannot be read. */
interface Held {
  readonly path: string;
  readonly key: PartitionKey;
  readonly manifest: Manifest | null;
  readonly problems: readonly Problem[];
}

const MEMORY_MB = 400;
const THREADS = 2;

/**
 * Compares a lake's files, of one date or of all, with their manifests: rows, bytes, hashes, columns, shapes and
 * quarantine; also reports unknown files. Changes nothing and does not throw for problems that it finds.
 */
export async function inspectLake(
  root: string,
  date: string | null,
  shapesOf: ShapesOf,
): Promise<Inspection> {
  const [raw, quarantine] = [
    await walkZone(root, folderFor('raw', date)),
    await walkZone(root, folderFor('quarantine', date)),
  ];
  const held = await Promise.all(raw.filter(isManifest).map(({ path }) => hold(root, path)));
  const manifests = held.flatMap(({ manifest }) => (manifest === null ? [] : [manifest]));
  const inside = await inspectManifests(root, { manifests, kept: await findKept(root), date }, shapesOf);
  return {
    partitions: manifests.length,
    files: manifests.reduce((sum, { files }) => sum + files.length, 0),
    rows: manifests.reduce((sum, { counts }) => sum + counts.landed, 0),
    problems: [
      ...held.flatMap(({ problems }) => problems),
      ...inside,
      ...raw.flatMap((entry) => evaluateRawEntry(entry, held)),
      ...quarantine.flatMap((entry) => evaluateQuarantineEntry(entry, held)),
    ].sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path))),
  };
}

function folderFor(zone: 'raw' | 'quarantine', date: string | null): string {
  return date === null ? zone : folderOf(zone, date);
}

function isManifest({ path, kind }: Entry): boolean {
  return kind === 'file' && parseManifestPath(path) !== null;
}

async function hold(root: string, path: string): Promise<Held> {
  const key = parseManifestPath(path);
  if (key === null) throw new RangeError('a path was held for a manifest that is none');
  const found = await findManifest(root, path);
  if (found.kind === 'manifest') {
    return { path, key, manifest: found.manifest, problems: evaluateCounts(path, found.manifest) };
  }
  const problem: Problem =
    found.kind === 'missing'
      ? { path, problem: 'it is gone', risk: 'damage' }
      : problemOf(describeFile(path, found, null));
  return { path, key, manifest: null, problems: [problem] };
}

function evaluateCounts(path: string, { counts, files }: Manifest): Problem[] {
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const accounted = rows + counts.rejected + counts.duplicates + counts.forgotten;
  if (rows === counts.landed && accounted === counts.fetched) return [];
  return [{ path, problem: 'its counts do not add up', risk: 'damage' }];
}

interface Subject {
  readonly manifests: readonly Manifest[];
  readonly kept: Kept;
  readonly date: string | null;
}

async function inspectManifests(
  root: string,
  { manifests, kept, date }: Subject,
  shapesOf: ShapesOf,
): Promise<Problem[]> {
  const settings = {
    allowedDirectories: ['raw', 'quarantine', CHECKPOINTS].map((zone) => join(root, zone)),
    memoryLimitMb: MEMORY_MB,
    threads: THREADS,
  };
  return withInstance(settings, async (connection) => {
    const problems: Problem[] = [];
    for (const manifest of manifests) {
      problems.push(...(await inspectManifest(connection, root, manifest, shapesOf(manifest))));
      problems.push(...(await inspectRefused(connection, root, manifest, kept)));
    }
    if (date === null) problems.push(...(await inspectCheckpoints(connection, root, kept)));
    return problems;
  });
}

async function inspectManifest(
  connection: DuckDBConnection,
  root: string,
  manifest: Manifest,
  columns: readonly LandedColumn[] | string,
): Promise<Problem[]> {
  const folder = folderOf('raw', manifest.date);
  const problems: Problem[] = [];
  for (const file of manifest.files) {
    const path = `${folder}/${file.name}`;
    if (typeof columns === 'string') problems.push({ path, problem: columns, risk: 'damage' });
    else problems.push(...(await inspectFile(connection, root, { ...file, path }, columns)));
  }
  return problems;
}

/** The quarantine of a partition, which may have been pruned before the rest of it. */
async function inspectRefused(
  connection: DuckDBConnection,
  root: string,
  manifest: Manifest,
  { horizons }: Kept,
): Promise<Problem[]> {
  const { rejected } = manifest.counts;
  const path = quarantinePath(manifest);
  if (rejected === 0) return [];
  const horizon = horizons.find(({ dataset }) => dataset === manifest.dataset);
  const mayBeGone = manifest.date < (horizon?.quarantine_before ?? '');
  if (mayBeGone && !(await fileExists(join(root, path)))) return [];
  return inspectQuarantine(connection, root, path, rejected);
}

function evaluateRawEntry({ path, kind }: Entry, held: readonly Held[]): Problem[] {
  if (kind === 'link') return [{ path: showPath(path), problem: 'a link', risk: 'privacy' }];
  const owner = held.find(
    ({ key }) =>
      path.startsWith(`${folderOf('raw', key.date)}/`) &&
      belongsTo(key, path.slice(path.lastIndexOf('/') + 1)),
  );
  if (owner === undefined) return [foreign(path)];
  if (path === owner.path) return [];
  if (owner.manifest === null) return [unowned(path, owner)];
  const isNamed = owner.manifest.files.some(({ name }) => path.endsWith(`/${name}`));
  return isNamed ? [] : [foreign(path)];
}

function evaluateQuarantineEntry({ path, kind }: Entry, held: readonly Held[]): Problem[] {
  if (kind === 'link') return [{ path: showPath(path), problem: 'a link', risk: 'privacy' }];
  const owner = held.find(({ key }) => quarantinePath(key) === path);
  if (owner?.manifest === null) return [unowned(path, owner)];
  return owner !== undefined && owner.manifest.counts.rejected > 0 ? [] : [foreign(path)];
}

/** A file whose manifest cannot be read. */
function unowned(path: string, { problems }: Held): Problem {
  const isNewer = problems.every(({ risk }) => risk === 'newer');
  return { path, problem: 'its manifest cannot be read', risk: isNewer ? 'newer' : 'damage' };
}

function foreign(path: string): Problem {
  return { path: showPath(path), problem: 'no manifest names it', risk: 'privacy' };
}

/** The path of an unknown file, without parts that could be values or control characters. */
function showPath(path: string): string {
  return path
    .split('/')
    .map((part) => (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}$/.test(part) ? part : '<name withheld>'))
    .join('/');
}
