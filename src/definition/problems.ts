import type { LakeveilError, Where } from '../errors.js';
import { failure } from '../errors.js';
import type { PageDocument, Path } from './document.js';

/**
 * What is wrong with a page, found in any order. A page is judged in two passes, its form and then its meaning; each
 * reports the problem that stands first in the file.
 */
export class Problems {
  readonly #page: PageDocument;
  #first: { readonly offset: number; readonly error: LakeveilError } | null = null;

  constructor(page: PageDocument) {
    this.#page = page;
  }

  /** `what` is wrong at `path`; `fix` says what to type. Both in words of the definition's format. */
  add(path: Path, what: string, fix: string): void {
    this.addFailure(path, (where) => failure('E_DEFINITION', { problem: what, fix }, where));
  }

  /** The same for another code of the catalogue. */
  addFailure(path: Path, make: (where: Where) => LakeveilError): void {
    const { offset, line, column } = this.#page.locate(path);
    if (this.#first !== null && this.#first.offset <= offset) return;
    this.#first = { offset, error: make({ file: this.#page.file, line, column, field: path.join('.') }) };
  }

  /** What stands first in the file; null if nothing is wrong. */
  get first(): LakeveilError | null {
    return this.#first?.error ?? null;
  }
}
