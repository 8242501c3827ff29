import { LakeveilError } from '../../base/errors.js';
import { isObject, readPath } from '../../base/json-values.js';
import type { PageAnswer, PageRequest, Pagination } from '../../base/pagination/pagination.js';
import { completePagination, createPagination, PAGINATION_FORM } from '../../base/pagination/registry.js';
import type { FoundPagination, PaginationKeys, PossiblePaginations } from '../../draft/find-pagination.js';
import type { FoundRecords } from '../../draft/find-records.js';
import type { FetchSample, TakenSample } from '../../source/fetch-sample.js';

/** The pagination of a source, with the records of more pages. */
export interface TriedPagination {
  readonly pagination: FoundPagination;
  readonly records: readonly unknown[];
  /** The records are all that the source has, or hold its last page. */
  readonly hasLast: boolean;
}

/** Each try is a request to the source. */
const MOST_TRIES = 8;
/** Pages between the second and the last are not requested. */
const MOST_PLANNED = 100_000;

/**
 * Requests the second page with each possible pagination, until one gives other records, and then the last page, if the
 * source declares it. What works needs no question. A failed request is an answer too, unless the command is interrupted.
 */
export async function tryPagination(
  fetch: FetchSample,
  first: TakenSample,
  found: FoundRecords,
  { keys, question, others, hasMore }: PossiblePaginations,
): Promise<TriedPagination> {
  const answer = toAnswer(first, found.records, 0);
  const candidates = [keys, ...others].filter(({ type }) => type !== 'none').slice(0, MOST_TRIES);
  for (const candidate of candidates) {
    const tried = await tryOne(fetch, answer, found, { keys: candidate, question });
    if (tried !== null) return tried;
  }
  // A source that ignores the parameters sends everything at once, unless it says that there is more.
  if (keys['type'] === 'none') return { pagination: { keys, question }, records: [], hasLast: !hasMore };
  const why = 'a second page could not be requested this way; which parameter of the API is right?';
  return { pagination: { keys, question: why }, records: [], hasLast: false };
}

async function tryOne(
  fetch: FetchSample,
  first: PageAnswer,
  found: FoundRecords,
  possible: FoundPagination,
): Promise<TriedPagination | null> {
  const { keys } = possible;
  const pagination = open(keys);
  const send: SendPage = (request) => fetch(request, keys['in'] === 'body' ? 'body' : 'query');
  try {
    pagination.next();
    pagination.take(first);
    const request = pagination.next();
    // The first page is the last, so that nothing can be tried.
    if (request === null) return { pagination: possible, records: [], hasLast: true };
    const second = await take(send, request, found);
    if (second.records.length === 0 || overlaps(first.records, second.records)) return null;
    pagination.take(second);
    const last = findLast(pagination);
    const more = last === null ? null : await take(send, last, found);
    const records = [...second.records, ...(more?.records ?? [])];
    return {
      pagination: { keys, question: null },
      records,
      hasLast: more !== null || isDeclared(pagination),
    };
  } catch (error) {
    if (!(error instanceof LakeveilError) || error.code === 'E_INTERRUPTED') throw error;
    return null;
  }
}

type SendPage = (request: PageRequest) => Promise<TakenSample>;

function open(keys: PaginationKeys): Pagination {
  return createPagination(completePagination(PAGINATION_FORM.parse(keys)), '');
}

/** The last of the declared pages; null if it is unknown or is the second. */
function findLast(pagination: Pagination): PageRequest | null {
  if (!isDeclared(pagination)) return null;
  let last: PageRequest | null = null;
  for (let count = 0; count < MOST_PLANNED; count++) {
    const next = pagination.next();
    if (next === null) return last;
    last = next;
  }
  return null;
}

function isDeclared(pagination: Pagination): boolean {
  const { records, pages } = pagination.declared();
  return records !== null || pages !== null;
}

async function take(send: SendPage, request: PageRequest, found: FoundRecords): Promise<PageAnswer> {
  const taken = await send(request);
  return toAnswer(taken, readRecords(taken, found), request.index);
}

/** The records of a later page, where those of the first are. */
function readRecords({ sample }: TakenSample, { path, keyed }: FoundRecords): readonly unknown[] {
  if (sample.format === 'ndjson') return sample.records;
  const at = sample.format === 'json' ? readPath(sample.body, path) : null;
  if (Array.isArray(at)) return at;
  return keyed && isObject(at) ? Object.values(at) : [];
}

function toAnswer(
  { sample, url, headers }: TakenSample,
  records: readonly unknown[],
  index: number,
): PageAnswer {
  return { index, records, body: sample.format === 'json' ? sample.body : null, url, headers };
}

/** A parameter that the source ignores, or an offset that counts otherwise, gives records again. */
function overlaps(one: readonly unknown[], other: readonly unknown[]): boolean {
  const known = new Set(one.map((record) => JSON.stringify(record)));
  return other.some((record) => known.has(JSON.stringify(record)));
}
