import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { TREATMENTS } from '../../anonymize/treatments/registry.js';
import type { Config } from '../../base/config/config.js';
import { addDays, dateOf } from '../../base/dates/calendar.js';
import type { Effects } from '../../base/effects.js';
import { failure, joinProblems, LakeveilError } from '../../base/errors.js';
import { isObject, writePath } from '../../base/json-values.js';
import type { DatasetDefinition, Definition, SourceDefinition } from '../../base/types/definition.js';
import { loadDefinition } from '../../definition/load-definition.js';
import {
  findPagination,
  type FoundPagination,
  type PossiblePaginations,
} from '../../draft/find-pagination.js';
import type { FoundRecords } from '../../draft/find-records.js';
import { isRefusal, readRecords, type Refusal } from '../../draft/read-records.js';
import { listVariables } from '../../draft/write-draft.js';
import { openSamples, readSampleFile, type TakenSample } from '../../source/fetch-sample.js';
import type { ParentFields, PlacedSample } from './place-samples.js';
import type { SampleRequest } from './sample-request.js';
import { tryPagination } from './try-pagination.js';

interface Context {
  readonly config: Config;
  readonly effects: Effects;
}

/** The records of a sample, with what it shows of the source. They stay in memory. */
export interface ReadSample {
  readonly format: 'json' | 'ndjson' | 'csv';
  /** Where the records are; those of the first page. */
  readonly found: FoundRecords;
  /** Records of all pages that were requested. */
  readonly records: readonly unknown[];
  /** They are all that the source has, or hold its last page. */
  readonly hasLast: boolean;
  readonly pagination: FoundPagination;
}

/**
 * Requests or reads the sample of one dataset.
 * @param source that of an existing definition; null if the request describes it
 * @param parents records of the dataset that its path names; the first with records of its own is used
 * @throws E_DRAFT, E_PLAIN_HTTP, E_DISK_READ, E_DEFINITION, E_ENV_MISSING, errors of exit 3
 */
export async function takeSample(
  context: Context,
  placed: PlacedSample,
  request: SampleRequest,
  source: SourceDefinition | null,
  parents: readonly unknown[],
): Promise<ReadSample> {
  const { url, from } = placed;
  if (url === null) {
    const taken = await readSampleFile(resolve(from), from).catch((error: unknown) => refuse(error, true));
    const { format, found } = readFirst(taken);
    const { pagination, hasLast } = describeFile(findPages(taken, found));
    return { format, found, records: found.records, hasLast, pagination };
  }
  for (const parent of placed.parent === null ? [] : parents.slice(0, MOST_PARENTS - 1)) {
    const taken = await fetchSample(context, placed, request, { source, parent }).catch(passOver);
    if (taken !== null) return taken;
  }
  const parent = placed.parent === null ? null : (parents[MOST_PARENTS - 1] ?? parents.at(-1));
  return fetchSample(context, placed, request, { source, parent });
}

/** Parents that are tried until one has records. */
const MOST_PARENTS = 5;

/** A parent without records of its own says nothing of them. */
function passOver(error: unknown): null {
  if (error instanceof LakeveilError && (error.code === 'E_DRAFT' || error.code === 'E_SOURCE_STATUS'))
    return null;
  throw error;
}

interface Asked {
  readonly source: SourceDefinition | null;
  readonly parent: unknown;
}

async function fetchSample(
  context: Context,
  placed: PlacedSample,
  request: SampleRequest,
  asked: Asked,
): Promise<ReadSample> {
  const fetch = openRequest(context, placed, request, asked);
  const first = { index: 0, params: new Map(), url: null };
  const taken = await fetch(first, 'query').catch((error: unknown) => refuse(error, false));
  const { format, found } = readFirst(taken);
  const possible = placeParameters(findPages(taken, found), request.body !== null);
  const { pagination, records, hasLast } = await tryPagination(fetch, taken, found, possible);
  // Cells of CSV are read by column, so that pages cannot be joined.
  const isJoined = format !== 'csv';
  return {
    format,
    found,
    records: isJoined ? [...found.records, ...records] : found.records,
    hasLast,
    pagination,
  };
}

/** A file is read as a whole, without pagination, but may be one page of several. */
function describeFile({
  keys,
  question,
  hasMore,
}: PossiblePaginations): Pick<ReadSample, 'pagination' | 'hasLast'> {
  const none = { type: 'none' };
  if (keys['type'] === 'none') {
    return { pagination: { keys: none, question: hasMore ? question : null }, hasLast: !hasMore };
  }
  const settings = Object.entries(keys).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const text = `the file is one page of an API, so records may be missing; with the URL of the API, write { ${settings.join(', ')} }`;
  return { pagination: { keys: none, question: text }, hasLast: false };
}

/** A POST may take the parameters of a page in its body. */
function placeParameters(possible: PossiblePaginations, hasBody: boolean): PossiblePaginations {
  const { keys, others } = possible;
  if (!hasBody || keys['type'] === 'link') return possible;
  const all = [keys, ...others];
  const inBody = all.filter(({ type }) => type !== 'none').map((known) => ({ ...known, in: 'body' }));
  return { ...possible, others: [...inBody, ...others] };
}

