import type { DatasetDefinition } from '../definition/definition.js';
import { failure } from '../errors.js';
import { readPath } from './body-path.js';
import { exchange } from './exchange.js';
import type { ExchangeOptions } from './exchange.js';
import type { PageAnswer, PageRequest } from './pagination/pagination.js';
import { pageSize } from './pagination/create.js';
import { computeMaxContainers, parseBody } from './parse-body.js';
import type { RequestPlan } from './request-plan.js';
import { retry } from './retry.js';
import type { RetryOptions } from './retry.js';

export type PageOptions = ExchangeOptions & RetryOptions;

export interface FetchedPage {
  readonly answer: PageAnswer;
  readonly tries: number;
  /** Of the body, decoded. */
  readonly bytes: number;
}

/** Fetches one page and parses it; tries again where that may help. Built once for a pull. */
export type FetchPage = (request: PageRequest, options: PageOptions) => Promise<FetchedPage>;

/**
 * Plans the pages of a dataset. Errors are of exit 3 (or E_INTERRUPTED) and say how many tries there were; the caller
 * adds which page it was.
 */
export function createFetchPage(dataset: DatasetDefinition, plan: RequestPlan): FetchPage {
  const { records: path, pagination } = dataset.request;
  const maxContainers = computeMaxContainers(pageSize(pagination), dataset.contract.schema);
  return async ({ index, params, url: given }, options) => {
    const start = given ?? plan.buildUrl(params);
    const { value, tries } = await retry(async () => {
      const received = await exchange(start, options);
      const body = parseBody(received, maxContainers);
      const { url, link, bytes } = received;
      return { answer: { index, body, records: readRecords(body, path), url, link }, bytes: bytes.length };
    }, options);
    return { ...value, tries };
  };
}

function readRecords(body: unknown, path: string): readonly unknown[] {
  const found = readPath(body, path);
  if (Array.isArray(found)) return found;
  const expected = path === '' ? 'an array of records as its body' : `an array of records at \`${path}\``;
  throw failure('E_SOURCE_SHAPE', { expected });
}
