import { type Chunk, countLineBreaks } from '../../base/files/chunks.js';
import type { CanaryMatcher } from './canary-values.js';
import type { Hit } from './leak-findings.js';
import { findPatterns } from './personal-patterns.js';

/**
 * Whether patterns count in a column. `proven`: a shape proves its cells, and what they hold is no suspect elsewhere.
 * `token`: proven, and nothing else holds such texts.
 */
export type PatternRule = 'suspect' | 'proven' | 'token';

export interface CellHit {
  /** Of the cell among those that were given. */
  readonly index: number;
  readonly hit: Hit;
}

export interface LineHit {
  readonly line: number;
  readonly hit: Hit;
}

/** Texts of proven cells that are remembered at most. */
const MAX_PROVEN = 1_000_000;
const NUL = 0;

/** Looks for the values of a file and for patterns in the texts of cells and files. */
export class Searcher {
  readonly #matcher: CanaryMatcher | null;
  /** What patterns matched in cells that a shape proves. */
  readonly #proven = new Set<string>();

  constructor(matcher: CanaryMatcher | null) {
    this.#matcher = matcher;
  }

  /** Bytes that pieces of a text must have in common. */
  get overlap(): number {
    return Math.max(256, this.#matcher?.longest ?? 0);
  }

  /** At most one hit of each check in each cell. */
  searchCells(cells: readonly string[], rule: PatternRule): CellHit[] {
    const hits = this.#findCanaries(cells);
    if (rule !== 'token') hits.push(...this.#matchCells(cells, rule));
    return hits;
  }

  /** One text without rows, such as a name. */
  searchText(text: string): Hit | null {
    return this.searchCells([text], 'suspect')[0]?.hit ?? null;
  }

  /** @param hasText whether the file is text, where patterns and numbers are looked for too */
  searchChunk({ bytes, line }: Chunk, hasText: boolean): LineHit[] {
    const hits: LineHit[] = (this.#matcher?.find(bytes) ?? []).map(({ at, needle }) => ({
      line: line + countLineBreaks(bytes.subarray(0, at)),
      hit: { check: 'canary', form: needle.form, line: needle.line },
    }));
    if (!hasText) return hits;
    const lines = bytes.toString('utf8').split('\n');
    const known = new Set(hits.map((hit) => hit.line));
    for (const { index, hit } of this.searchDigits(lines))
      if (!known.has(line + index)) hits.push({ line: line + index, hit });
    for (const { index, hit } of this.#matchCells(lines, 'suspect')) hits.push({ line: line + index, hit });
    return hits;
  }

  /** Values of digits, whatever separates them. */
  searchDigits(texts: readonly string[]): CellHit[] {
    const matcher = this.#matcher;
    if (matcher === null) return [];
    return texts.flatMap((text, index) => {
      const needle = matcher.findDigits(text);
      return needle === null
        ? []
        : [{ index, hit: { check: 'canary', form: needle.form, line: needle.line } as const }];
    });
  }

  #findCanaries(cells: readonly string[]): CellHit[] {
    const matcher = this.#matcher;
    if (matcher === null) return [];
    const found = new Map<number, Hit>();
    const hits = matcher.find(Buffer.from(cells.join('\n')));
    const starts = hits.length === 0 ? [] : listStarts(cells);
    for (const { at, needle } of hits) {
      const index = findStart(starts, at);
      if (!found.has(index)) found.set(index, { check: 'canary', form: needle.form, line: needle.line });
    }
    for (const { index, hit } of this.searchDigits(cells)) if (!found.has(index)) found.set(index, hit);
    return [...found].map(([index, hit]) => ({ index, hit }));
  }

  #matchCells(cells: readonly string[], rule: PatternRule): CellHit[] {
    const hits: CellHit[] = [];
    for (const [index, cell] of cells.entries()) {
      const matched = findPatterns(cell);
      if (matched.length === 0) continue;
      if (rule === 'proven') {
        if (this.#proven.size < MAX_PROVEN) for (const { text } of matched) this.#proven.add(text);
        continue;
      }
      const first = matched.find(({ text }) => !this.#proven.has(text));
      if (first !== undefined) hits.push({ index, hit: { check: 'pattern', pattern: first.pattern } });
    }
    return hits;
  }
}

/** Text has no byte 0; what a program packs has. */
export function isText(bytes: Buffer): boolean {
  return !bytes.subarray(0, 65_536).includes(NUL);
}

function listStarts(cells: readonly string[]): number[] {
  const starts: number[] = [];
  let at = 0;
  for (const cell of cells) {
    starts.push(at);
    at += Buffer.byteLength(cell) + 1;
  }
  return starts;
}

/** The last start that is not after `at`. */
function findStart(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
