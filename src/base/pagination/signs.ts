import { isObject, type JsonObject, readBodyPath, readPath, splitPath, writePath } from '../json-values.js';
import type { PageAnswer } from './pagination.js';

/** What an answer says of its own end, or of a failure, in the words that APIs use for it. */

/** Objects of an envelope in which APIs put what they say of pages. */
const CONTAINERS = [
  'paging',
  'pagination',
  'page',
  'pages',
  'page_info',
  'pageInfo',
  'meta',
  'metadata',
  '_meta',
  'links',
  '_links',
  'cursor',
  'cursors',
  'response_metadata',
  'result_info',
  'additional_data',
];
/** True says that there is more. */
const MORE =
  /^(?:has_?more|has_?next(?:_?page)?|more(?:_?(?:items|results|records|pages|available|items_?in_?collection))?|(?:is_?)?truncated)$/i;
/** False says that there is more. */
const LAST = /^(?:(?:is_?)?last(?:_?page)?|end_?of_?stream|done)$/i;
/** Anything but nothing says that there is more. */
const NEXT =
  /^(?:(?:@odata\.|__)?next_?(?:(?:page|records)?_?(?:cursor|token|link|url|uri|href|id)?|offset|start|marker)?|continue|continuation_?(?:token)?|last_?evaluated_?key)$/i;
