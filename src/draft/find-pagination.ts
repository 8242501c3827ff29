import { isObject } from '../base/json-values.js';
import { isFieldName } from './names.js';

/** The likely pagination, as the keys of `pagination` in a definition. */
export interface FoundPagination {
  readonly keys: Readonly<Record<string, string | number>>;
  /** What the sample does not show. */
  readonly question: string | null;
}

interface Fact {
  readonly path: string;
  readonly name: string;
  readonly value: unknown;
}

const MAX_DEPTH = 4;
const NEXT_LINK = /^(?:next|nextlink|nexturl|nexthref|nextpageurl|nextpagelink|odatanextlink)$/;
const CURSOR =
  /^(?:(?:next)?cursor|nextpagetoken|nexttoken|pagetoken|endcursor|continuation(?:token)?|scrollid)$/;
const PAGE = /^(?:page|currentpage|pagenumber|pageno|pageindex)$/;
const OFFSET = /^(?:offset|skip|startindex)$/;
const TOTAL =
  /^(?:total|count|totalcount|totalrecords|totalitems|totalresults|totalelements|totalhits|recordcount)$/;
const PAGES = /^(?:pages|totalpages|lastpage|pagecount|numpages|pagestotal)$/;

export interface Envelope {
  readonly body: unknown;
  /** Path of the records in the body. */
  readonly path: readonly string[];
  /** Number of records in the response. */
  readonly count: number;
  readonly hasNextLink: boolean;
}

/** Derives the pagination from one response; counts and cursors are inspected but never returned. */
export function findPagination(envelope: Envelope): FoundPagination {
  if (envelope.hasNextLink) return { keys: { type: 'link' }, question: null };
  const facts = listFacts(envelope.body, [], envelope.path.join('.'));
  return findNext(facts) ?? findNumbered(facts, envelope.count) ?? guessRest(facts, envelope.count);
}

function findNext(facts: readonly Fact[]): FoundPagination | null {
  const link = facts.find(({ name, value }) => NEXT_LINK.test(name) && (value === null || isAddress(value)));
  if (link !== undefined) return { keys: { type: 'link', next_path: link.path }, question: null };
  const cursor = facts.find(({ name, value }) => CURSOR.test(name) && (value === null || isCursor(value)));
  if (cursor === undefined) return null;
  const keys = { type: 'cursor', cursor_param: nameParameter(cursor.path), next_path: cursor.path };
  return { keys, question: 'is this the cursor parameter?' };
}

/** Only 0 matters: it means that page numbers start at 0. */
function findNumbered(facts: readonly Fact[], count: number): FoundPagination | null {
  const page = facts.find(({ name, value }) => PAGE.test(name) && Number.isSafeInteger(value));
  const offset = facts.find(({ name, value }) => OFFSET.test(name) && Number.isSafeInteger(value));
  const counts = findCounts(facts, count);
  const question = 'are these the parameters? Add size_param and size if the API has a page size.';
  if (page !== undefined) {
    const start = page.value === 0 ? { start: 0 } : {};
    return { keys: { type: 'page', page_param: nameParameter(page.path), ...start, ...counts }, question };
  }
  if (offset === undefined) return null;
  const { total_path: total } = counts;
  const total_path = total === undefined ? {} : { total_path: total };
  return { keys: { type: 'offset', offset_param: nameParameter(offset.path), ...total_path }, question };
}

/** The source has more records than the response: use pages; the pull fails if that is wrong. */
function guessRest(facts: readonly Fact[], count: number): FoundPagination {
  const counts = findCounts(facts, count);
  const isMore = facts.some(
    ({ path, value }) =>
      (path === counts.total_path && Number(value) > count) ||
      (path === counts.pages_path && Number(value) > 1),
  );
  if (isMore) {
    const question =
      'the source has more records than this response; which parameter requests the next page?';
    return { keys: { type: 'page', page_param: 'page', ...counts }, question };
  }
  return { keys: { type: 'none' }, question: 'is this response complete? No further pages are requested.' };
}

/** A total below the number of received records counts something else; a page count next to it is used instead. */
function findCounts(
  facts: readonly Fact[],
  count: number,
): { readonly total_path?: string; readonly pages_path?: string } {
  const pages = facts.find(({ name, value }) => PAGES.test(name) && isCount(value, 1));
  const total = facts.find(({ name, value }) => TOTAL.test(name) && isCount(value, count));
  const isOfPage = total?.value === count && Number(pages?.value ?? 1) > 1;
  if (total !== undefined && !isOfPage) return { total_path: total.path };
  return pages === undefined ? {} : { pages_path: pages.path };
}

function listFacts(value: unknown, path: readonly string[], records: string): readonly Fact[] {
  const here = path.join('.');
  if (!isObject(value) || path.length > MAX_DEPTH || (here === records && here !== '')) return [];
  return Object.entries(value)
    .filter(([key]) => isFieldName(key) && !/\s/.test(key))
    .flatMap(([key, inner]) => {
      const at = [...path, key];
      // `next: { href }` is a link too.
      const name = key === 'href' ? (path.at(-1) ?? '') : key;
      const fact = { path: at.join('.'), name: name.toLowerCase().replaceAll(/[^a-z]/g, ''), value: inner };
      return isObject(inner) ? listFacts(inner, at, records) : [fact];
    });
}

function isAddress(value: unknown): boolean {
  return typeof value === 'string' && /^(?:https?:\/\/|[/?])/.test(value);
}

function isCursor(value: unknown): boolean {
  return (typeof value === 'string' && !isAddress(value)) || Number.isSafeInteger(value);
}

function isCount(value: unknown, least: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}

/** `next_page_token` becomes `page_token`, `current_page` becomes `page`; other names are unchanged. */
function nameParameter(path: string): string {
  const name = path.split('.').at(-1) ?? '';
  if (/^end_?cursor$/i.test(name)) return 'after';
  const rest = name.replace(/^(?:next|current)_?(?=[A-Za-z])/i, '');
  if (rest === name || /^token$/i.test(rest)) return name;
  return name.includes('_') ? rest : rest.charAt(0).toLowerCase() + rest.slice(1);
}
