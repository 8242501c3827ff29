import { isObject, splitPath, writePath } from '../base/json-values.js';
import { findSignOfMore } from '../base/pagination/end-of-pull.js';
import { findLink } from '../base/pagination/link-header.js';
import { isFieldName } from './names.js';

/** The keys of `pagination` in a definition. */
export type PaginationKeys = Readonly<Record<string, string | number>>;

/** The likely pagination. */
export interface FoundPagination {
  readonly keys: PaginationKeys;
  /** What the sample does not show. */
  readonly question: string | null;
}

export interface PossiblePaginations extends FoundPagination {
  /** The same with other parameters, to be tried if these do not give another page. */
  readonly others: readonly PaginationKeys[];
  /** The response has a sign of more. */
  readonly hasMore: boolean;
}

interface Fact {
  readonly path: string;
  /** Its name in lowercase letters, that of the object above it, and of the one above that. */
  readonly name: string;
  readonly above: string;
  readonly value: unknown;
}

const MAX_DEPTH = 4;
const NEXT_LINK = /^(?:odata)?next(?:page|records)?(?:link|url|uri|href)?$/;
const CURSOR =
  /^(?:(?:next)?cursor|nextpagetoken|nexttoken|pagetoken|endcursor|nextcontinuationtoken|continuation(?:token)?|scrollid|nextmarker|marker|nextkey|nextstart|nextoffset|nextpage|nextpagecursor|nextpageid|nextid)$/;
/** Inside an object such as `next` or `cursors`. */
const INNER_CURSOR = /^(?:after|cursor|token|next|offset|start|page|id)$/;
const PAGE = /^(?:page|currentpage|pagenumber|pageno|pagenum|pageindex)$/;
const OFFSET = /^(?:offset|skip|start|startat|from)$/;
const TOTAL =
  /^(?:total|count|odatacount|totalcount|totalrecords|totalitems|totalresults|totalelements|totalhits|totalsize|recordcount|resultcount)$/;
const PAGES = /^(?:pages|totalpages|lastpage|pagecount|numpages|pagestotal)$/;
const MORE = /^(?:hasmore|hasnext|hasnextpage|more|istruncated|truncated)$/;
const LAST = /^(?:last|islast|islastpage|endofstream|done)$/;
const TOTAL_HEADERS = ['x-total-count', 'x-total', 'total-count', 'x-count'];
const PAGES_HEADERS = ['x-total-pages', 'x-wp-totalpages', 'x-page-count'];

