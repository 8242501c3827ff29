import { failure, type LakeveilError, type Where } from '../../base/errors.js';
import type { DefinitionDocument, Path } from './document.js';

/**
 * Collects the problems of a definition in any order. A definition is validated in two passes, form and meaning; each pass
 * reports the first problem in file order.
 */
export class Problems {
  readonly #document: DefinitionDocument;
  #first: { readonly offset: number; readonly error: LakeveilError } | null = null;

  constructor(document: DefinitionDocument) {
    this.#document = document;
  }

  /** Adds a problem at `path`; `fix` says how to fix it. */
  add(path: Path, what: string, fix: string): void {
    this.addFailure(path, (where) => failure('E_DEFINITION', { problem: what, fix }, where));
  }

  /** The same for another code of the catalogue. */
  addFailure(path: Path, make: (where: Where) => LakeveilError): void {
    const { offset, line, column } = this.#document.locate(path);
    if (this.#first !== null && this.#first.offset <= offset) return;
    this.#first = { offset, error: make({ file: this.#document.file, line, column, field: path.join('.') }) };
  }

  /** The first problem in file order, or null. */
  get first(): LakeveilError | null {
    return this.#first?.error ?? null;
  }
}

/**
 * The remedy for an unknown name: the most similar known name, if there is one, and all known names. The unknown name is not
 * repeated.
 */
export function suggest(name: string, known: readonly string[]): string {
  const near = findNearest(name, known);
  const list = `known: ${known.join(', ')}`;
  return near === null ? list : `did you mean \`${near}\`? ${list}`;
}

function findNearest(name: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(Math.min(name.length, 40) / 3)) + 1;
  for (const candidate of known) {
    const distance = countEdits(name.slice(0, 80).toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Optimal string alignment distance: insertions, deletions, substitutions and transpositions. */
function countEdits(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let edits = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) edits = Math.min(edits, (before[j - 2] ?? 0) + 1);
      row.push(edits);
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
