import { createHash } from 'node:crypto';
import { failure } from '../../base/errors.js';
import type { PaginationDefinition } from '../../base/types/definition.js';
import type { Declared, PageAnswer, PageRequest, Pagination } from './pagination.js';

export type SeedDefinition = Extract<PaginationDefinition, { type: 'seed' }>;

/**
 * The seed that page `index` is asked with: the first 31 bits of SHA-256(`<run seed>:<page>`), big-endian, in decimal.
 * @internal
 */
export function deriveSeed(runSeed: string, index: number): string {
  const digest = createHash('sha256').update(`${runSeed}:${index}`).digest();
  return String(digest.readUInt32BE(0) >>> 1);
}

/**
 * A source that makes records up: `total` of them, `size` a page, each page from a seed of its own. All pages may go
 * out at once. Each must bring exactly what it was asked for; what the body says of totals does not count, since such
 * sources speak of the one page.
 */
export class SeedPagination implements Pagination {
  readonly #definition: SeedDefinition;
  readonly #runSeed: string;
  #next = 0;

  constructor(definition: SeedDefinition, runSeed: string) {
    this.#definition = definition;
    this.#runSeed = runSeed;
  }

  next(): PageRequest | null {
    const { sizeParam, seedParam } = this.#definition;
    const index = this.#next;
    const size = this.#sizeOf(index);
    if (size <= 0) return null;
    this.#next++;
    const params = new Map([
      [sizeParam, size],
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
