import { basename, dirname, join, resolve } from 'node:path';
import { openWarehouse } from '../actions/report/report-on.js';
import { findReports } from '../actions/transform/check-sql.js';
import { writeBeside, writeNew } from '../base/files/durable.js';
import { ALL_PIPELINES } from '../base/types/run-record.js';
import { recordCopy } from '../lake/copies.js';
import { withRun } from '../ledger/run-context.js';
import type { Project } from '../project.js';
import { makeOutDir } from '../report/out-dir.js';
import { ALL_RUNS } from './views/runs.js';
import { readAssets } from './dashboard-assets.js';
import { listLandedDates } from './data/gather-landed.js';
import { identify } from './data/lake-version.js';
import { openSnapshot } from './data/lake-snapshot.js';
import { openSite } from './data/open-site.js';
import { listFileNames, type Published } from './files/file-names.js';
import { type SiteFile, writeFiles } from './files/write-files.js';
import { writeSingleFile } from './files/write-single-file.js';
import { LIST_NAME, listPublished, removePublished, writeList } from './remove-published.js';
import type { Site } from './site.js';

/** Number of dates per pipeline, and of runs, that are published. */
const PUBLISHED_DATES = 30;

/** Options of `publish`. */
export interface PublishRequest {
  /** A folder or a file, absolute or relative to the working directory; null for `site` in the project. */
  readonly out: string | null;
  readonly singleFile: boolean;
}

export interface PublishDocument {
  /** The folder or the file that was written. */
  readonly path: string;
  /** The file to open first. */
  readonly entry: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Writes the views as files that need no server. Each file is written atomically, and the same lake gives the same
 * bytes. Internal reports are left out.
 * @throws E_OUT_DIR, E_DISK, and what opening the tables throws
 */
export async function publishSite(project: Project, request: PublishRequest): Promise<PublishDocument> {
  const { config } = project;
  const path = resolve(request.out ?? join(config.projectDir, request.singleFile ? 'site.html' : 'site'));
  const dir = await makeOutDir({
    projectDir: config.projectDir,
    out: request.singleFile ? dirname(path) : path,
    date: '',
    forbidden: [
      { place: 'the lake', dir: config.lakeDir },
      { place: 'the folder of the warehouse', dir: dirname(config.databasePath) },
      { place: 'sql/', dir: config.sqlDir },
      { place: 'pipelines/', dir: config.pipelinesDir },
    ],
  });
  if (request.out !== null) {
    const kind = request.singleFile ? 'site_file' : 'site';
    const real = request.singleFile ? join(dir, basename(path)) : dir;
    await recordCopy(config.lakeDir, { kind, path: real, name: null, date: null });
  }
  const start = { command: 'publish', pipeline: ALL_PIPELINES, date: null, slot: null };
  return withRun(project, start, () =>
    withOneWarehouse(project, () => publishOnce(project, request, { path, dir })),
  );
}

/** How often the views are written again because a transform has replaced the tables meanwhile. */
const MAX_LOOKS = 3;

/**
 * All views are of one state of the tables: if they are replaced on the way, `work` is done again. The tables stay open
 * for all views, which would open them for each.
 */
async function withOneWarehouse<T>(project: Project, work: () => Promise<T>): Promise<T> {
  const { databasePath } = project.config;
  for (let look = 1; ; look += 1) {
    const before = await identify(databasePath);
    const held = await openWarehouse(project, null).catch(() => null);
    const isLast = async (): Promise<boolean> =>
      look === MAX_LOOKS || (await identify(databasePath)) === before;
    try {
      const result = await work();
      if (await isLast()) return result;
    } catch (error) {
      if (await isLast()) throw error;
    } finally {
      held?.close();
    }
  }
}

async function publishOnce(
  project: Project,
  request: PublishRequest,
  { path, dir }: { readonly path: string; readonly dir: string },
): Promise<PublishDocument> {
  const { config } = project;
  const snapshot = openSnapshot(project, null);
  const site = openSite(
    () => Promise.resolve(snapshot),
    config,
    () => null,
    project.effects.now,
  );
  const published = await choosePublished(project, site, snapshot);
  const { style } = readAssets();
  const entry = join(dir, request.singleFile ? basename(path) : 'index.html');
  const files = request.singleFile
    ? [{ name: basename(path), text: await writeSingleFile(site, published, style) }]
    : writeFiles(site, published, style);
  if (request.singleFile) return { path: entry, entry, ...count(await writeAll(project, dir, files)) };
  return { path: dir, entry, ...count(await replaceSite(project, dir, published, files)) };
}

/**
 * Removes files that an earlier publish wrote and this one does not. The list names every file before it is written, so
 * that the next publish knows all files even if this one is interrupted.
 */
async function replaceSite(
  project: Project,
  dir: string,
  published: Published,
  files: Files,
): Promise<readonly Written[]> {
  const before = await listPublished(dir);
  const coming = listFileNames(published, await listReports(project, published));
  const writeNames = (names: readonly string[]) =>
    writeAll(project, dir, [{ name: LIST_NAME, text: writeList(names) }]);
  await writeNames([...before, ...coming]);
  const written = await writeAll(project, dir, files);
  const names = written.map(({ name }) => name);
  await removePublished(dir, before, names);
  return [...written, ...(await writeNames(names))];
}

/** Names of each pipeline's reports, internal ones excluded. */
async function listReports(
  project: Project,
  { dates }: Published,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const named = [...dates.keys()].map(async (pipeline) => {
    const { reports } = await findReports(project, pipeline);
    return [pipeline, reports.filter(({ internal }) => !internal).map(({ name }) => name)] as const;
  });
  return new Map(await Promise.all(named));
}

async function choosePublished(
  { definitions }: Project,
  site: Site,
  snapshot: ReturnType<typeof openSnapshot>,
): Promise<Published> {
  const landed = await snapshot.landed();
  const dates = [...definitions.keys()]
    .sort()
    .map(
      (pipeline) => [pipeline, listLandedDates(landed.get(pipeline) ?? []).slice(-PUBLISHED_DATES)] as const,
    );
  const { runs } = await site.runs(null, null, ALL_RUNS);
  return { dates: new Map(dates), runs: new Set(runs.slice(0, PUBLISHED_DATES).map(({ runId }) => runId)) };
}

type Files = AsyncIterable<SiteFile> | Iterable<SiteFile>;

interface Written {
  readonly name: string;
  readonly bytes: number;
}

async function writeAll({ effects }: Project, dir: string, files: Files): Promise<readonly Written[]> {
  const written: Written[] = [];
  for await (const { name, text } of files) {
    effects.signal.throwIfAborted();
    const bytes = Buffer.from(text);
    await writeBeside(join(dir, name), (part) => writeNew(part, bytes));
    written.push({ name, bytes: bytes.length });
  }
  return written;
}

function count(written: readonly Written[]): { files: number; bytes: number } {
  return { files: written.length, bytes: written.reduce((sum, { bytes }) => sum + bytes, 0) };
}
