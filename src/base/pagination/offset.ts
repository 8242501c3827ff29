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
  pageSize,
  parameter,
  paramsIn,
  totalFields,
  wholeNumber,
} from './settings.js';

const form = z.strictObject({
  type: z.literal('offset'),
  in: paramsIn,
  offset_param: parameter.describe('Parameter for the number of records to skip.'),
  start: wholeNumber(0, 1).default(0).describe('Value for the first record: 1 where a source counts from 1.'),
  size_param: parameter.optional().describe('Parameter for the number of records in a page.'),
  size: pageSize.optional().describe('Number of records in a page.'),
  ...totalFields,
  ...flagFields,
  end_status: endStatus,
});

/** The settings, complete. */
export interface OffsetDefinition extends FlagPlaces {
  readonly type: 'offset';
  readonly offsetParam: string;
  readonly start: number;
  readonly sizeParam: string | null;
  readonly size: number | null;
  readonly total: CountPlace | null;
  /** Statuses that say that there is no such page. */
  readonly endStatus: readonly number[];
}

export const offset: PaginationType<typeof form, OffsetDefinition> = {
  form,
  complete: (given) => ({
    type: 'offset',
    offsetParam: given.offset_param,
    start: given.start,
    sizeParam: given.size_param ?? null,
    size: given.size ?? null,
    total: completeCount(given.total_path, given.total_header),
    endStatus: given.end_status,
    ...completeFlags(given),
  }),
  open: (definition) => new OffsetPagination(definition),
};

/**
 * Pages by the number of records to skip. With a declared total, the first response says how many there are, and the rest
 * are requested in parallel; the step is the length of the first response, because servers cap the requested size. Without
 * it, pages are requested one after another, each from the end of the one before, until a flag marks the last or, without a
 * flag, one is empty or shorter than the first. A first page that is shorter than requested may be capped, so one more is
 * requested.
 */
export class OffsetPagination implements ResumablePagination {
  readonly #definition: OffsetDefinition;
  readonly #guard = new RepeatGuard();
  readonly #flags: Flags;
  #next = 0;
  #answered = 0;
  #records = 0;
  #step = 0;
  #total: number | null = null;
  #isEnded = false;
  #done: ReadonlySet<number> = new Set();

  constructor(definition: OffsetDefinition) {
    this.#definition = definition;
    this.#flags = new Flags(definition, definition.size);
  }

  next(): PageRequest | null {
    while (this.#done.has(this.#next)) this.#next++;
    if (this.#isEnded || this.#next >= this.#allowed()) return null;
    return this.#ask(this.#next++, this.#records);
  }

  save(): PaginationState {
    const counts = { records: this.#records, firstLength: this.#step };
    return { ...counts, declaredRecords: this.#total, declaredPages: null };
  }

  resume(state: PaginationState, done: ReadonlySet<number>): void {
    this.#done = done;
    this.#answered = done.size;
    this.#records = state.records;
    this.#step = state.firstLength;
    this.#total = state.declaredRecords;
  }

  seen(): readonly string[] {
    return this.#guard.list();
  }

  repeat(index: number, length: number): PageRequest {
    return this.#ask(index, this.#records - length);
  }

  /** @param before records of all pages before, where the source declares no total */
  #ask(index: number, before: number): PageRequest {
    const { offsetParam, start, sizeParam, size } = this.#definition;
    const offset = this.#total === null ? before : index * this.#step;
    const params = new Map([[offsetParam, start + offset]]);
    if (sizeParam !== null && size !== null) params.set(sizeParam, size);
    return { index, params, url: null };
  }

  take(answer: PageAnswer): void {
    const { index, records } = answer;
    this.#guard.checkPage(records);
    if (index === 0) this.#step = records.length;
    this.#answered++;
    this.#records += records.length;
    this.#total = this.#readTotal(answer);
    const more = this.#flags.take(answer);
    if (this.#total === null) this.#isEnded = more === null ? this.#isLast(answer) : !more;
    else this.#assertNoOverlap(records.length);
  }

  declared(): Declared {
    return { records: this.#total, pages: this.#countPages() };
  }

  finish(): void {
    this.#flags.finish();
    if (this.#total !== null) assertCount(this.#total, this.#records);
  }

  /** How many pages may have been asked by now. */
  #allowed(): number {
    return this.#answered === 0 ? 1 : (this.#countPages() ?? this.#answered + 1);
  }

  #countPages(): number | null {
    if (this.#total === null) return null;
    return this.#step === 0 ? 1 : Math.ceil(this.#total / this.#step);
  }

  #readTotal(answer: PageAnswer): number | null {
    const total = readCount(answer, this.#definition.total, this.#total);
    if (answer.index === 0 && total !== null && total < this.#step) {
      throw failure('E_SOURCE_SHAPE', { expected: 'a count of all records: its own page holds more' });
    }
    return total;
  }

  /** A page longer than the step holds records of the next one, which may hide others that never came. */
  #assertNoOverlap(length: number): void {
    if (length <= this.#step) return;
    throw failure('E_SOURCE_SHAPE', {
      expected: `pages of at most ${this.#step} records, as its first page`,
    });
  }

  #isLast({ index, records }: PageAnswer): boolean {
    if (records.length === 0) return true;
    return index > 0 && this.#definition.size !== null && records.length < this.#step;
  }
}
