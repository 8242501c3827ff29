import type { Effects } from '../base/effects.js';
import { failure, LakeveilError, type Where } from '../base/errors.js';
import { findSignOfMore } from '../base/pagination/end-of-pull.js';
import type { PageAnswer, PageRequest, Pagination } from '../base/pagination/pagination.js';
import { createPagination } from '../base/pagination/registry.js';
import type { SourceDefinition } from '../base/types/definition.js';
import type { RawPage } from '../base/types/record.js';
import type { Authorization } from './authorization.js';
import { createFetchPage, type FetchedPage, type FetchPage, type PageOptions } from './fetch-page.js';
import type { Pace } from './pace.js';
import { planRequests, type RequestPlan } from './request-plan.js';
import type { DatasetsOfPages, Moment } from './request-text.js';
import { runBounded } from './run-bounded.js';

export interface PullInput extends Moment {
  readonly datasets: DatasetsOfPages;
  readonly source: SourceDefinition;
  /** Where the source lives for this run: `--source`, `base_url`, or the embedded server's loopback URL. */
  readonly baseUrl: URL;
  /** Seed of the run, for pagination `seed`. */
  readonly seed: string;
  readonly effects: Effects;
  /** The run's rate limit, shared by all datasets; `createPace(source.rateLimit, effects)` makes it. */
  readonly pace: Pace;
  /** The credentials, shared by all datasets; `createAuthorization(source, effects)` makes it. */
  readonly authorization: Authorization;
  /** Stops after so many pages, without asking for more than those or checking for the end; null for all. */
  readonly limitPages: number | null;
  /**
   * What becomes of a page. It holds the page's slot of `concurrency` until it resolves. Pages come in any order,
   * empty ones too; the signal is aborted when another page has failed, so that it need not wait for that one.
   */
  readonly each: (page: RawPage, signal: AbortSignal) => Promise<void>;
  /** Called after each request with its duration. */
  readonly onBusy?: (ms: number) => void;
}

export interface PullReceipt {
  readonly pages: number;
  readonly records: number;
  /** The total that the source, or for `seed` the definition, declares; null if there is none. */
  readonly declaredTotal: number | null;
  readonly retries: number;
  /** Time with a request in progress, summed over parallel requests. */
  readonly busyMs: number;
  /** Of all bodies, decoded. */
  readonly bytes: number;
}

/**
 * Pulls a dataset page by page and hands each page to `each`, never more than `source.concurrency` pages at once,
 * fetch and `each` together. Returns only if everything came that was asked for or declared. Throws the first
 * failure once all others have settled: exit 3 with dataset, origin, path template, page and tries; E_INTERRUPTED
 * when `effects.signal` is aborted; E_PLAIN_HTTP or E_DEFINITION before any request; whatever `each` throws as it is.
 */
export async function pullPages(input: PullInput): Promise<PullReceipt> {
  const pull = new Pull(input);
  await runBounded({
    next: () => pull.next(),
    run: async (request, signal) => {
      const { index, records } = await pull.fetch(request, signal);
      await input.each({ index, records }, signal);
    },
    concurrency: input.source.concurrency,
    signal: input.effects.signal,
  });
  return pull.finish();
}

/** The state of a pull: the requests, the responses, and the place for errors. */
class Pull {
  readonly #input: PullInput;
  readonly #where: Where;
  readonly #plan: RequestPlan;
  readonly #fetchPage: FetchPage;
  readonly #pagination: Pagination;
  #started = 0;
  #records = 0;
  #retries = 0;
  #busyMs = 0;
  #bytes = 0;
  /** The page that is last in order, of those that came. */
  #last: PageAnswer | null = null;
  /** Page and tries of the answer that came last. */
  #latest: Where = {};

  constructor(input: PullInput) {
    const { datasets, source, baseUrl, seed } = input;
    const { name, request } = datasets[0];
    this.#input = input;
    this.#where = { dataset: name, stage: 'fetch', origin: baseUrl.origin, path: request.path };
    this.#plan = planRequests(request, source, baseUrl, input);
    this.#fetchPage = createFetchPage(datasets, this.#plan);
    this.#pagination = createPagination(request.pagination, seed);
  }