export interface Envelope {
  readonly body: unknown;
  /** Path of the records in the body. */
  readonly path: readonly string[];
  /** Number of records in the response. */
  readonly count: number;
  /** A field of the records by which a source may name the last one; null if there is none. */
  readonly key: string | null;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * Derives the pagination from one response; counts and cursors are inspected but never returned. If the response says
 * that there is more, the result is never `none` without a question.
 */
export function findPagination(envelope: Envelope): PossiblePaginations {
  const { body, path, count, headers } = envelope;
  if (findLink(headers['link'] ?? '', 'next') !== null) return found({ type: 'link' });
  const facts = listFacts(body, [], path.join('\n'));
  return (
    findNext(facts) ??
    findNumbered(facts, envelope) ??
    findDeclared(facts, envelope) ??
    findFlagged(facts, envelope) ??
    findNone(envelope, findSignOfMore({ body, headers }, { records: count, pages: 1 }, false))
  );
}

function found(
  keys: PaginationKeys,
  question: string | null = null,
  others: readonly PaginationKeys[] = [],
): PossiblePaginations {
  return { keys, question, others, hasMore: true };
}

function findNext(facts: readonly Fact[]): PossiblePaginations | null {
  const flags = findFlags(facts);
  const isLink = ({ name, value }: Fact): boolean => NEXT_LINK.test(name) && isAddress(value);
  const link = facts.find(isLink);
  if (link !== undefined) return found({ type: 'link', next_path: link.path });
  const isCursorName = ({ name, above }: Fact): boolean =>
    CURSOR.test(name) || (INNER_CURSOR.test(name) && /^(?:next|nextpage|cursors?)$/.test(above));
  const cursor =
    facts.find((fact) => isCursorName(fact) && isCursor(fact.value)) ??
    facts.find((fact) => fact.name === 'next' && isCursor(fact.value));
  if (cursor !== undefined) return describeCursor(cursor, flags);
  const empty = facts.find(
    (fact) => (fact.value === null || fact.value === '') && (NEXT_LINK.test(fact.name) || isCursorName(fact)),
  );
  if (empty === undefined) return null;
  const question =
    'this sample is the last page; does this field hold a URL or a cursor when there are more?';
  if (NEXT_LINK.test(empty.name)) return found({ type: 'link', next_path: empty.path }, question);
  return { ...describeCursor(empty, flags), question: 'is this the cursor parameter?' };
}

/** Parameters by which sources take a cursor, besides the one that the name of the field suggests. */
const CURSORS = ['cursor', 'after', 'page_token', 'pageToken', 'starting_after', 'next'];

function describeCursor({ path, name }: Fact, flags: PaginationKeys): PossiblePaginations {
  const own = name === 'next' ? 'cursor' : nameParameter(path);
  const full = splitPath(path).at(-1) ?? '';
  const keysOf = (cursor_param: string): PaginationKeys => ({
    type: 'cursor',
    cursor_param,
    next_path: path,
    ...flags,
  });
  const others = [...new Set([full, ...CURSORS])].filter((name) => name !== own);
  return found(keysOf(own), 'is this the cursor parameter?', others.map(keysOf));
}

const SIZES = 'are these the parameters? Add size_param and size if the API has a page size.';

/** Only 0 matters: it means that page numbers start at 0. */
function findNumbered(facts: readonly Fact[], envelope: Envelope): PossiblePaginations | null {
  const counts = findCounts(facts, envelope);
  const hasPages = facts.some(({ name }) => PAGES.test(name));
  const page = facts.find(
    ({ name, above, value }) =>
      Number.isSafeInteger(value) &&
      (PAGE.test(name) || (name === 'number' && (above === 'page' || hasPages))),
  );
  const flags = Object.keys(counts).length === 0 ? findFlags(facts) : {};
  if (page !== undefined) {
    const start = page.value === 0 ? { start: 0 } : {};
    const own = page.name === 'number' ? 'page' : nameParameter(page.path);
    const keysOf = (page_param: string): PaginationKeys => ({
      type: 'page',
      page_param,
      ...start,
      ...counts,
      ...flags,
    });
    const others = ['page', 'p', 'page_number', 'pageNumber'].filter((name) => name !== own);
    return found(keysOf(own), SIZES, others.map(keysOf));
  }
  const offset = facts.find(({ name, value }) => OFFSET.test(name) && Number.isSafeInteger(value));
  if (offset === undefined) return null;
  return found(
    { type: 'offset', offset_param: nameParameter(offset.path), ...totalOf(counts), ...flags },
    SIZES,
  );
}

/** The source declares more records than the response has; the pull fails if the parameter is wrong. */
function findDeclared(facts: readonly Fact[], envelope: Envelope): PossiblePaginations | null {
  const counts = findCounts(facts, envelope);
  if (!isMoreDeclared(facts, envelope, counts)) return null;
  const question = 'the source has more records than this response; which parameter requests the next page?';
  const total = totalOf(counts);
  const offsets = ['offset', 'skip', 'start', 'startAt'].map((offset_param) => ({
    type: 'offset',
    offset_param,
    ...total,
  }));
  return found(
    { type: 'page', page_param: 'page', ...counts },
    question,
    Object.keys(total).length > 0 ? offsets : [],
  );
}

/** Offsets go by the number of records, not of pages. */
function totalOf({ total_path, total_header }: Counts): PaginationKeys {
  if (total_path !== undefined) return { total_path };
  return total_header === undefined ? {} : { total_header };
}

function isMoreDeclared(
  facts: readonly Fact[],
  { count, headers }: Envelope,
  counts: PaginationKeys,
): boolean {
  const valueAt = (path: unknown): number => Number(facts.find((fact) => fact.path === path)?.value ?? 0);
  return (
    valueAt(counts['total_path']) > count ||
    valueAt(counts['pages_path']) > 1 ||
    Number(headers[String(counts['total_header'] ?? '').toLowerCase()] ?? 0) > count ||
    Number(headers[String(counts['pages_header'] ?? '').toLowerCase()] ?? 0) > 1
  );
}

/** A flag says that there is more: by the last record, or by a number. */
function findFlagged(facts: readonly Fact[], { key }: Envelope): PossiblePaginations | null {
  const flags = findFlags(facts);
  const isMore = facts.some(({ path, value }) => path === flags['more_path'] && value === true);
  const isLast = facts.some(({ path, value }) => path === flags['last_path'] && value === false);
  if (!isMore && !isLast) return null;
  const next_path = `records.-1.${writePath([key ?? 'id'])}`;
  const cursors = ['starting_after', 'after', 'after_id', 'since_id', 'last_id', 'cursor'].map(
    (cursor_param) => ({ type: 'cursor', cursor_param, next_path, ...flags }),
  );
  const numbers = [
    { type: 'page', page_param: 'page', ...flags },
    { type: 'offset', offset_param: 'offset', ...flags },
  ];
  const question = 'the source has more records than this response; how is the next page requested?';
  const [first = { type: 'none' }, ...others] =
    key === null ? numbers : [...cursors.slice(0, 2), ...numbers, ...cursors.slice(2)];
  return found(first, question, others);
}

/** Sources cut lists at round numbers. */
const ROUND = 5;
const LEAST = 10;

function findNone({ count }: Envelope, sign: string | null): PossiblePaginations {
  const guesses = [
    { type: 'page', page_param: 'page' },
    { type: 'offset', offset_param: 'offset' },
  ];
  if (sign !== null) {
    const question = `the sample says that there is more (\`${sign}\`), but not how to request it; set \`pagination\`, see docs/sources.md. Until then a run fails.`;
    return found({ type: 'none' }, question, guesses);
  }
  const others = count >= LEAST && count % ROUND === 0 ? guesses : [];
  const question = 'is this response complete? No further pages are requested.';
  return { ...found({ type: 'none' }, question, others), hasMore: false };
}

function findFlags(facts: readonly Fact[]): PaginationKeys {
  const more = facts.find(({ name, value }) => MORE.test(name) && typeof value === 'boolean');
  if (more !== undefined) return { more_path: more.path };
  const last = facts.find(({ name, value }) => LAST.test(name) && typeof value === 'boolean');
  return last === undefined ? {} : { last_path: last.path };
}

interface Counts {
  readonly total_path?: string;
  readonly pages_path?: string;
  readonly total_header?: string;
  readonly pages_header?: string;
}

/** A total below the number of received records counts something else; a page count next to it is used instead. */
function findCounts(facts: readonly Fact[], { count, headers }: Envelope): Counts & PaginationKeys {
  const pages = facts.find(({ name, value }) => PAGES.test(name) && isCount(value, 1));
  const total = facts.find(
    ({ name, above, value }) =>
      isCount(value, count) && (TOTAL.test(name) || (name === 'value' && TOTAL.test(above))),
  );
  const isOfPage = total?.value === count && Number(pages?.value ?? 1) > 1;
  if (total !== undefined && !isOfPage) return { total_path: total.path };
  if (pages !== undefined) return { pages_path: pages.path };
  const totalHeader = TOTAL_HEADERS.find((name) => Number(headers[name] ?? -1) >= count);
  if (totalHeader !== undefined) return { total_header: totalHeader };
  const pagesHeader = PAGES_HEADERS.find((name) => Number(headers[name] ?? 0) >= 1);
  return pagesHeader === undefined ? {} : { pages_header: pagesHeader };
}

function listFacts(value: unknown, path: readonly string[], records: string): readonly Fact[] {
  const here = path.join('\n');
  if (!isObject(value) || path.length > MAX_DEPTH || (here === records && here !== '')) return [];
  return Object.entries(value)
    .filter(([key]) => isFieldName(key.replaceAll('.', '_')) && !/\s/.test(key))
    .flatMap(([key, inner]) => {
      const at = [...path, key];
      // `next: { href }` is a link too.
      const isHref = /^(?:href|link|url|uri)$/i.test(key) && path.length > 0;
      const name = isHref ? (path.at(-1) ?? '') : key;
      const above = plain(path.at(-1) ?? '');
      const fact = { path: writePath(at), name: plain(name), above, value: inner };
      return isObject(inner) ? listFacts(inner, at, records) : [fact];
    });
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, '');
}

function isAddress(value: unknown): boolean {
  return typeof value === 'string' && /^(?:https?:\/\/|[/?])/.test(value);
}

function isCursor(value: unknown): boolean {
  return (typeof value === 'string' && value !== '' && !isAddress(value)) || Number.isSafeInteger(value);
}

function isCount(value: unknown, least: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}

/** `next_page_token` becomes `page_token`, `current_page` becomes `page`; other names are unchanged. */
function nameParameter(path: string): string {
  const name = splitPath(path).at(-1) ?? '';
  if (/^end_?cursor$/i.test(name)) return 'after';
  const rest = name.replace(/^(?:next|current)_?(?=[A-Za-z])/i, '');
  if (rest === name || /^token$/i.test(rest)) return name;
  return name.includes('_') ? rest : rest.charAt(0).toLowerCase() + rest.slice(1);
}
