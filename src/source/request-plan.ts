import type { RequestDefinition, SourceDefinition } from '../definition/definition.js';
import { failure } from '../errors.js';
import type { Asked } from './exchange.js';
import { planBody } from './request-body.js';
import { fillText } from './request-text.js';
import type { Moment } from './request-text.js';

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
  const query = [...request.query].map(([name, text]) => [name, fillText(text, moment)] as const);
  const page = new URL(baseUrl.origin);
  page.pathname = joinPaths(baseUrl.pathname, fillText(request.path, moment));
  const { method, body, paramsIn } = request;
  const writeBody = body === null ? null : planBody(body, moment);
  const own = writeBody === null ? [] : [['content-type', 'application/json'] as const];
  return {
    headers: fillHeaders(source.headers, moment, [['accept', ACCEPT[request.format]], ...own]),
    ask: (params) => {
      const url = new URL(page);
      const inQuery = paramsIn === 'query' ? [...query, ...params] : query;
      for (const [name, value] of inQuery) url.searchParams.set(name, String(value));
      return { url, method, body: writeBody?.(paramsIn === 'body' ? params : new Map()) ?? null };
    },
  };
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

/** The WHATWG URL parser has made every spelling of an IPv4 address dotted decimal by now. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
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
