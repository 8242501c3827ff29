import { existsSync } from 'node:fs';
import { link, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { TREATMENTS } from '../../anonymize/treatments/registry.js';
import type { Config, Terminal } from '../../base/config/config.js';
import type { Effects } from '../../base/effects.js';
import { failure, LakeveilError, systemCode } from '../../base/errors.js';
import { formatTable } from '../../base/terminal/table.js';
import { countOf } from '../../base/text/numbers.js';
import { loadDefinition } from '../../definition/load-definition.js';
import { readDefinitions } from '../../definition/load-project.js';
import { parseDefinition } from '../../definition/read/document.js';
import { ownValue } from '../../definition/read/form-at.js';
import { collectFields } from '../../draft/collect-leaves.js';
import { findPagination, type FoundPagination } from '../../draft/find-pagination.js';
import type { FoundRecords } from '../../draft/find-records.js';
import { planFields } from '../../draft/plan-draft.js';
import { isRefusal, readRecords, type Refusal } from '../../draft/read-records.js';
import { type Draft, writeDraft } from '../../draft/write-draft.js';
import { fetchSample, readSampleFile, type TakenSample } from '../../source/fetch-sample.js';

interface DraftRequest {
  /** Name of the pipeline and of its dataset. */
  readonly name: string;
  /** An http(s) URL without userinfo, query and fragment, or a file path, as typed. */
  readonly from: string;
}

interface DraftedField {
  readonly path: string;
  readonly class: string;
  /** Null if the field is dropped. */
  readonly treatment: string | null;
  readonly unsure: boolean;
}

/** What `new` prints: names, counts and choices, never a value of the sample. */
interface DraftDocument {
  readonly pipeline: string;
  /** Relative to the project. */
  readonly file: string;
  readonly format: string;
  readonly records: number;
  readonly pagination: string;
  readonly fields: readonly DraftedField[];
  readonly questions: number;
  /** The sample file with raw values, as typed; null for a URL. */
  readonly raw: string | null;
}

/**
 * Reads one response of a source and writes `pipelines/NAME.yaml`: the path of the records, the likely pagination, a
 * contract, and a treatment for each field. The sample stays in memory and is not stored. The draft loads without
 * edits. @throws E_TAKEN, E_DRAFT, E_PLAIN_HTTP, E_DISK_READ, E_DISK, errors of exit 3
 */
export async function draftDefinition(
  { config, effects }: { readonly config: Config; readonly effects: Effects },
  { name, from }: DraftRequest,
): Promise<DraftDocument> {
  const file = `pipelines/${name}.yaml`;
  await assertFree(config.projectDir, name, file);
  const url = /^https?:\/\//i.test(from) ? new URL(from) : null;
  const taken = await takeSample(url, from, effects);
  const found = readRecords(taken.sample);
  if (isRefusal(found)) throw failure('E_DRAFT', { ...found });
  const { format } = taken.sample;
  const fields = planFields(collectFields(found.records), name, found.records.length);
  if (!fields.leaves.some(({ column }) => column !== null)) throw failure('E_DRAFT', NO_FIELDS);
  const draft: Draft = {
    pipeline: name,
    format,
    records: found.path,
    keyed: found.keyed,
    source: url === null ? await placeFile(config.projectDir, from, name) : placeUrl(url),
    pagination: url === null ? WHOLE : findPages(taken, found),
    fields,
    hasEditorSchema: existsSync(join(config.projectDir, 'schemas', 'pipeline.schema.json')),
  };
  const text = writeDraft(draft);
  assertLoadable(file, text);
  await publish(join(config.projectDir, file), file, text);
  return describe(draft, file, found.records.length, text, url === null ? from : null);
}

async function takeSample(url: URL | null, from: string, effects: Effects): Promise<TakenSample> {
  try {
    return url === null ? await readSampleFile(resolve(from), from) : await fetchSample(url, effects);
  } catch (error) {
    const refusal = error instanceof LakeveilError ? assertSample(error, url === null) : null;
    throw refusal === null ? error : failure('E_DRAFT', refusal);
  }
}

/** No definition exists yet, so its limits cannot be raised; a file has no URL to check. */
function assertSample({ code, message }: LakeveilError, isFile: boolean): Refusal | null {
  if (code === 'E_SOURCE_TOO_LARGE') return TOO_LARGE;
  if (isFile && code === 'E_SOURCE_NOT_JSON') return NO_FORMAT;
  return isFile && code === 'E_SOURCE_NOT_CSV'
    ? { ...NO_TABLE, why: message.replace('the response', 'it') }
    : null;
}

const TOO_LARGE = {
  why: 'it is larger than 8 MB',
  fix: 'save a part of it, such as the first 100 records, to a file and use that file',
};

const NO_FORMAT = {
  why: 'it is not JSON, JSON lines or CSV with a header line, in UTF-8',
  fix: 'save the unchanged response of the API and use that file',
};

const NO_TABLE = {
  fix: 'write it as CSV: a header line with names, comma-separated cells, and the same number of cells in each row',
};

const NO_FIELDS = {
  why: 'no field of its records has a single type and a valid name',
  fix: 'use a sample with simple fields, or write the definition by hand',
};

/** A file is read as a whole, without pagination. */
const WHOLE: FoundPagination = { keys: { type: 'none' }, question: null };

/** Files and tables are named after datasets, so a dataset name must be unique across definitions. */
async function assertFree(projectDir: string, name: string, file: string): Promise<void> {
  const fix = 'choose another name, or move the file';
  for (const entry of await readDefinitions(projectDir)) {
    if (entry.file === file) throw failure('E_TAKEN', { path: file, what: 'already exists', fix });
    const datasets = ownValue(parseDefinition(entry.file, entry.text).data, 'datasets');
    if (typeof datasets === 'object' && datasets !== null && Object.hasOwn(datasets, name)) {
      const what = `already has a dataset ${name}`;
      throw failure('E_TAKEN', { path: entry.file, what, fix: 'choose another name' });
    }
  }
}

function placeUrl({ origin, pathname }: URL): Draft['source'] {
  return { baseUrl: origin, path: pathname, question: null };
}

const PART = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** A file inside the project is read in place; any other file must be copied into the project first. */
async function placeFile(projectDir: string, from: string, name: string): Promise<Draft['source']> {
  const [home, folder] = await Promise.all([realpath(projectDir), realpath(dirname(resolve(from)))]);
  const way = relative(home, join(folder, basename(from)));
  const parts = way.split(sep);
  if (parts.every((part) => PART.test(part))) {
    const base = parts.slice(0, -1).join('/');
    return { baseUrl: base === '' ? 'file:.' : `file:${base}`, path: `/${basename(from)}`, question: null };
  }
  const ending = /^\.(?:json|ndjson|jsonl|csv)$/.test(extname(from)) ? extname(from) : '';
  const question =
    'where do the records come from? Set the URL of the API, or a project folder that contains the file.';
  return { baseUrl: 'file:data', path: `/${name}${ending}`, question };
}

function findPages({ sample, hasNextLink }: TakenSample, { path, records }: FoundRecords): FoundPagination {
  const body = sample.format === 'json' ? sample.body : null;
  return findPagination({ body, path, count: records.length, hasNextLink });
}

/** A draft that does not load is a bug and is never written. */
function assertLoadable(file: string, text: string): void {
  try {
    loadDefinition({ file, text, treatments: TREATMENTS, variables: new Map(), places: 'nowhere' });
  } catch (error) {
    if (error instanceof LakeveilError) throw failure('E_DEFECT', { name: error.code, at: ' by a draft' });
    throw error;
  }
}

/** Writes atomically and never over a definition that was created in the meantime. */
async function publish(path: string, file: string, text: string): Promise<void> {
  try {
    const dir = await mkdtemp(join(dirname(path), '.draft-'));
    try {
      await writeFile(join(dir, 'page'), text, { flag: 'wx' });
      await link(join(dir, 'page'), path);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  } catch (error) {
    const kind = systemCode(error);
    const fix = 'choose another name, or move the file';
    throw kind === 'EEXIST'
      ? failure('E_TAKEN', { path: file, what: 'already exists', fix })
      : failure('E_DISK', { path: file, kind });
  }
}

function describe(
  { pipeline, format, pagination, fields }: Draft,
  file: string,
  records: number,
  text: string,
  raw: string | null,
): DraftDocument {
  return {
    pipeline,
    file,
    format,
    records,
    raw,
    pagination: String(pagination.keys['type']),
    fields: fields.leaves.map((leaf) => ({
      path: leaf.path.join('.'),
      class: leaf.class,
      treatment: leaf.column === null ? null : String(leaf.column.keys['treat']),
      unsure: leaf.question !== null,
    })),
    questions: text.split('# question:').length - 1,
  };
}

/** The choice for each field, the open questions and the next commands. */
export function formatDrafted(document: DraftDocument, terminal: Terminal): string {
  const { pipeline, file, records, fields, questions, raw } = document;
  return [
    `Drafted ${file} from ${countOf(records, 'record')}.`,
    '',
    formatFields(fields, terminal),
    '',
    `Open questions in its comments: ${String(questions)}. The draft runs without edits, with the strictest choices. Next:`,
    '',
    `  pipeline explain ${pipeline}`,
    `  pipeline ingest ${pipeline} --limit-pages 1    # dry run`,
    `  pipeline run ${pipeline}`,
    ...(raw === null ? [] : ['', `${raw} contains raw values: delete it when it is no longer needed.`]),
  ].join('\n');
}

function formatFields(fields: DraftDocument['fields'], terminal: Terminal): string {
  const rows = fields.map(({ path, class: pii, treatment, unsure }) => [
    path,
    pii,
    treatment ?? 'dropped',
    unsure ? '?' : '',
  ]);
  return formatTable(['field', 'class', 'treatment', 'unsure'], rows, terminal);
}
