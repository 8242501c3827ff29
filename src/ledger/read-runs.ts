import { type Dirent, readdirSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../base/errors.js';
import { readFailure } from '../base/files/durable.js';
import { DocumentCache } from '../base/files/document-cache.js';
import { readSmallFile } from '../base/files/small-file.js';
import { parseStored } from '../base/files/stored-file.js';
import { type RunRecord, runRecordSchema } from '../base/types/run-record.js';
import { isRunId, LEDGER_FOLDER, ledgerPath } from './run-id.js';

/** A run, or a file that is not a valid entry; `path` is below the lake, with forward slashes. */
type LedgerEntry =
  | { readonly kind: 'run'; readonly path: string; readonly run: RunRecord }
  | { readonly kind: 'skipped'; readonly path: string; readonly why: 'link' | 'torn' | 'foreign' | 'newer' };

/** The newest runs, and the names of skipped files. */
export interface LedgerPage {
  readonly runs: readonly RunRecord[];
  readonly skipped: readonly string[];
}

/** A record has a few kilobytes; larger files are not records. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Every entry of the ledger, newest first, read day by day as the caller goes on. Unfinished drafts of a write are
 * ignored; a link, a partial file and an unknown file are returned as `skipped`.
 * @param before id of a run: only older ones are given, and newer ones not read; null for all
 * @param cache null to parse every entry
 * @throws E_DISK_READ if a folder cannot be read
 */
export async function* listRuns(
  lakeDir: string,
  before: string | null = null,
  cache: LedgerCache | null = null,
): AsyncGenerator<LedgerEntry, void, undefined> {
  const root = await lstat(join(lakeDir, LEDGER_FOLDER)).catch(() => null);
  if (root?.isSymbolicLink() === true) yield { kind: 'skipped', path: LEDGER_FOLDER, why: 'link' };
  else yield* walk(lakeDir, LEDGER_FOLDER, [/^\d{4}$/, /^\d{2}$/, /^\d{2}$/], { before, cache });
}

/** At most `limit` runs that `wanted` holds for, newest first; only those older than the run `before`, if one is named. */
export async function readRuns(
  lakeDir: string,
  limit: number,
  wanted: (run: RunRecord) => boolean = () => true,
  before: string | null = null,
): Promise<LedgerPage> {
  const runs: RunRecord[] = [];
  const skipped: string[] = [];
  if (limit <= 0) return { runs, skipped };
  for await (const entry of listRuns(lakeDir, before)) {
    if (entry.kind === 'skipped') skipped.push(entry.path);
    else if (wanted(entry.run)) runs.push(entry.run);
    if (runs.length >= limit) break;
  }
  return { runs, skipped };
}

/** In the cache of the warehouse. */
export function openLedgerCache(databasePath: string, toolVersion: string): LedgerCache {
  return DocumentCache.open(join(dirname(databasePath), '.cache', 'runs.jsonl'), toolVersion);
}

/** Entries that were parsed before, by path; a new or changed file is parsed whatever it holds. */
export type LedgerCache = DocumentCache<RunRecord>;

/** All runs, newest first, of which only those are parsed that the cache does not have. @throws E_DISK_READ */
export async function readAllRuns(lakeDir: string, cache: LedgerCache): Promise<readonly RunRecord[]> {
  const runs: RunRecord[] = [];
  const paths: string[] = [];
  for await (const entry of listRuns(lakeDir, null, cache)) {
    if (entry.kind === 'skipped') continue;
    runs.push(entry.run);
    paths.push(entry.path);
  }
  await cache.save(paths);
  return runs;
}

/** One run; null if the ledger does not have it or its entry is not valid. */
export async function readRun(lakeDir: string, runId: string): Promise<RunRecord | null> {
  const entry = await readEntry(lakeDir, ledgerPath(runId), runId);
  return entry?.kind === 'run' ? entry.run : null;
}

async function* walk(
  lakeDir: string,
  folder: string,
  levels: readonly RegExp[],
  scope: { readonly before: string | null; readonly cache: LedgerCache | null },
): AsyncGenerator<LedgerEntry, void, undefined> {
  const [level, ...below] = levels;
  for (const item of readFolder(lakeDir, folder)) {
    const path = `${folder}/${item.name}`;
    if (item.isSymbolicLink()) yield { kind: 'skipped', path, why: 'link' };
    else if (level === undefined) {
      if (scope.before === null || item.name < scope.before)
        yield* readItem(lakeDir, path, item, scope.cache);
    } else if (item.isDirectory() && level.test(item.name)) yield* walk(lakeDir, path, below, scope);
    else yield { kind: 'skipped', path, why: 'foreign' };
  }
}

async function* readItem(
  lakeDir: string,
  path: string,
  item: Dirent,
  cache: LedgerCache | null,
): AsyncGenerator<LedgerEntry, void, undefined> {
  if (item.name.startsWith('.') && item.name.endsWith('.tmp')) return;
  const runId = item.name.replace(/\.json$/, '');
  if (!item.isFile() || !isRunId(runId) || ledgerPath(runId) !== path) {
    yield { kind: 'skipped', path, why: 'foreign' };
    return;
  }
  const run = cache?.find(path, join(lakeDir, path));
  if (run !== undefined) {
    yield { kind: 'run', path, run };
    return;
  }
  const stats = cache?.look(join(lakeDir, path));
  const entry = await readEntry(lakeDir, path, runId);
  if (entry?.kind === 'run') cache?.add(path, stats, entry.run);
  if (entry !== null) yield entry;
}

/** Newest first, since names of days and ids sort by time. */
function readFolder(lakeDir: string, folder: string): Dirent[] {
  return listItems(lakeDir, folder).sort((a, b) => (a.name < b.name ? 1 : -1));
}

/** Not by promises, which cost more than the folders of a year do. */
function listItems(lakeDir: string, folder: string): Dirent[] {
  try {
    return readdirSync(join(lakeDir, folder), { withFileTypes: true });
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? [] : readFailure(folder)(error);
  }
}

async function readEntry(lakeDir: string, path: string, runId: string): Promise<LedgerEntry | null> {
  const file = await readSmallFile(join(lakeDir, path), { maxBytes: MAX_BYTES }).catch(() => null);
  if (file?.kind === 'missing') return null;
  if (file?.kind !== 'text') return { kind: 'skipped', path, why: 'torn' };
  const found = parseStored<RunRecord>(file.text, runRecordSchema, 'a ledger entry');
  if (found.kind === 'newer') return { kind: 'skipped', path, why: 'newer' };
  if (found.kind === 'damaged') return { kind: 'skipped', path, why: isJson(file.text) ? 'foreign' : 'torn' };
  if (found.value.run_id !== runId) return { kind: 'skipped', path, why: 'foreign' };
  return { kind: 'run', path, run: found.value };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** An entry of the ledger that can be removed. */
export interface OldEntry {
  /** Below the lake, with forward slashes. */
  readonly path: string;
  /** `YYYY-MM-DD`, the UTC day of its start. */
  readonly date: string;
  readonly bytes: number;
}

/**
 * Entries of runs that started before a day, of one pipeline or all. Keeps running entries and files that are not
 * entries.
 * @throws E_DISK_READ
 */
export async function listOldEntries(
  lakeDir: string,
  before: string,
  pipeline: string | null,
): Promise<OldEntry[]> {
  const old: OldEntry[] = [];
  for await (const entry of listRuns(lakeDir)) {
    if (entry.kind !== 'run' || entry.run.status === 'running') continue;
    const date = entry.path.split('/').slice(1, 4).join('-');
    const isWanted = date < before && (pipeline === null || entry.run.pipeline === pipeline);
    const stats = isWanted ? await lstat(join(lakeDir, entry.path)).catch(() => null) : null;
    if (stats !== null) old.push({ path: entry.path, date, bytes: stats.size });
  }
  return old.reverse();
}
