import { z } from 'zod';
import type { Declared, PageRequest, Pagination, PaginationType } from './pagination.js';

const form = z.strictObject({ type: z.literal('none') });

/** The settings, complete. */
export interface NoneDefinition {
  readonly type: 'none';
}

export const none: PaginationType<typeof form, NoneDefinition> = {
  form,
  complete: () => ({ type: 'none' }),
  open: () => new NonePagination(),
};

/** One request, whose response has all records. */
export class NonePagination implements Pagination {
  #isAsked = false;

  next(): PageRequest | null {
    if (this.#isAsked) return null;
    this.#isAsked = true;
    return { index: 0, params: new Map(), url: null };
  }

  take(): void {
    // Nobody says how many there are: whatever came is what there is.
  }

  declared(): Declared {
    return { records: null, pages: 1 };
  }

  finish(): void {
    // The one answer came, or the pull had failed.
  }
}
