import { createHash } from 'node:crypto';
import { failure } from '../errors.js';

/**
 * Knows a source that gives the same again and would never end. It keeps 32 bytes for each page or cursor seen, and
 * judges the records alone, because an envelope may echo the page number or the time.
 */
export class RepeatGuard {
  readonly #seen = new Set<string>();

  /** Throws E_SOURCE_ENDLESS on records that were met before, all of them in the same order. An empty page may recur. */
  checkPage(records: readonly unknown[]): void {
    if (records.length > 0) this.#check('page', JSON.stringify(records));
  }

  /** Throws E_SOURCE_ENDLESS on a cursor that was met before. */
  checkCursor(cursor: string): void {
    this.#check('cursor', cursor);
  }

  /** Digests of what came. */
  list(): readonly string[] {
    return [...this.#seen];
  }

  #check(kind: 'page' | 'cursor', text: string): void {
    const digest = createHash('sha256').update(`${kind}:${text}`).digest('base64');
    if (this.#seen.has(digest)) throw failure('E_SOURCE_ENDLESS', { kind: `the same ${kind} again` });
    this.#seen.add(digest);
  }
}
