import { z } from 'zod';
import { failure } from '../errors.js';
import { isNone, NextField, readNext } from './end-of-pull.js';
import type { Declared, PageAnswer, PageRequest, Pagination, PaginationType } from './pagination.js';
import { RepeatGuard } from './repeat-guard.js';
import {
  bodyPath,
  completeFlags,
  flagFields,
  type FlagPlaces,
  Flags,
  pageSize,
  parameter,
  paramsIn,
} from './settings.js';

const form = z.strictObject({
  type: z.literal('cursor'),
  in: paramsIn,
  cursor_param: parameter
    .optional()
    .describe('Parameter for the cursor; default: the text {cursor} in a body.'),
  next_path: bodyPath.describe(
    'Path of the next cursor in the body, or `records.-1.id` for a field of the last record; pagination ends when it is absent.',
  ),
  size_param: parameter.optional().describe('Parameter for the number of records in a page.'),
  size: pageSize.optional().describe('Number of records in a page.'),
  ...flagFields,
});

/** Stands in a body for the cursor, and is null on the first page. */
export const CURSOR = '{cursor}';

/** The settings, complete. */
export interface CursorDefinition extends FlagPlaces {
  readonly type: 'cursor';
  readonly cursorParam: string;
  readonly nextPath: string;
  readonly sizeParam: string | null;
  readonly size: number | null;
}

export const cursor: PaginationType<typeof form, CursorDefinition> = {
  form,
  complete: (given) => ({
    type: 'cursor',
    cursorParam: given.cursor_param ?? CURSOR,
    nextPath: given.next_path,
    sizeParam: given.size_param ?? null,
    size: given.size ?? null,
    ...completeFlags(given),
  }),
  open: (definition) => new CursorPagination(definition),
};

/** A cursor travels in the URL, and servers refuse longer ones. */
const MAX_CURSOR_LENGTH = 4_096;

/**
 * Each response has the cursor of the next page, so pages are requested one after another. The pull ends when the cursor is
 * null, empty or absent, or when a flag says so; an empty page with a cursor is not the end.
 */
export class CursorPagination implements Pagination {
  readonly #definition: CursorDefinition;
  readonly #guard = new RepeatGuard();
  readonly #field: NextField;
  readonly #flags: Flags;
  #next: PageRequest | null;

  constructor(definition: CursorDefinition) {
    this.#definition = definition;
    this.#field = new NextField(definition.nextPath, definition.size);
    this.#flags = new Flags(definition, definition.size);
    this.#next = this.#request(0, null);
  }

  next(): PageRequest | null {
    const request = this.#next;
    this.#next = null;
    return request;
  }

  take(answer: PageAnswer): void {
    const { index, records } = answer;
    this.#guard.checkPage(records);
    this.#field.take(answer);
    if (this.#flags.take(answer) === false) return;
    const cursor = this.#readCursor(answer);
    if (cursor === null) return;
    this.#guard.checkCursor(String(cursor));
    this.#next = this.#request(index + 1, cursor);
  }

  declared(): Declared {
    return { records: null, pages: null };
  }

  finish(): void {
    this.#field.finish();
    this.#flags.finish();
  }

  #request(index: number, cursor: string | number | null): PageRequest {
    const { cursorParam, sizeParam, size } = this.#definition;
    const params = new Map<string, string | number>();
    if (sizeParam !== null && size !== null) params.set(sizeParam, size);
    if (cursor !== null) params.set(cursorParam, cursor);
    return { index, params, url: null };
  }

  #readCursor(answer: PageAnswer): string | number | null {
    const { nextPath } = this.#definition;
    const found = readNext(answer, nextPath);
    if (isNone(found)) return null;
    // A number beyond 2^53 was rounded by the parse, and would ask for another page.
    if (typeof found === 'number' && Number.isSafeInteger(found)) return found;
    if (typeof found === 'string' && found.length <= MAX_CURSOR_LENGTH) return found;
    throw failure('E_SOURCE_SHAPE', { expected: `a cursor at \`${nextPath}\`` });
  }
}
