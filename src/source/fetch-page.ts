import { failure } from '../base/errors.js';
import { findSignOfError } from '../base/pagination/end-of-pull.js';
import type { PageAnswer, PageRequest } from '../base/pagination/pagination.js';
import { pageSize } from '../base/pagination/registry.js';
import { type Authorization, withAuthorization } from './authorization.js';
import { exchange, type ExchangeOptions } from './exchange.js';
import { createReader } from './formats/create.js';
import type { RequestPlan } from './request-plan.js';
import type { DatasetsOfPages } from './request-text.js';
import { retry, type RetryOptions } from './retry.js';

/** Stands for the page size where the definition gives none. */
const UNKNOWN_PAGE_SIZE = 10_000;

export type PageOptions = ExchangeOptions & RetryOptions & { readonly authorization: Authorization };

export interface FetchedPage {
  readonly answer: PageAnswer;
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
    const asked = { ...sent, url: given ?? planned };
    const { value, tries } = await retry(async () => {
      const received = await withAuthorization(options.authorization, ({ headers }) =>
        exchange(asked, { ...options, headers: { ...options.headers, ...headers } }),
      );
      const { records, envelope: body } = read(received);
      const sign = records.length === 0 ? findSignOfError(body, request) : null;
      if (sign !== null) throw failure('E_SOURCE_ERROR', { sign });
      const { url, link, bytes } = received;
      return { answer: { index, body, records, url, link }, bytes: bytes.length };
    }, options);
    return { ...value, tries };
  };
}
