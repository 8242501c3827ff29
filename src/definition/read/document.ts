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
import { failure, joinProblems, type LakeveilError } from '../../base/errors.js';

/** Keys and indices from the top of the definition. */
export type Path = readonly (string | number)[];

export interface Place {
  readonly offset: number;
  /** Both start at 1. */
  readonly line: number;
  readonly column: number;
}

/** A parsed YAML document and the positions of its parts. */
export interface DefinitionDocument {
  readonly file: string;
  readonly data: unknown;
  /** The position of a path's key or list entry, or of its nearest existing ancestor. */
  readonly locate: (path: Path) => Place;
}

const REMEDIES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'duplicate key: remove or rename one of them',
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'indent the line like its neighbors',
  MULTIPLE_DOCS: 'keep one document per file: remove everything after `---`',
  NON_STRING_KEY: 'use plain text as the key',
  TAG_RESOLVE_FAILED: 'remove the tag (`!…`)',
  RESOURCE_EXHAUSTION: 'reduce the nesting',
};

/**
 * Parses a definition (YAML 1.2, core schema, no tags). Throws E_DEFINITION with the parser's error codes, lines and columns,
 * never with text of the definition.
 */
export function parseDefinition(file: string, text: string): DefinitionDocument {
  const lines = new Lines();
  const options = { lineCounter: lines, schema: 'core', stringKeys: true, resolveKnownTags: false } as const;
  const document = parseDocument(text, { ...options, prettyErrors: false, logLevel: 'error' });
  const flaws = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  const [first, ...others] = flaws.map((flaw) => describeSyntax(file, lines, flaw));
  if (first !== undefined) throw joinProblems([first, ...others]);
  assertNoProtoKeys(file, lines, document);
  return {
    file,
    data: expand(file, lines, document),
    locate: (path) => placeAt(lines, findOffset(document, path)),
  };
}

/** A document whose data is known. It is parsed when a place in it is asked for. */
export function restoreDefinition(file: string, text: string, data: unknown): DefinitionDocument {
  let parsed: DefinitionDocument | null = null;
  return {
    file,
    data,
    locate: (path) => {
      parsed ??= parseDefinition(file, text);
      return parsed.locate(path);
    },
  };
}

function describeSyntax(file: string, lines: LineCounter, flaw: YAMLError): LakeveilError {
  const { line, column } = placeAt(lines, flaw.pos[0]);
  const facts = {
    problem: `invalid YAML (${flaw.code})`,
    fix: REMEDIES[flaw.code] ?? 'correct the YAML at this position',
  };
  return failure('E_DEFINITION', facts, { file, line, column });
}

/** A key `__proto__` would be lost or change a prototype when the document is copied. */
function assertNoProtoKeys(file: string, lines: LineCounter, document: Document.Parsed): void {
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== '__proto__') return;
      const { line, column } = placeAt(lines, pair.key.range?.[0] ?? 0);
      const facts = { problem: 'the key `__proto__` is not allowed', fix: 'remove it' };
      throw failure('E_DEFINITION', facts, { file, line, column });
    },
  });
}

/** Rejects aliases that expand beyond the parser's limit or contain themselves. */
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
      : { problem: 'the aliases expand without limit', fix: 'write out the repeated parts' };
    throw failure('E_DEFINITION', facts, { file, line, column });
  }
}

/** The first alias without an anchor, else the first alias. */
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
