import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { duckErrorKind, memoryFailure, withInstance, type WithInstance } from '../../base/duckdb.js';
import { systemCode } from '../../base/errors.js';
import { readChunks } from '../../base/files/chunks.js';
import { fileExists } from '../../base/files/durable.js';
import { listSqliteTargets } from '../../definition/read-targets.js';
import { TARGET_FORM } from '../../load/registry.js';
import type { Project } from '../../project.js';
import { CanaryMatcher, type CanaryValues, readCanaryFile } from './canary-values.js';
import { FindingList, type LeakReport } from './leak-findings.js';
import { listLandedFiles } from './landed-files.js';
import { listFiles, type ScannedFile, type UnreadFile } from './list-files.js';
import {
  openCsv,
  openParquet,
  type ProvenColumn,
  type Scan,
  scanCells,
  scanDatabase,
  scanFooter,
  scanShapes,
  scanStatistics,
  showName,
} from './scan-tables.js';
import { scanSqlite } from './scan-sqlite.js';
import { isText, Searcher } from './search.js';

const MEMORY_MB = 1024;

interface LeakRequest {
  /** A file with a value on each line that should be nowhere; null to compare shapes and patterns only. */
  readonly canary: string | null;
}

/**
 * Reads everything that the project has on disk, without the lake's lock, and changes nothing: compares landed cells with
 * the shapes of their treatments, looks for the values of a file, and for personal patterns where no shape proves a column.
 * The values stay in the memory of this process: DuckDB reads cells, and never learns what is looked for.
 * @throws E_DISK_READ and E_USAGE for the file of values; E_MEMORY. What is found is in the report.
 */
export async function scanProject(project: Project, { canary }: LeakRequest): Promise<LeakReport> {
  const { config, effects } = project;
  const values = canary === null ? null : await readCanaryFile(canary);
  const own = canary === null ? null : await realpath(canary).catch(() => null);
  const targets = await listSqliteTargets(config, TARGET_FORM);
  const { files, unread } = await listFiles(config, targets);
  const landed = await listLandedFiles(project);
  return scanFiles(
    { files: files.filter(({ path }) => path !== own), unread, landed, values },
    effects.signal,
  );
}

export interface ScanInput {
  readonly files: readonly ScannedFile[];
  readonly unread: readonly UnreadFile[];
  /** Columns of landed files by absolute path. */
  readonly landed: ReadonlyMap<string, readonly ProvenColumn[]>;
  readonly values: CanaryValues | null;
}

export async function scanFiles(input: ScanInput, signal: AbortSignal): Promise<LeakReport> {
  const { files, unread, landed, values } = input;
  const matcher = values === null ? null : new CanaryMatcher(values);
  const scan: Scan = {
    searcher: new Searcher(matcher),
    findings: new FindingList(),
    counts: { files: files.length, bytes: 0, columns: 0, shapes: 0 },
    assertRunning: () => {
      signal.throwIfAborted();
    },
  };
  for (const { shown, why } of unread) scan.findings.addUnread(showPath(scan, shown), why);
  const written = new Set<string>();
  const spill = await mkdtemp(join(tmpdir(), 'lakeveil-leakscan-'));
  try {
    const rooms = new Rooms({
      tempDirectory: spill,
      memoryLimitMb: MEMORY_MB,
      threads: availableParallelism(),
      signal,
    });
    await scanTables(scan, rooms, { files, landed }, written);
  } finally {
    await rm(spill, { recursive: true, force: true });
  }
  for (const file of files) await scanBytes(scan, file);
  const findings = scan.findings.list();
  const status = findings.some(({ kind }) => kind === 'leak')
    ? 'leak'
    : findings.length > 0
      ? 'suspect'
      : 'clean';
  return {
    status,
    ...scan.counts,
    canaries: matcher?.size ?? null,
    too_short: values?.tooShort ?? null,
    being_written: [...written].sort(),
    findings,
  };
}

/** Instances of DuckDB that a scan opens, each with the files that it may read. */
class Rooms {
  readonly #settings: WithInstance;
  /** Where what does not fit into memory is spilled: cells, never a value that is looked for. */
  readonly folder: string;

  constructor(settings: WithInstance & { readonly tempDirectory: string }) {
    this.#settings = settings;
    this.folder = settings.tempDirectory;
  }