  next(): PageRequest | null {
    const { limitPages, source } = this.#input;
    if (this.#started === limitPages) return null;
    return locate(this.#where, () => {
      this.#checkDeclared();
      const request = this.#pagination.next();
      if (request === null) return null;
      if (this.#started >= source.maxPages) throw pagesFailure(source);
      this.#started++;
      return request;
    });
  }

  async fetch(request: PageRequest, signal: AbortSignal): Promise<PageAnswer> {
    const where = { ...this.#where, page: request.index };
    const page = await this.#fetchPage(request, this.#options(signal, request)).catch((error: unknown) => {
      throw error instanceof LakeveilError ? error.at(where) : error;
    });
    return locate({ ...where, tries: page.tries }, () => this.#take(page));
  }

  /** Checks that the end is a true one. */
  finish(): PullReceipt {
    const { datasets, limitPages } = this.#input;
    const declared = this.#pagination.declared().records;
    locate({ ...this.#where, ...this.#latest }, () => {
      const isCut = this.#started === limitPages && this.#pagination.next() !== null;
      if (!isCut) this.#checkEnd();
      // A day may be empty; a whole source that is empty, and does not say so, has lost its records.
      const mayBeEmpty = datasets[0].time === 'by_date' || declared === 0;
      if (this.#records === 0 && !mayBeEmpty) throw failure('E_SHORT_PULL', { asked: 'all', got: 0 });
    });
    const counts = { pages: this.#started, records: this.#records, declaredTotal: declared };
    return { ...counts, retries: this.#retries, busyMs: this.#busyMs, bytes: this.#bytes };
  }

  #take({ answer, tries, bytes }: FetchedPage): PageAnswer {
    const { maxRecords } = this.#input.source;
    this.#retries += tries - 1;
    this.#bytes += bytes;
    this.#records += answer.records.length;
    this.#latest = { page: answer.index, tries };
    this.#pagination.take(answer);
    if (answer.index >= (this.#last?.index ?? 0)) this.#last = answer;
    if (this.#records > maxRecords) throw failure('E_SOURCE_CAP', { cap: maxRecords, unit: 'records' });
    return answer;
  }

  /** The pagination's own end, and nothing on the last page that says that there is more. */
  #checkEnd(): void {
    this.#pagination.finish();
    const { pagination, ignoreMore } = this.#input.datasets[0].request;
    // A source that makes records up speaks of the one page.
    if (this.#last === null || pagination.type === 'seed' || ignoreMore !== null) return;
    const isFlagged = 'morePath' in pagination && (pagination.morePath ?? pagination.lastPath) !== null;
    const sign = findSignOfMore(this.#last, this.#records, isFlagged);
    if (sign !== null) throw failure('E_SOURCE_MORE', { sign });
  }

  /** Fails at once on a pull that is known to go beyond a cap, rather than after hours. */
  #checkDeclared(): void {
    const { limitPages, source } = this.#input;
    if (limitPages !== null) return;
    const { records, pages } = this.#pagination.declared();
    if ((records ?? 0) > source.maxRecords) {
      throw failure('E_SOURCE_CAP', { cap: source.maxRecords, unit: 'records' });
    }
    if ((pages ?? 0) > source.maxPages) throw pagesFailure(source);
  }

  #options(signal: AbortSignal, { index }: PageRequest): PageOptions {
    const { source, datasets, effects, pace, authorization } = this.#input;
    return {
      effects,
      pace,
      authorization,
      signal,
      headers: this.#plan.headers,
      timeoutMs: source.timeoutMs,
      maxWaitMs: source.maxWaitMs,
      maxBytes: source.maxResponseBytes,
      retries: source.retries,
      onBusy: (ms) => {
        this.#busyMs += ms;
        this.#input.onBusy?.(ms);
      },
      onRetry: ({ code }, waitMs) => {
        effects.log.info('retry', {
          dataset: datasets[0].name,
          page: index,
          code,
          wait_ms: Math.round(waitMs),
        });
      },
    };
  }
}

function locate<T>(where: Where, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof LakeveilError ? error.at(where) : error;
  }
}

function pagesFailure({ maxPages }: SourceDefinition): LakeveilError {
  return failure('E_SOURCE_CAP', { cap: maxPages, unit: 'pages' });
}
