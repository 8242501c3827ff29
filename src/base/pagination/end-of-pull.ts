import { failure } from '../errors.js';
import { hasBodyPath, readPath, splitPath } from '../json-values.js';
import type { PageAnswer } from './pagination.js';
import { saysLast } from './signs.js';

/**
 * The value by which an answer names the next page. `records` followed by a place means the records of the page, wherever
 * the body holds them: `records.-1.id` is the id of the last one.
 */
export function readNext({ body, records }: Pick<PageAnswer, 'body' | 'records'>, path: string): unknown {
  const steps = splitPath(path);
  const isOfRecords = steps[0] === 'records' && /^-?\d+$/.test(steps[1] ?? '');
  return isOfRecords && !hasBodyPath(body, 'records')
    ? readPath(records, steps.slice(1))
    : readPath(body, steps);
}

/**
 * Watches the field that names the next page. A field that no answer has may be misspelled, and the pull then ends
 * after its first page: that is an error, unless the page was shorter than asked, was empty, or says that it is the
 * last.
 */
export class NextField {
  readonly #path: string;
  readonly #size: number | null;
  #isKnown = false;

  constructor(path: string, size: number | null) {
    this.#path = path;
    this.#size = size;
  }

  take(answer: PageAnswer): void {
    const { records, body } = answer;
    const isShort = records.length === 0 || (this.#size !== null && records.length < this.#size);
    if (isShort || saysLast(body) || readNext(answer, this.#path) !== undefined) this.#isKnown = true;
  }

  /** @throws E_SOURCE_SHAPE */
  finish(): void {
    if (this.#isKnown) return;
    const expected = `a field at \`${this.#path}\`, on any page, nor a sign that the first page is the last`;
    throw failure('E_SOURCE_SHAPE', { expected });
  }
}

/** The spellings of no next page. */
export function isNone(next: unknown): boolean {
  return next === undefined || next === null || next === '' || next === false || isEmptyList(next);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
