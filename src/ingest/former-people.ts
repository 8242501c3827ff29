import { computeTokens } from '../anonymize/lookup.js';
import type { DatasetDefinition } from '../base/types/definition.js';
import type { CheckedPage } from '../base/types/record.js';
import type { Erased } from '../lake/forgotten-rows.js';
import type { FormerColumn } from './forgotten.js';

/**
 * Finds the records of people who were erased under an earlier key: their tokens under that key are computed beside the
 * masking, in memory, and compared with the tombstones.
 */
export class FormerPeople {
  readonly #dataset: DatasetDefinition;
  readonly #columns: readonly FormerColumn[];
  readonly #places: Erased['places'][number][] = [];

  constructor(dataset: DatasetDefinition, columns: readonly FormerColumn[]) {
    this.#dataset = dataset;
    this.#columns = columns;
  }

  async take({ index, fetched, accepted, values, rejects }: CheckedPage): Promise<void> {
    if (accepted === 0) return;
    const rejected = new Set(rejects.map(({ position }) => position));
    const positions = Array.from({ length: fetched }, (_, at) => at).filter((at) => !rejected.has(at));
    const found = new Set<number>();
    for (const { key, landing, isForgotten } of this.#columns) {
      const tokens = await computeTokens(this.#dataset, landing, key, values);
      for (const [row, token] of tokens.entries())
        if (token !== null && isForgotten(token)) found.add(positions[row] ?? 0);
    }
    for (const position of found) this.#places.push({ page: index, position });
  }

  get places(): Erased['places'] {
    return this.#places;
  }
}
