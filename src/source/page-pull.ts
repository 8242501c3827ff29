import type { Effects } from '../base/effects.js';
import { failure, LakeveilError, type Where } from '../base/errors.js';
import { isObject } from '../base/json-values.js';
import { findSignOfMore } from '../base/pagination/signs.js';
import {
  isResumable,
  type PageAnswer,
  type PageRequest,
  type Pagination,
} from '../base/pagination/pagination.js';
import { createPagination } from '../base/pagination/registry.js';
import type { SourceDefinition } from '../base/types/definition.js';
import type { RawPage } from '../base/types/record.js';
import type { PullState } from '../base/types/resume.js';
import type { Authorization } from './authorization.js';
import { createFetchPage, type FetchedPage, type FetchPage, type PageOptions } from './fetch-page.js';
import type { Pace } from './pace.js';
import type { SharedPull } from './shared-pull.js';
import { planRequests, type RequestPlan } from './request-plan.js';
import type { DatasetsOfPages, Moment } from './request-text.js';

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

/** One chain of requests: what is asked for next, what came, and where an error is. */
export class PagePull {
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
  /** Indexes of pages that came, and of those that nothing is outstanding of. */
  readonly #taken = new Set<number>();
  readonly #done = new Set<number>();
  /** The page that is last in order, of those that came. */
  #last: PageAnswer | null = null;
  /** Where that page has other records, though it is empty of its own and not the first; null if it has none. */
  #otherRecords: string | null = null;
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

  /** What a later pull needs to go on; null if the pagination cannot, or if a page is not taken whole. */
  save(digest: (records: readonly unknown[]) => string): PullState | null {
    const last = this.#last;
    if (!isResumable(this.#pagination) || last === null || this.#taken.size !== this.#done.size) return null;
    return {
      done: [...this.#done].sort((one, other) => one - other),
      records: this.#records,
      bytes: this.#bytes,
      retries: this.#retries,
      pagination: this.#pagination.save(),
      last: { index: last.index, length: last.records.length, digest: digest(last.records) },
    };
  }

  /**
   * Goes on from a state of an earlier pull, whose last page is fetched again to see that the source still answers the
   * same. @returns false if it does not; the pull must then not be used
   */
  async resume(
    state: PullState,
    digest: (records: readonly unknown[]) => string,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (!isResumable(this.#pagination)) return false;
    const done = new Set(state.done);
    this.#pagination.resume(state.pagination, done);
    const { index, length } = state.last;
    const request = this.#pagination.repeat(index, length);
    const { answer } = await this.#fetchPage(request, this.#options(signal, request)).catch(
      (error: unknown) => {
        throw error instanceof LakeveilError ? error.at({ ...this.#where, page: index }) : error;
      },
    );
    if (digest(answer.records) !== state.last.digest) return false;
    for (const page of done) {
      this.#taken.add(page);
      this.#done.add(page);
    }
    this.#last = answer;
    this.#started = done.size;
    this.#records = state.records;
    this.#bytes = state.bytes;
    this.#retries = state.retries;
    return true;
  }

  /** How many pages there are, where the source or the definition has declared it; else null. */
  get planned(): number | null {
    return isResumable(this.#pagination) ? this.#pagination.declared().pages : null;
  }

  /** What came so far, for a pull that adds it to its own; null if it cannot. */
  share(digest: (records: readonly unknown[]) => string): SharedPull | null {
    if (!isResumable(this.#pagination)) return null;
    const last = this.#last;
    return {
      done: [...this.#done],
      records: this.#records,
      bytes: this.#bytes,
      retries: this.#retries,
      pagination: this.#pagination.save(),
      seen: this.#pagination.seen(),
      last: last && { index: last.index, length: last.records.length, digest: digest(last.records) },
    };
  }

  /** Starts where another pull is: pages that are done there are not asked for. */
  begin({ pagination, done }: Pick<PullState, 'pagination' | 'done'>): void {
    if (isResumable(this.#pagination)) this.#pagination.resume(pagination, new Set(done));
  }

  /** Records that nothing of a page is outstanding. */
  complete(index: number): void {
    this.#done.add(index);
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

  async fetch(request: PageRequest, signal: AbortSignal): Promise<RawPage> {
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
      const mayBeEmpty = datasets[0].time === 'by_date' || declared === 0 || this.#input.parent !== null;
      if (this.#records === 0 && !mayBeEmpty) throw failure('E_SHORT_PULL', { asked: 'all', got: 0 });
    });
    const counts = { pages: this.#started, records: this.#records, declaredTotal: declared };
    return { ...counts, retries: this.#retries, busyMs: this.#busyMs, bytes: this.#bytes };
  }

  #take({ answer, others, tries, bytes }: FetchedPage): RawPage {
    const { maxRecords } = this.#input.source;
    this.#retries += tries - 1;
    this.#bytes += bytes;
    this.#records += answer.records.length;
    this.#latest = { page: answer.index, tries };
    this.#taken.add(answer.index);
    this.#pagination.take(answer);
    if (answer.index >= (this.#last?.index ?? 0)) {
      this.#last = answer;
      this.#otherRecords = this.#findOthers(answer, others);
    }
    if (this.#records > maxRecords) throw failure('E_SOURCE_CAP', { cap: maxRecords, unit: 'records' });
    const joined = [...others].map(([dataset, records]) => [dataset, this.#join(records)] as const);
    return { index: answer.index, records: this.#join(answer.records), others: new Map(joined) };
  }

  #findOthers({ index, records }: PageAnswer, others: FetchedPage['others']): string | null {
    if (index === 0 || records.length > 0) return null;
    const other = this.#input.datasets.find(({ name }) => (others.get(name)?.length ?? 0) > 0);
    return other?.place?.records ?? null;
  }

  /** Records with the parent in a field of its own. */
  #join<T extends readonly unknown[] | null>(records: T): T | readonly unknown[] {
    const { parent } = this.#input;
    if (parent === null || records === null) return records;
    const { as, record: fields } = parent;
    return records.map((record) => {
      if (!isObject(record)) return record;
      if (!Object.hasOwn(record, as)) return { ...record, [as]: fields };
      throw failure('E_SOURCE_SHAPE', {
        expected: `records without a field \`${as}\`, the name of \`for_each\``,
      });
    });
  }

  /** The pagination's own end, and nothing on the last page that says that there is more. */
  #checkEnd(): void {
    this.#pagination.finish();
    const { pagination, ignoreMore, records: path } = this.#input.datasets[0].request;
    // A source that makes records up speaks of the one page.
    if (this.#last === null || pagination.type === 'seed' || ignoreMore !== null) return;
    const isFlagged = 'morePath' in pagination && (pagination.morePath ?? pagination.lastPath) !== null;
    const came = { records: this.#records, pages: this.#last.index + 1, isFlagged, path };
    const sign = findSignOfMore(this.#last, came) ?? this.#otherRecords;
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
