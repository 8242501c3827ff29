import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type LineCounter,
  LineCounter as Lines,
  type ParsedNode,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { failure } from '../../base/errors.js';

/** Keys and indices from the top of the page. */
export type Path = readonly (string | number)[];

export interface Place {
  readonly offset: number;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

/** A page of YAML: what it says, and where it says it. */
export interface DefinitionDocument {
  readonly file: string;
  readonly data: unknown;
  /** Where the key (or list entry) of a path stands; of its nearest ancestor if the page does not have it. */
  readonly locate: (path: Path) => Place;
}

const REMEDIES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'a name is met twice: remove or rename one of the two',
  TAB_AS_INDENT: 'indent with blanks',
  BAD_INDENT: 'indent the line as its neighbours',
  MULTIPLE_DOCS: 'keep one page in a file: remove what follows `---`',
  NON_STRING_KEY: 'use plain text as the key',
  TAG_RESOLVE_FAILED: 'remove the tag (`!…`)',
  RESOURCE_EXHAUSTION: 'nest less deeply',
};

/**
 * Parses the text of a page (YAML 1.2, core schema, no tags). Throws E_DEFINITION with the parser's error code, line
 * and column, never with text of the page.
 */
export function parsePage(file: string, text: string): DefinitionDocument {
  const lines = new Lines();
  const options = { lineCounter: lines, schema: 'core', stringKeys: true, resolveKnownTags: false } as const;
  const document = parseDocument(text, { ...options, prettyErrors: false, logLevel: 'error' });
  const flaw = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])[0];
  if (flaw !== undefined) throw describeSyntax(file, lines, flaw);
  assertNoProtoKeys(file, lines, document);
  return {
    file,
    data: expand(file, lines, document),
    locate: (path) => placeAt(lines, findOffset(document, path)),
  };
}

function describeSyntax(file: string, lines: LineCounter, flaw: YAMLError): Error {
  const { line, column } = placeAt(lines, flaw.pos[0]);
  const facts = {
    problem: `not valid YAML (${flaw.code})`,
    fix: REMEDIES[flaw.code] ?? 'correct this place',
  };
  return failure('E_DEFINITION', facts, { file, line, column });
}

/** A key `__proto__` would be lost or worse in whatever copies the page. */
function assertNoProtoKeys(file: string, lines: LineCounter, document: Document.Parsed): void {
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== '__proto__') return;
      const { line, column } = placeAt(lines, pair.key.range?.[0] ?? 0);
      const facts = { problem: 'no name may be `__proto__`', fix: 'remove it' };
      throw failure('E_DEFINITION', facts, { file, line, column });
    },
  });
}

/** Aliases that multiply beyond the parser's bound, or that contain themselves, are refused. */
function expand(file: string, lines: LineCounter, document: Document.Parsed): unknown {
  try {
    const data: unknown = document.toJS({ maxAliasCount: 100 });
    JSON.stringify(data);
    return data;
  } catch {
    const { offset, isLost } = findBadAlias(document);
    const { line, column } = placeAt(lines, offset);
    const facts = isLost
      ? { problem: 'the alias (`*…`) has no anchor (`&…`) above it', fix: 'write the value itself' }
      : { problem: 'aliases multiply without end', fix: 'write the repeated parts out' };
    throw failure('E_DEFINITION', facts, { file, line, column });
  }
}

/** The first alias that has no anchor; else the first of all. */
function findBadAlias(document: Document.Parsed): { offset: number; isLost: boolean } {
  const found: { offset: number; isLost: boolean }[] = [];
  visit(document, {
    Alias(_, alias) {
      found.push({ offset: alias.range?.[0] ?? 0, isLost: alias.resolve(document) === undefined });
    },
  });
  return found.find((alias) => alias.isLost) ?? found[0] ?? { offset: 0, isLost: false };
}

function findOffset(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (!isCollection(node)) break;
    const entry: unknown = isMap(node)
      ? node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key))
      : isSeq(node)
        ? node.items[Number(key)]
        : undefined;
    if (entry === undefined) break;
    offset = startOf(isPair(entry) ? entry.key : entry) ?? offset;
    node = isPair(entry) ? entry.value : entry;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isCollection(node) || isAlias(node) ? (node as ParsedNode).range[0] : undefined;
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { offset, line: Math.max(line, 1), column: Math.max(col, 1) };
}