/** The same on the only page; on others it may be the cursor that was asked with. */
const CURSOR = /^(?:cursor|offset)$/i;
/** In a Link header, however it is quoted. */
const NEXT_LINK = /;\s*rel\s*=\s*["']?[^"';,]*\bnext\b/i;
/** More than came says that there is more. */
const TOTAL =
  /^(?:(?:@odata\.|__)?count|total(?:_?(?:count|results|records|items|size|elements|rows|row_?count|entries|hits))?|(?:item|record|result|row)_?count|num_?found|nb_?hits)$/i;
/** The same of pages. */
const PAGES = /^(?:total_?pages|pages?_?(?:count|total)|pages|last_?page|num_?pages)$/i;
/** More than none says that there is more. */
const REMAINING = /^remaining_?items?_?count$/i;

const TOTAL_HEADER = /^(?:x-)?(?:wp-|pagination-)?total(?:-?(?:count|results|records|items))?$/;
const PAGES_HEADER = /^x-(?:wp-|pagination-)?(?:total-?pages|page-?count)$/;
const NEXT_HEADER = /^x-(?:pagination-)?next-?(?:page|cursor|token)$|^x-(?:ms-)?continuation(?:-?token)?$/;

/** What came of a pull, and where the records are in its bodies. */
export interface Came {
  readonly records: number;
  readonly pages: number;
  /** A flag that the definition names ended the pull: then the name of a next page says nothing. */
  readonly isFlagged: boolean;
  readonly path: string;
}

/**
 * The field by which the last answer of a pull says that there is more, such as `meta.has_more`; null if none does.
 * Fields are looked for at the top of the body and beside the records, and in the containers there.
 */
export function findSignOfMore(
  { body, headers }: Pick<PageAnswer, 'body' | 'headers'>,
  came: Came,
): string | null {
  const { isFlagged, path } = came;
  if (!isFlagged && NEXT_LINK.test(headers['link'] ?? '')) return 'Link: rel=next';
  const isSign = (key: string, value: unknown): boolean =>
    saysMore(key, value, came) &&
    !(isFlagged && (NEXT.test(key) || CURSOR.test(key) || isNextLink(key, value)));
  const steps = splitPath(path);
  const signs = [[], ...steps.map((_, index) => steps.slice(0, index + 1))].map((above) => {
    const sign = findSign(readPath(body, above), isSign);
    return sign === null ? null : writePath([...above, ...sign]);
  });
  return signs.find((sign) => sign !== null) ?? findHeader(headers, came);
}

function findHeader(headers: PageAnswer['headers'], { records, pages, isFlagged }: Came): string | null {
  const found = Object.entries(headers).find(([name, value = '']) => {
    const [, all] = name === 'content-range' ? (/^(?!bytes).*\/(\d+)$/.exec(value) ?? []) : [];
    const isMore = readNumber(TOTAL_HEADER.test(name) ? value : all) > records;
    const isNext = !isFlagged && NEXT_HEADER.test(name) && value.trim() !== '';
    return isMore || isNext || (PAGES_HEADER.test(name) && readNumber(value) > pages);
  });
  return found === undefined ? null : found[0];
}

/** Whether an answer says of itself that it is the last. */
export function saysLast(body: unknown): boolean {
  const isLast = (key: string, value: unknown): boolean =>
    (MORE.test(key) && value === false) || (LAST.test(key) && value === true);
  return findSign(body, isLast) !== null;
}

/** Words that explain an answer without records: it may be a failure that is not called one. */
const EXPLAINS = /^(?:message|msg|detail|details|title|reason|fault|exception|description|code)$/i;

/**
 * Whether an answer without a field for its records is one without records: it declares a total of 0, or it holds
 * nothing but what APIs say of pages. Another list, object or explanation in it may mean that the path is wrong.
 */
export function saysNothing(body: unknown): boolean {
  if (!isObject(body)) return false;
  const hasTotal = (least: number) =>
    findSign(body, (key, value) => TOTAL.test(key) && readNumber(value) >= least);
  if (hasTotal(1) !== null) return false;
  if (hasTotal(0) !== null) return true;
  return Object.entries(body).every(([key, value]) => {
    if (Array.isArray(value)) return value.length === 0;
    if (isObject(value)) return CONTAINERS.includes(key) || Object.keys(value).length === 0;
    return !EXPLAINS.test(key);
  });
}

type IsSign = (key: string, value: unknown) => boolean;

/** The steps to a field of an object, of its containers, or of theirs. */
function findSign(body: unknown, isSign: IsSign, depth = 0): readonly string[] | null {
  if (!isObject(body)) return null;
  const own = Object.entries(body);
  const top = own.find(([key, value]) => isSign(key, value));
  if (top !== undefined) return [top[0]];
  if (depth === 2) return null;
  for (const [key, value] of own) {
    const inner = CONTAINERS.includes(key) ? findSign(value, isSign, depth + 1) : null;
    if (inner !== null) return [key, ...inner];
  }
  return null;
}

function saysMore(key: string, value: unknown, came: Came): boolean {
  if (MORE.test(key)) return value === true;
  if (LAST.test(key) && value === false) return true;
  if (TOTAL.test(key)) return readNumber(value) > came.records || isLeast(value, came.records);
  if (PAGES.test(key)) return readNumber(value) > came.pages;
  if (REMAINING.test(key)) return readNumber(value) > 0;
  if (CURSOR.test(key)) return came.pages === 1 && typeof value === 'string' && !/^\d*$/.test(value);
  return isNextLink(key, value) || (NEXT.test(key) && isGiven(value));
}

/** A number, its digits, or an object with one in `value`; -1 for anything else. */
function readNumber(value: unknown): number {
  if (isObject(value)) return readNumber(value['value'] ?? null);
  if (typeof value === 'string') return /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : -1;
  return typeof value === 'number' ? value : -1;
}

/** A total that says of itself that it is a lower bound, as Elasticsearch has it. */
function isLeast(value: unknown, came: number): boolean {
  return isObject(value) && value['relation'] === 'gte' && readNumber(value) >= came;
}

/** A list of links with one to the next page, as of HL7 FHIR. */
function isNextLink(key: string, value: unknown): boolean {
  if (!/^_?links?$/.test(key) || !Array.isArray(value)) return false;
  return value.some((link: unknown) => isObject(link) && (link['rel'] ?? link['relation']) === 'next');
}

/** A cursor, an address, or an object that holds one. */
function isGiven(value: unknown): boolean {
  if (isObject(value)) return Object.values(value).some(isGiven);
  return typeof value === 'number' || (typeof value === 'string' && value !== '');
}

/** Fields of an answer with status 200 that say that it is an error. */
export interface ErrorSigns {
  /** Where the body holds an error; null for the usual places. */
  readonly errorPath: string | null;
  /** Where the body says whether all went well; null for the usual places. */
  readonly okPath: string | null;
}

const ERRORS = /^(?:errors?|error_?(?:code|message|msg|description))$/i;
const OK = /^(?:ok|(?:is_?)?success(?:ful)?)$/i;
const FAILED = /^(?:is_?error|has_?errors?|failed)$/i;
const STATUS = /^(?:status|status_?code|code)$/i;

/** The field by which an answer without records says that it is an error; null if none does. */
export function findSignOfError(body: unknown, { errorPath, okPath }: ErrorSigns): string | null {
  const fields = isObject(body) ? body : {};
  const error =
    errorPath === null
      ? findKey(fields, saysError)
      : isError(readBodyPath(body, errorPath))
        ? errorPath
        : null;
  if (error !== null || okPath === null) return error ?? findKey(fields, saysNotOk);
  return isFalse(readBodyPath(body, okPath)) ? okPath : null;
}

/**
 * The field by which an answer with records says that some are missing: a list of errors, as GraphQL sends it with
 * partial data, a search that timed out or did not reach every shard; null if none does.
 */
export function findSignOfPart(body: unknown, { errorPath }: ErrorSigns): string | null {
  if (!isObject(body)) return null;
  if (errorPath === null && isError(body['errors'])) return 'errors';
  if (readNumber(readBodyPath(body, '_shards.failed')) > 0) return '_shards.failed';
  return ['incomplete_results', 'timed_out'].find((key) => body[key] === true) ?? null;
}

function findKey(fields: JsonObject, isSign: IsSign): string | null {
  return Object.entries(fields).find(([key, value]) => isSign(key, value))?.[0] ?? null;
}

function saysError(key: string, value: unknown): boolean {
  return ERRORS.test(key) && isError(value) && !/^(?:0+|ok|none|success)$/i.test(String(value));
}

function saysNotOk(key: string, value: unknown): boolean {
  if (OK.test(key)) return isFalse(value);
  if (FAILED.test(key)) return value === true;
  if (!STATUS.test(key)) return false;
  const code = readNumber(value);
  return (
    (code >= 400 && code <= 599) || (typeof value === 'string' && /^(?:error|fail(?:ed|ure)?)$/i.test(value))
  );
}

function isFalse(value: unknown): boolean {
  return value === false || value === 'false';
}

function isError(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return value === true || (typeof value === 'string' && value !== '');
}
