import { failure } from '../errors.js';
import { hasBodyPath, isObject, readBodyPath, readPath, splitPath } from '../json-values.js';
import type { PageAnswer } from './pagination.js';

/** What an answer says of its own end, in the words that APIs use for it. */

/** Objects of an envelope in which APIs put what they say of pages. */
const CONTAINERS = [
  'paging',
  'pagination',
  'page',
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
];
/** True says that there is more. */
const MORE = /^(?:has_?more|has_?next(?:_?page)?|more|(?:is_?)?truncated)$/i;
/** False says that there is more. */
const LAST = /^(?:(?:is_?)?last(?:_?page)?|end_?of_?stream|done)$/i;
/** Anything but nothing says that there is more. */
const NEXT =
  /^(?:@odata\.)?next_?(?:(?:page|records)?_?(?:cursor|token|link|url|uri|href|id)?|offset|start|marker)?$/i;
/** In a Link header, however it is quoted. */
const NEXT_LINK = /;\s*rel\s*=\s*["']?[^"';,]*\bnext\b/i;
/** More than came says that there is more. */
const TOTAL = /^(?:@odata\.count|count|total(?:_?(?:count|results|records|items|size|elements))?)$/i;

/** More pages than came say that there is more. */
const PAGES = /^(?:total_?pages|pages?_?(?:count|total)|pages|last_?page|num_?pages)$/i;

/** What a whole pull has brought. */
interface Came {
  readonly records: number;
  readonly pages: number;
}

/**
 * The field by which the last answer of a pull says that there is more, such as `meta.has_more`; null if none does.
 * @param isFlagged a flag that the definition names ended the pull: then the name of a next page says nothing
 */
export function findSignOfMore(
  { body, headers }: Pick<PageAnswer, 'body' | 'headers'>,
  came: Came,
  isFlagged: boolean,
): string | null {
  if (!isFlagged && NEXT_LINK.test(headers['link'] ?? '')) return 'Link: rel=next';
  return findSign(body, (key, value) => saysMore(key, value, came) && !(isFlagged && NEXT.test(key)));
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
    findSign(body, (key, value) => TOTAL.test(key) && Number(value) >= least);
  if (hasTotal(1) !== null) return false;
  if (hasTotal(0) !== null) return true;
  return Object.entries(body).every(([key, value]) => {
    if (Array.isArray(value)) return value.length === 0;
    if (isObject(value)) return CONTAINERS.includes(key) || Object.keys(value).length === 0;
    return !EXPLAINS.test(key);
  });
}

function findSign(body: unknown, isSign: (key: string, value: unknown) => boolean): string | null {
  const own = Object.entries(isObject(body) ? body : {});
  const below = own.flatMap(([name, value]) =>
    CONTAINERS.includes(name) && isObject(value)
      ? Object.entries(value).map(([key, inner]) => [name, key, inner] as const)
      : [],
  );
  const top = own.find(([key, value]) => isSign(key, value));
  if (top !== undefined) return top[0];
  const inner = below.find(([, key, value]) => isSign(key, value));
  return inner === undefined ? null : `${inner[0]}.${inner[1]}`;
}

function saysMore(key: string, value: unknown, came: Came): boolean {
  if (MORE.test(key)) return value === true;
  if (LAST.test(key) && typeof value === 'boolean') return !value;
  if (TOTAL.test(key)) return typeof value === 'number' && value > came.records;
  if (PAGES.test(key)) return typeof value === 'number' && value > came.pages;
  return NEXT.test(key) && isGiven(value);
}

/** A cursor, an address, or an object that holds one. */
function isGiven(value: unknown): boolean {
  if (isObject(value)) return Object.values(value).some(isGiven);
  return typeof value === 'number' || (typeof value === 'string' && value !== '');
}

/**
 * The value by which an answer names the next page. `records` followed by a place means the records of the page, wherever
 * the body holds them: `records.-1.id` is the id of the last one.
 */
export function readNext({ body, records }: Pick<PageAnswer, 'body' | 'records'>, path: string): unknown {
  const steps = splitPath(path);
  const isOfRecords = steps[0] === 'records' && /^-?\d+$/.test(steps[1] ?? '');
  return isOfRecords && !hasBodyPath(body, 'records')
    ? readPath(records, steps.slice(1))
    : readPath(body, steps);
}

/** Fields of an answer with status 200 that say that it is an error. */
export interface ErrorSigns {
  /** Where the body holds an error; null for the usual places. */
  readonly errorPath: string | null;
  /** Where the body says whether all went well; null for the usual places. */
  readonly okPath: string | null;
}

/** The field by which an answer without records says that it is an error; null if none does. */
export function findSignOfError(body: unknown, { errorPath, okPath }: ErrorSigns): string | null {
  const errors = errorPath === null ? ['errors', 'error'] : [errorPath];
  const flags = okPath === null ? ['ok', 'success'] : [okPath];
  const error = errors.find((path) => isError(readBodyPath(body, path)));
  return error ?? flags.find((path) => readBodyPath(body, path) === false) ?? null;
}

function isError(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return value === true || (typeof value === 'string' && value !== '');
}

/**
 * Watches the field that names the next page. A field that no answer has may be misspelled, and the pull then ends
 * after its first page: that is an error, unless the page was shorter than asked, was empty, or says that it is the
 * last.
 */
export class NextField {
  readonly #path: string;
  readonly #size: number | null;
  #isKnown = false;

  constructor(path: string, size: number | null) {
    this.#path = path;
    this.#size = size;
  }

  take(answer: PageAnswer): void {
    const { records, body } = answer;
    const isShort = records.length === 0 || (this.#size !== null && records.length < this.#size);
    if (isShort || saysLast(body) || readNext(answer, this.#path) !== undefined) this.#isKnown = true;
  }

  /** @throws E_SOURCE_SHAPE */
  finish(): void {
    if (this.#isKnown) return;
    const expected = `a field at \`${this.#path}\`, on any page, nor a sign that the first page is the last`;
    throw failure('E_SOURCE_SHAPE', { expected });
  }
}
