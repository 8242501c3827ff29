import { createHash } from 'node:crypto';
import { z } from 'zod';
import { failure } from '../errors.js';
import type {
  Declared,
  PageAnswer,
  PageRequest,
  PaginationState,
  PaginationType,
  ResumablePagination,
} from './pagination.js';
import { pageSize, parameter, paramsIn, wholeNumber } from './settings.js';

const form = z.strictObject({
  type: z.literal('seed'),
  in: paramsIn,
  size_param: parameter.describe('Parameter for the number of records in a page.'),
  size: pageSize.describe('Number of records in a page.'),
  seed_param: parameter.describe('Parameter for the seed of a page.'),
  total: wholeNumber(1, 10_000_000_000).describe('Number of records to request over all pages.'),
});

/** The settings, complete. */
export interface SeedDefinition {
  readonly type: 'seed';
  readonly sizeParam: string;
  readonly size: number;
  readonly seedParam: string;
  readonly total: number;
}

export const seed: PaginationType<typeof form, SeedDefinition> = {
  form,
  complete: (given) => ({
    type: 'seed',
    sizeParam: given.size_param,
    size: given.size,
    seedParam: given.seed_param,
    total: given.total,
  }),
  open: (definition, runSeed) => new SeedPagination(definition, runSeed),
};

/**
 * The seed that page `index` is asked with: the first 31 bits of SHA-256(`<run seed>:<page>`), big-endian, in decimal.
 * @internal
 */
export function deriveSeed(runSeed: string, index: number): string {
  const digest = createHash('sha256').update(`${runSeed}:${index}`).digest();
  return String(digest.readUInt32BE(0) >>> 1);
}

/**
 * A source that generates records: `total` of them, `size` a page, each page from a seed of its own. All pages are
 * requested in parallel, and each must have the requested number of records. Totals in the body are ignored, because such
 * sources count one page.
 */
export class SeedPagination implements ResumablePagination {
  readonly #definition: SeedDefinition;
  readonly #runSeed: string;
  #next = 0;
  #done: ReadonlySet<number> = new Set();

  constructor(definition: SeedDefinition, runSeed: string) {
    this.#definition = definition;
    this.#runSeed = runSeed;
  }

  next(): PageRequest | null {
    while (this.#done.has(this.#next)) this.#next++;
    const index = this.#next;
    if (this.#sizeOf(index) <= 0) return null;
    this.#next++;
    return this.repeat(index);
  }

  save(): PaginationState {
    return { records: 0, firstLength: 0, declaredRecords: null, declaredPages: null };
  }

  resume(_: PaginationState, done: ReadonlySet<number>): void {
    this.#done = done;
  }

  seen(): readonly string[] {
    return [];
  }

  repeat(index: number): PageRequest {
    const { sizeParam, seedParam } = this.#definition;
    const params = new Map([
      [sizeParam, this.#sizeOf(index)],
      [seedParam, Number(deriveSeed(this.#runSeed, index))],
    ]);
    return { index, params, url: null };
  }

  take({ index, records }: PageAnswer): void {
    const asked = this.#sizeOf(index);
    if (records.length < asked) throw failure('E_SHORT_PULL', { asked, got: records.length });
    if (records.length > asked) throw failure('E_SOURCE_SHAPE', { expected: `exactly ${asked} records` });
  }

  declared(): Declared {
    const { total, size } = this.#definition;
    return { records: total, pages: Math.ceil(total / size) };
  }

  finish(): void {
    // Every page was checked when it came.
  }

  #sizeOf(index: number): number {
    const { total, size } = this.#definition;
    return Math.min(size, total - index * size);
  }
}
