import { isLoopback } from '../base/loopback.js';
import { failure } from '../base/errors.js';
import { CURSOR } from '../base/pagination/cursor.js';
import type { BodyValue, RequestDefinition, SourceDefinition } from '../base/types/definition.js';
import type { Asked } from './exchange.js';
import { fillText, type Moment } from './request-text.js';

/** What all requests of a pull have in common, with date and slot filled in. */
export interface RequestPlan {
  readonly headers: Readonly<Record<string, string>>;
  /** What one page is asked for by; the origin of its URL is that of `base_url`. */
  readonly ask: (params: ReadonlyMap<string, string | number>) => Asked;
}

/**
 * Plans the requests of one dataset and date. The path of the base URL stays in front of the request's. Throws
 * E_PLAIN_HTTP on http beyond this machine without `allow_http`, E_DEFINITION on another protocol or a bad pattern.
 */
export function planRequests(
  request: RequestDefinition,
  source: Pick<SourceDefinition, 'allowHttp' | 'headers'>,
  baseUrl: URL,
  moment: Moment,
): RequestPlan {
  checkProtocol(baseUrl, source.allowHttp);
  const query = [...request.query].flatMap(([name, texts]) =>
    [texts].flat().map((text) => [name, fillText(text, moment)] as const),
  );
  const page = new URL(baseUrl.origin);
  page.pathname = joinPaths(baseUrl.pathname, fillText(request.path, moment, encodePart));
  const { method, body, paramsIn } = request;
  const writeBody = body === null ? null : planBody(request, body, moment);
  const own = writeBody === null ? [] : [['content-type', CONTENT_TYPE[request.bodyFormat]] as const];
  return {
    headers: fillHeaders(source.headers, moment, [['accept', ACCEPT[request.format]], ...own]),
    ask: (params) => {
      const url = new URL(page);
      for (const [name, value] of query) url.searchParams.append(name, value);
      if (paramsIn === 'query') setParams(url, params);
      return { url, method, body: writeBody?.(paramsIn === 'body' ? params : onlyCursor(params)) ?? null };
    },
  };
}

const CONTENT_TYPE = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const;

/** A value as one part of a path. */
function encodePart(value: string): string {
  // A dot stays a dot in a URL, and these parts mean another folder.
  if (value !== '.' && value !== '..') return encodeURIComponent(value);
  throw failure('E_SOURCE_SHAPE', { expected: 'values in each parent record that can stand in a path' });
}

function setParams(url: URL, params: ReadonlyMap<string, string | number>): void {
  for (const [name, value] of params) {
    if (name !== CURSOR) url.searchParams.set(name, String(value));
  }
}

/** The cursor stands in the body even if other parameters are in the query. */
function onlyCursor(params: ReadonlyMap<string, string | number>): ReadonlyMap<string, string | number> {
  return new Map([...params].filter(([name]) => name === CURSOR));
}

/** @throws E_PLAIN_HTTP, E_DEFINITION */
export function checkProtocol(url: URL, allowHttp: boolean): void {
  if (url.protocol === 'https:') return;
  if (url.protocol !== 'http:') {
    const problem = 'the base URL of the source is neither http nor https';
    throw failure('E_DEFINITION', {
      problem,
      fix: 'give `base_url` an http or https address, or `embedded`',
    });
  }
  if (!allowHttp && !isLoopback(url.hostname)) throw failure('E_PLAIN_HTTP', { origin: url.origin });
}

function joinPaths(prefix: string, path: string): string {
  if (path === '') return prefix;
  return `${prefix.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
}

const ACCEPT = { json: 'application/json', ndjson: 'application/x-ndjson', csv: 'text/csv' } as const;

function fillHeaders(
  headers: SourceDefinition['headers'],
  moment: Moment,
  own: readonly (readonly [string, string])[],
): Readonly<Record<string, string>> {
  const all = new Map([...own, ['accept-encoding', 'gzip, deflate, br'], ['user-agent', 'lakeveil']]);
  for (const [name, text] of headers) all.set(name.toLowerCase(), fillText(text, moment));
  return Object.fromEntries(all);
}

/** A JSON value of a request; objects as Maps, so that a name is never taken for more than a name. */
type Filled = string | number | boolean | null | readonly Filled[] | ReadonlyMap<string, Filled>;

/**
 * The body of a definition with date and slot filled in, as a function of the parameters of a page. A parameter's name
 * is a dotted path: `page.number` is `number` in the object `page`. The text `{cursor}` becomes the cursor.
 * @returns JSON, or a form
 */
function planBody(
  { bodyFormat }: Pick<RequestDefinition, 'bodyFormat'>,
  body: ReadonlyMap<string, BodyValue>,
  moment: Moment,
): (params: ReadonlyMap<string, string | number>) => string {
  const filled = fillObject(body, moment);
  return (params) => {
    let page = replaceCursor(filled, params.get(CURSOR) ?? null);
    for (const [name, value] of params) {
      if (name !== CURSOR)
        page = bodyFormat === 'form' ? new Map([...page, [name, value]]) : put(page, name.split('.'), value);
    }
    return bodyFormat === 'form' ? writeForm(page) : JSON.stringify(toJson(page));
  };
}

/** A parameter without a value is left out. */
function writeForm(page: ReadonlyMap<string, Filled>): string {
  const form = new URLSearchParams();
  for (const [name, value] of page) {
    for (const each of [value].flat()) if (isScalar(each)) form.append(name, String(each));
  }
  return form.toString();
}

function isScalar(value: Filled): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function replaceCursor(
  object: ReadonlyMap<string, Filled>,
  cursor: string | number | null,
): ReadonlyMap<string, Filled> {
  const replace = (value: Filled): Filled => {
    if (value === CURSOR) return cursor;
    if (value instanceof Map) return replaceCursor(value, cursor);
    return Array.isArray(value) ? value.map((entry: Filled) => replace(entry)) : value;
  };
  return new Map([...object].map(([name, value]) => [name, replace(value)]));
}

function fill(value: BodyValue, moment: Moment): Filled {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Map) return fillObject(value, moment);
  if (Array.isArray(value)) return value.map((entry: BodyValue) => fill(entry, moment));
  return typeof value === 'string' || 'reveal' in value ? fillText(value, moment) : null;
}

function fillObject(body: ReadonlyMap<string, BodyValue>, moment: Moment): ReadonlyMap<string, Filled> {
  return new Map([...body].map(([name, value]) => [name, fill(value, moment)]));
}

function put(
  object: ReadonlyMap<string, Filled>,
  [name = '', ...rest]: readonly string[],
  value: string | number,
): ReadonlyMap<string, Filled> {
  const inner = object.get(name);
  const next = rest.length === 0 ? value : put(inner instanceof Map ? inner : new Map(), rest, value);
  return new Map([...object, [name, next]]);
}

function toJson(value: Filled): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, inner]: [string, Filled]) => [name, toJson(inner)]));
  }
  return Array.isArray(value) ? value.map((entry: Filled) => toJson(entry)) : value;
}
