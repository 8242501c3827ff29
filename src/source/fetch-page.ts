import { failure } from '../base/errors.js';
import { findSignOfError, findSignOfPart } from '../base/pagination/signs.js';
import type { PageAnswer, PageRequest } from '../base/pagination/pagination.js';
import { pageSize } from '../base/pagination/registry.js';
import { type Authorization, withAuthorization } from './authorization.js';
import type { BodyFormat, DatasetDefinition, RequestDefinition } from '../base/types/definition.js';
import type { OtherRecords } from '../base/types/record.js';
import { decodeBody } from './decode-body.js';
import { type Asked, exchange, type ExchangeOptions, NO_CONTENT, type ReceivedBody } from './exchange.js';
import { createReader } from './formats/create.js';
import type { BodyContent, ReadBody } from './formats/format.js';
import type { RequestPlan } from './request-plan.js';
import type { DatasetsOfPages } from './request-text.js';
import { Pending, retry, type RetryOptions, TransientFailure } from './retry.js';

/** Stands for the page size where the definition gives none. */
const UNKNOWN_PAGE_SIZE = 10_000;

export type PageOptions = Omit<ExchangeOptions, 'endStatus'> &
  RetryOptions & { readonly authorization: Authorization };

export interface FetchedPage {
  readonly answer: PageAnswer;
  readonly others: OtherRecords;
  readonly tries: number;
  /** Of the body, decoded. */
  readonly bytes: number;
}

/** Fetches one page and parses it; tries again where that may help. Built once for a pull. */
export type FetchPage = (request: PageRequest, options: PageOptions) => Promise<FetchedPage>;

/**
 * Plans the pages of a pull. Errors are of exit 3 (or E_INTERRUPTED) and say how many tries there were; the caller
 * adds which page it was.
 */
export function createFetchPage(datasets: DatasetsOfPages, plan: RequestPlan): FetchPage {
  const { request } = datasets[0];
  const read = createReader(datasets, pageSize(request.pagination) ?? UNKNOWN_PAGE_SIZE);
  return async ({ index, params, url: given }, options) => {
    const { url: planned, ...sent } = plan.ask(params);
    const endStatus = endsOf(datasets[0], index);
    let asked: Asked = { ...sent, url: given ?? planned };
    const { value, tries } = await retry(async () => {
      const received = await exchangeAs(options.authorization, asked, { ...options, endStatus }).catch(
        (error: unknown) => {
          if (error instanceof Pending && error.location !== null) asked = { url: error.location, ...POLL };
          throw error;
        },
      );
      const {
        records,
        others = NONE,
        envelope: body,
      } = isNothing(received)
        ? NOTHING
        : readFull(read, request.format, {
            ...received,
            bytes: await decode(received, request, options.maxBytes),
          });
      const part = request.ignoreMore === null ? findSignOfPart(body, request) : null;
      const sign = records.length === 0 ? findSignOfError(body, request) : part;
      if (sign !== null) throw failure('E_SOURCE_ERROR', { sign });
      const { url, headers, bytes } = received;
      return { answer: { index, body, records, url, headers }, others, bytes: bytes.length };
    }, options);
    return { ...value, tries };
  };
}

/** How an answer that the source works on is asked for. */
const POLL = { method: 'GET', body: null } as const;
const NONE: OtherRecords = new Map();
const NOTHING: BodyContent = { records: [], envelope: null };

/** No content, or a status by which the definition says that there is no such page. */
function isNothing({ status }: ReceivedBody): boolean {
  return status === NO_CONTENT || status >= 400;
}

/** The bytes of an answer as UTF-8. @throws E_SOURCE_BODY, E_SOURCE_TOO_LARGE */
export async function decode(
  { bytes, headers }: ReceivedBody,
  { encoding }: Pick<RequestDefinition, 'encoding'>,
  maxBytes: number,
): Promise<Buffer> {
  return decodeBody(bytes, { contentType: headers['content-type'] ?? null, encoding, maxBytes });
}

/** One try with the credentials of a run, in headers or in the query. Throws what `exchange` throws. */
export async function exchangeAs(
  authorization: Authorization,
  asked: Asked,
  options: ExchangeOptions,
): Promise<ReceivedBody> {
  return withAuthorization(authorization, ({ headers, query }) =>
    exchange(authorize(asked, query), { ...options, headers: { ...options.headers, ...headers } }),
  );
}

/** An empty body is what a server sends that has failed, so it is asked for again; JSON lines may be none. */
function readFull(read: ReadBody, format: BodyFormat, received: ReceivedBody): BodyContent {
  if (received.bytes.length > 0 || format === 'ndjson') return read(received);
  throw new TransientFailure(failure('E_SOURCE_BODY', { kind: `status ${received.status}, length 0` }));
}

/** A next link may hold the parameters already. */
function authorize(asked: Asked, query: ReadonlyMap<string, string>): Asked {
  if (query.size === 0) return asked;
  const url = new URL(asked.url);
  for (const [name, value] of query) url.searchParams.set(name, value);
  return { ...asked, url };
}

/** Pages after the first may be asked for in vain, and so may the first page of a parent without records. */
function endsOf({ request: { pagination }, forEach }: DatasetDefinition, index: number): readonly number[] {
  if (index === 0) return forEach?.emptyStatus ?? [];
  return 'endStatus' in pagination ? pagination.endStatus : [];
}