  readFiles(
    files: readonly ScannedFile[],
    work: (connection: DuckDBConnection) => Promise<void>,
  ): Promise<void> {
    const allowedDirectories = [...new Set(files.map(({ path }) => dirname(path)))];
    return withInstance({ ...this.#settings, allowedDirectories }, work);
  }

  openDatabase(path: string, work: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
    return withInstance({ ...this.#settings, database: path, readOnly: true }, work);
  }
}

/** Proven columns come first, so that what they hold is no suspect elsewhere. */
async function scanTables(
  scan: Scan,
  rooms: Rooms,
  { files, landed }: Pick<ScanInput, 'files' | 'landed'>,
  written: Set<string>,
): Promise<void> {
  const tables = files.filter(({ kind }) => kind === 'parquet' || kind === 'csv');
  const attempt = async (file: ScannedFile, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      scan.assertRunning();
      if (duckErrorKind(error) === 'Out of Memory') throw memoryFailure({});
      // A run moved it or a prune removed it since the folders were listed.
      if (!(await fileExists(file.path))) return;
      if (file.isInWork) written.add(showPath(scan, file.shown));
      else if (file.kind !== 'csv')
        scan.findings.addUnread(showPath(scan, file.shown), 'cannot be read as a table');
    }
  };
  if (tables.length > 0)
    await rooms.readFiles(tables, async (connection) => {
      for (const file of tables.filter(({ path }) => landed.has(path)))
        await attempt(file, () => scanLanded(scan, connection, file, landed.get(file.path) ?? []));
      for (const file of tables)
        await attempt(file, () => scanTable(scan, connection, file, landed.get(file.path) ?? []));
    });
  for (const file of files.filter(({ kind }) => kind === 'duckdb'))
    await attempt(file, () =>
      rooms.openDatabase(file.path, (connection) =>
        scanDatabase(scan, connection, showPath(scan, file.shown)),
      ),
    );
  for (const file of files.filter(({ kind }) => kind === 'sqlite'))
    await attempt(file, () => scanSqlite(scan, file.path, showPath(scan, file.shown), rooms.folder));
}

/** The shapes of a landed file, and the cells of the columns that they prove. */
async function scanLanded(
  scan: Scan,
  connection: DuckDBConnection,
  { path, shown }: ScannedFile,
  columns: readonly ProvenColumn[],
): Promise<void> {
  const relation = await openParquet(connection, path);
  const place = { path: showPath(scan, shown), table: null };
  await scanShapes(scan, connection, relation, place.path, columns);
  await scanStatistics(scan, connection, path, place.path, columns);
  const present = new Set(relation.columns.map(({ name }) => name));
  const proven = columns.filter(({ name, rule }) => rule !== 'suspect' && present.has(name));
  await scanCells(scan, connection, relation, place, new Map(proven.map(({ name, rule }) => [name, rule])));
}

/** All other columns of a file, and its footer. */
async function scanTable(
  scan: Scan,
  connection: DuckDBConnection,
  { path, shown, kind }: ScannedFile,
  columns: readonly ProvenColumn[],
): Promise<void> {
  const relation = await (kind === 'csv' ? openCsv : openParquet)(connection, path);
  const place = { path: showPath(scan, shown), table: null };
  const proven = new Set(columns.flatMap(({ name, rule }) => (rule === 'suspect' ? [] : [name])));
  const others = relation.columns.filter(({ name }) => !proven.has(name));
  await scanCells(scan, connection, relation, place, new Map(others.map(({ name }) => [name, 'suspect'])));
  if (kind === 'parquet') await scanFooter(scan, connection, path, place.path);
}

/** The name and the bytes of any file; of tables only what no reader of cells has found. */
async function scanBytes(scan: Scan, { path, shown, kind }: ScannedFile): Promise<void> {
  scan.assertRunning();
  const { searcher, findings, counts } = scan;
  const name = showPath(scan, shown);
  const parts = isAbsolute(shown) ? [basename(shown)] : shown.split('/');
  const named = parts.map((part) => searcher.searchText(part)).find((hit) => hit !== null);
  if (named !== undefined)
    findings.addHit(named, { path: name, place: 'name', table: null, column: null, row: null, count: 1 });
  const isTable = kind !== 'other';
  if (isTable && findings.has(name, 'canary')) return;
  try {
    let hasText: boolean | null = null;
    for await (const chunk of readChunks(path, searcher.overlap)) {
      scan.assertRunning();
      counts.bytes += chunk.bytes.length;
      hasText ??= !isTable && isText(chunk.bytes);
      for (const { line, hit } of searcher.searchChunk(chunk, hasText)) {
        const place = hasText ? { place: 'lines', row: line } : { place: 'bytes', row: null };
        findings.addHit(hit, { ...place, path: name, table: null, column: null, count: 1 });
      }
    }
  } catch (error) {
    scan.assertRunning();
    const code = systemCode(error);
    if (code === 'unknown') throw error;
    if (code !== 'ENOENT') findings.addUnread(name, `cannot be read (${code})`);
  }
}

/** A path of which each part that is or holds a value is withheld. */
function showPath(scan: Scan, path: string): string {
  return path
    .split('/')
    .map((part) => showName(scan, part))
    .join('/');
}
