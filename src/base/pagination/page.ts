import { z } from 'zod';
import { failure } from '../errors.js';
import { assertCount, readCount } from './declared-count.js';
import type {
  Declared,
  PageAnswer,
  PageRequest,
  PaginationState,
  PaginationType,
  ResumablePagination,
} from './pagination.js';
import { RepeatGuard } from './repeat-guard.js';
import {
  completeCount,
  completeFlags,
  type CountPlace,
  endStatus,
  flagFields,
  type FlagPlaces,
  Flags,
  pagesFields,
  pageSize,
  parameter,
  paramsIn,
  totalFields,
  wholeNumber,
} from './settings.js';

const form = z.strictObject({
  type: z.literal('page'),
  in: paramsIn,
  page_param: parameter.describe('Parameter for the number of the page.'),
  start: wholeNumber(0, 1_000_000).default(1).describe('Number of the first page.'),
  size_param: parameter.optional().describe('Parameter for the number of records in a page.'),
  size: pageSize.optional().describe('Number of records in a page.'),
  ...totalFields,
  ...pagesFields,
  ...flagFields,
  end_status: endStatus,
});

/** The settings, complete. */
export interface PageDefinition extends FlagPlaces {
  readonly type: 'page';
  readonly pageParam: string;
  readonly start: number;
  readonly sizeParam: string | null;
  readonly size: number | null;
  readonly total: CountPlace | null;
  readonly pages: CountPlace | null;
  /** Statuses that say that there is no such page. */
  readonly endStatus: readonly number[];
}

export const page: PaginationType<typeof form, PageDefinition> = {
  form,
  complete: (given) => ({
    type: 'page',
    pageParam: given.page_param,
    start: given.start,
    sizeParam: given.size_param ?? null,
    size: given.size ?? null,
    total: completeCount(given.total_path, given.total_header),
    pages: completeCount(given.pages_path, given.pages_header),
    endStatus: given.end_status,
    ...completeFlags(given),
  }),
  open: (definition) => new PagePagination(definition),
};

/**
 * Numbered pages. With a declared total or number of pages, the first response says how many there are, and the rest are
 * requested in parallel; the page length is that of the first response, because servers cap the requested size. Without
 * them, pages are requested one after another until a flag marks the last or, without a flag, one is empty or shorter than
 * the first. A first page that is shorter than requested may be capped, so one more is requested.
 */
export class PagePagination implements ResumablePagination {
  readonly #definition: PageDefinition;
  readonly #guard = new RepeatGuard();
  readonly #flags: Flags;
  #next = 0;
  #answered = 0;
  #records = 0;
  #firstLength = 0;
  #isEnded = false;
  #declared: Declared = { records: null, pages: null };
  #done: ReadonlySet<number> = new Set();

  constructor(definition: PageDefinition) {
    this.#definition = definition;
    this.#flags = new Flags(definition, definition.size);
  }

  next(): PageRequest | null {
    while (this.#done.has(this.#next)) this.#next++;
    if (this.#isEnded || this.#next >= this.#allowed()) return null;
    return this.repeat(this.#next++);
  }

  save(): PaginationState {
    const { records, pages } = this.#declared;
    const counts = { records: this.#records, firstLength: this.#firstLength };
    return { ...counts, declaredRecords: records, declaredPages: pages };
  }

  resume(state: PaginationState, done: ReadonlySet<number>): void {
    this.#done = done;
    this.#answered = done.size;
    this.#records = state.records;
    this.#firstLength = state.firstLength;
    this.#declared = { records: state.declaredRecords, pages: state.declaredPages };
  }

  seen(): readonly string[] {
    return this.#guard.list();
  }

  repeat(index: number): PageRequest {
    const { pageParam, start, sizeParam, size } = this.#definition;
    const params = new Map([[pageParam, start + index]]);
    if (sizeParam !== null && size !== null) params.set(sizeParam, size);
    return { index, params, url: null };
  }

  take(answer: PageAnswer): void {
    const { index, records } = answer;
    this.#guard.checkPage(records);
    if (index === 0) this.#firstLength = records.length;
    this.#answered++;
    this.#records += records.length;
    this.#readDeclared(answer);
    const more = this.#flags.take(answer);
    const { pages } = this.#declared;
    if (pages === null) this.#isEnded = more === null ? this.#isLast(answer) : !more;
    else this.#checkLength(answer, pages);
  }

  declared(): Declared {
    return this.#declared;
  }

  finish(): void {
    this.#flags.finish();
    const asked = this.#declared.records;
    if (asked !== null) assertCount(asked, this.#records);
  }

  /** How many pages may have been asked by now. */
  #allowed(): number {
    return this.#answered === 0 ? 1 : (this.#declared.pages ?? this.#answered + 1);
  }

  /** Later answers may raise what the first declared, when records come in meanwhile; they never lower it. */
  #readDeclared(answer: PageAnswer): void {
    const { total, pages: place } = this.#definition;
    const records = readCount(answer, total, this.#declared.records);
    const pages = readCount(answer, place, this.#declared.pages);
    if (answer.index === 0 && records !== null && records < this.#firstLength) {
      throw failure('E_SOURCE_SHAPE', { expected: 'a count of all records: its own page holds more' });
    }
    this.#declared = { records, pages: pages ?? (records === null ? null : this.#countPages(records)) };
  }

  #countPages(records: number): number {
    return this.#firstLength === 0 ? 1 : Math.ceil(records / this.#firstLength);
  }

  #isLast({ index, records }: PageAnswer): boolean {
    if (records.length === 0) return true;
    return index > 0 && this.#definition.size !== null && records.length < this.#firstLength;
  }

  /** Where only the number of pages is known, all but the last must be as long as the first. */
  #checkLength({ index, records }: PageAnswer, pages: number): void {
    if (this.#declared.records !== null || pages <= 1) return;
    const asked = index < pages - 1 ? Math.max(1, this.#firstLength) : 1;
    if (records.length < asked) throw failure('E_SHORT_PULL', { asked, got: records.length });
  }
}