function readFirst({ sample }: TakenSample): Pick<ReadSample, 'format' | 'found'> {
  const found = readRecords(sample);
  if (isRefusal(found)) throw failure('E_DRAFT', { ...found });
  return { format: sample.format, found };
}

function findPages({ sample, headers }: TakenSample, { path, records }: FoundRecords): PossiblePaginations {
  const body = sample.format === 'json' ? sample.body : null;
  return findPagination({ body, path, count: records.length, key: findKeyField(records), headers });
}

/** A field by which a source may name the last record. */
function findKeyField(records: readonly unknown[]): string | null {
  const names = ['id', '_id', 'uuid', 'guid', 'key'];
  return names.find((name) => records.every((record) => isObject(record) && isScalar(record[name]))) ?? null;
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

/** Requests are completed by the loader, so that a run sends the same. */
function openRequest(
  { config, effects }: Context,
  placed: PlacedSample,
  request: SampleRequest,
  { source, parent }: Asked,
): ReturnType<typeof openSamples> {
  const { definition, dataset } = loadProbe(config, placed, request);
  return openSamples({
    source: source ?? definition.source,
    request: dataset.request,
    baseUrl: new URL(placed.baseUrl),
    // The day of today is not over.
    moment: {
      date: addDays(dateOf(effects.now()), -1),
      slot: null,
      timezone: 'UTC',
      since: dataset.request.since?.initial ?? null,
      parent: placed.parent === null ? null : { as: placed.parent.dataset, record: parent },
    },
    effects,
  });
}

/** What a definition must have beside its request. */
const REST = {
  contract: { schema: { type: 'object', properties: { id: { type: 'string', 'x-pii': 'direct' } } } },
  landing: { id: { from: 'id', treat: 'redact' } },
};

/** The fields that the path names are leaves of the parent. */
function describeParent({ dataset, fields }: ParentFields): Readonly<Record<string, unknown>> {
  const schema = fields.map(describeField).reduce((one, other) => ({ ...one, ...other }), {});
  const contract = { schema: { type: 'object', properties: schema } };
  const request = { path: '/', records: '' };
  const [first = []] = fields;
  const landing = { id: { from: writePath(first), treat: 'redact' } };
  return {
    [dataset]: { time: 'snapshot', request, contract, landing, drop: fields.slice(1).map(writePath) },
  };
}

function describeField([name = '', ...below]: readonly string[]): Readonly<Record<string, unknown>> {
  const leaf = { type: 'string', 'x-pii': 'direct' };
  return { [name]: below.length === 0 ? leaf : { type: 'object', properties: describeField(below) } };
}

function loadProbe(
  { variables, places }: Config,
  { name, baseUrl, path, parent }: PlacedSample,
  { headers, auth, query, body }: SampleRequest,
): { readonly definition: Definition; readonly dataset: DatasetDefinition } {
  const source = { baseUrl, question: null, headers, auth };
  const page = {
    pipeline: name,
    env: listVariables({ source, requests: [{ query, body }] }),
    source: { base_url: baseUrl, headers: Object.fromEntries(headers), ...(auth === null ? {} : { auth }) },
    datasets: {
      [name]: {
        time: 'snapshot',
        request: {
          path,
          query: Object.fromEntries(query),
          ...(body === null ? {} : { method: 'POST', body }),
          records: '',
        },
        ...(parent === null ? {} : { for_each: { dataset: parent.dataset } }),
        ...REST,
      },
      ...(parent === null ? {} : describeParent(parent)),
    },
  };
  try {
    const input = { file: '', text: stringify(page), treatments: TREATMENTS, variables, places };
    const definition = loadDefinition(input);
    const dataset = definition.datasets.get(name);
    if (dataset === undefined) throw failure('E_DEFECT', { name: 'no dataset', at: ' of a sample' });
    return { definition, dataset };
  } catch (error) {
    throw error instanceof LakeveilError ? withoutPlace(error) : error;
  }
}

/** The definition is not a file, so only the field says where a problem is. */
function withoutPlace({ code, message, remedy, where, problems }: LakeveilError): LakeveilError {
  const own = new LakeveilError(
    code,
    message,
    remedy,
    where.field === undefined ? {} : { field: where.field },
  );
  const [first, ...others] = problems.map((problem) => withoutPlace(problem));
  return first === undefined ? own : joinProblems([first, ...others]);
}

function refuse(error: unknown, isFile: boolean): never {
  const refusal = error instanceof LakeveilError ? findRefusal(error, isFile) : null;
  throw refusal === null ? error : failure('E_DRAFT', refusal);
}

/** No definition exists yet, so its limits cannot be raised; a file has no URL to check. */
function findRefusal({ code, message }: LakeveilError, isFile: boolean): Refusal | null {
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
