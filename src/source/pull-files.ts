import { createHash } from 'node:crypto';
import type { Effects } from '../base/effects.js';
import { failure, LakeveilError } from '../base/errors.js';
import type { Arrival } from '../base/types/arrival.js';
import type { SourceDefinition } from '../base/types/definition.js';
import type { RawPage } from '../base/types/record.js';
import { decodeBody, type DecodeOptions } from './decode-body.js';
import { findSignOfError, findSignOfMore } from '../base/pagination/signs.js';
import { createReader } from './formats/create.js';
import type { BodyContent, ReadBody } from './formats/format.js';
import { type FoundFile, listArrivals, listFiles, lookAt, readWhole } from './project-files.js';
import type { PullReceipt } from './page-pull.js';
import { type DatasetsOfPages, fillText, type Moment } from './request-text.js';
import { runBounded } from './run-bounded.js';

/** Expected records per file: files are not paginated, so they are longer than pages. */
const FILE_RECORDS = 100_000;

export interface FilePullInput extends Moment {
  readonly datasets: DatasetsOfPages;
  readonly source: Pick<SourceDefinition, 'concurrency' | 'maxResponseBytes' | 'maxPages' | 'maxRecords'>;
  readonly projectDir: string;
  /** Relative to the project; `.` is the project itself. */
  readonly folder: string;
  readonly effects: Pick<Effects, 'now' | 'signal' | 'log'>;
  /** Stops after so many files; null for all. */
  readonly limitPages: number | null;
  /** As of `PullInput`: each file is a page. */
  readonly each: (page: RawPage, signal: AbortSignal) => Promise<void>;
  /** Called with the time that each file took to read. */
  readonly onBusy?: (ms: number) => void;
  /** Called with the files that the commit archives. */
  readonly onArrivals?: (arrivals: readonly Arrival[]) => void;
}

/** Where a dataset's files lie, relative to the project, with the placeholders of the definition still in it. */
export function nameFiles(folder: string, path: string): string {
  return folder === '.' ? path.slice(1) : `${folder}${path}`;
}

/**
 * Pulls a dataset from files of the project, each a page, in the order of their names (by UTF-16 code units), never
 * more than `source.concurrency` at once. Throws, with dataset, template of the path and page: E_DISK_READ where there
 * is no file, a link is on the way or a file cannot be read; exit 3 on what is in one, as of a page; E_INTERRUPTED.
 */
export async function pullFiles(input: FilePullInput): Promise<PullReceipt> {
  const [{ name, request }] = input.datasets;
  const template = nameFiles(input.folder, request.path);
  const where = { dataset: name, stage: 'fetch', path: template };
  try {
    return await pullAll(input, template);
  } catch (error) {
    throw error instanceof LakeveilError && error.where.dataset === undefined ? error.at(where) : error;
  }
}

async function pullAll(input: FilePullInput, template: string): Promise<PullReceipt> {
  const { datasets, source, effects, limitPages } = input;
  const found = await findFiles(input, template);
  const files = limitPages === null ? found : found.slice(0, limitPages);
  if (files.length > source.maxPages) throw failure('E_SOURCE_CAP', { cap: source.maxPages, unit: 'pages' });
  const read = createReader(datasets, FILE_RECORDS);
  const { request, time } = datasets[0];
  const options = { contentType: null, encoding: request.encoding, maxBytes: source.maxResponseBytes };
  let last: unknown = null;
  const receipt = { pages: files.length, records: 0, declaredTotal: null, retries: 0, busyMs: 0, bytes: 0 };
  const arrivals: Arrival[] = [];
  const queue = files.map((file, index) => ({ file, index })).values();
  await runBounded({
    next: () => queue.next().value ?? null,
    run: async ({ file, index }, signal) => {
      const begunMs = effects.now().getTime();
      const state = file.to === null ? null : await lookAt(file.file, template);
      const bytes = await readWhole(file.file, source.maxResponseBytes, template).finally(() => {
        const busyMs = effects.now().getTime() - begunMs;
        receipt.busyMs += busyMs;
        input.onBusy?.(busyMs);
      });
      const { records, envelope, others = new Map() } = await readContent(read, bytes, index, options);
      if (index === found.length - 1) last = envelope;
      if (file.to !== null && state !== null)
        arrivals.push({ from: file.from, to: file.to, sha256: hashBytes(bytes), ...state });
      receipt.bytes += bytes.length;
      receipt.records += records.length;
      if (receipt.records > source.maxRecords) {
        throw failure('E_SOURCE_CAP', { cap: source.maxRecords, unit: 'records' });
      }
      await input.each({ index, records, others }, signal);
    },
    concurrency: source.concurrency,
    signal: effects.signal,
  });
  if (receipt.records === 0 && time !== 'by_date') {
    throw failure('E_SHORT_PULL', { asked: 'all', got: 0 });
  }
  const signs = { body: last, headers: {} };
  const came = { records: receipt.records, pages: found.length, isFlagged: false, path: request.records };
  const more = request.ignoreMore === null ? findSignOfMore(signs, came) : null;
  const error = receipt.records === 0 ? findSignOfError(last, request) : null;
  if (error !== null) throw failure('E_SOURCE_ERROR', { sign: error });
  if (more !== null) throw failure('E_SOURCE_MORE', { sign: more });
  input.onArrivals?.(arrivals);
  return receipt;
}

async function findFiles(input: FilePullInput, template: string): Promise<FoundFile[]> {
  const { projectDir, datasets, date, effects } = input;
  const { archive } = datasets[0].request;
  const path = fillText(template, input);
  if (archive !== null) {
    const folder = `${archive}/${date}`;
    const arrivals = { projectDir, path, archive: folder, template };
    const { files, waiting } = await listArrivals(arrivals, effects.now().getTime());
    if (waiting > 0) effects.log.warn('files_wait', { path: template, files: waiting, changed_within_s: 60 });
    return files;
  }
  const files = await listFiles(projectDir, path, template);
  return files.map((file) => ({ file, from: '', to: null }));
}

function hashBytes(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function readContent(
  read: ReadBody,
  bytes: Buffer,
  page: number,
  options: DecodeOptions,
): Promise<BodyContent> {
  try {
    return read({ bytes: await decodeBody(bytes, options), isFramed: true });
  } catch (error) {
    throw error instanceof LakeveilError ? error.at({ page }) : error;
  }
}
