import { failure, joinProblems, type LakeveilError, type Where } from '../../base/errors.js';
import type { DefinitionDocument, Path } from './document.js';

interface Found {
  readonly offset: number;
  readonly path: Path;
  readonly error: LakeveilError;
}

/**
 * Collects the problems of a definition in any order. A definition is read in three passes: variables, form and meaning.
 * A part with a problem is hidden from the later passes, so that its consequences are not reported as well.
 */
export class Problems {
  readonly #document: DefinitionDocument;
  readonly #found: Found[] = [];
  readonly #hidden: Path[] = [];

  constructor(document: DefinitionDocument) {
    this.#document = document;
  }

  /** Adds a problem at `path`; `fix` says how to fix it. */
  add(path: Path, what: string, fix: string): void {
    this.addFailure(path, (where) => failure('E_DEFINITION', { problem: what, fix }, where));
  }

  /** The same for another code of the catalogue. Nothing is added below a hidden part. */
  addFailure(path: Path, make: (where: Where) => LakeveilError): void {
    if (this.#hidden.some((part) => isBelow(path, part))) return;
    const { offset, line, column } = this.#document.locate(path);
    const error = make({ file: this.#document.file, line, column, field: path.join('.') });
    this.#found.push({ offset, path, error });
  }

  /** From here on the part at `path` is not evaluated. */
  hide(path: Path): void {
    this.#hidden.push(bare(path));
  }

  /** Hides every part with a problem. */
  hideFound(): void {
    for (const { path } of this.#found) this.hide(path);
  }

  /** The part at `path`, or something in it, is hidden: what refers to it cannot be evaluated. */
  isHidden(path: Path): boolean {
    return this.#hidden.some((part) => isBelow(path, part) || isBelow(part, path));
  }

  get count(): number {
    return this.#found.length;
  }

  /** Throws the problems in file order, as one error. */
  assertNone(): void {
    const [first, ...others] = this.#found.sort((a, b) => a.offset - b.offset).map(({ error }) => error);
    if (first !== undefined) throw joinProblems([first, ...others]);
  }
}

function isBelow(path: Path, part: Path): boolean {
  const own = bare(path);
  return part.length <= own.length && part.every((key, i) => key === own[i]);
}

/** The leaves of an array have the path of the array. */
function bare(path: Path): Path {
  return path.filter((key) => key !== 'items');
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

/** The most similar known name; null if none is similar. */
export function findNearest(name: string, known: readonly string[]): string | null {
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
