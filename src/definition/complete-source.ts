import { completeAuth } from './complete-auth.js';
import type { SourceDefinition } from './definition.js';
import { addWanted, checkText, hide } from './request-texts.js';
import { isFileBase } from './file-base.js';
import type { TextContext } from './request-texts.js';
import type { SourceForm } from './page-shape.js';
import type { Problems } from './problems.js';
import { parseDurationMs, parseRate, parseSizeBytes } from './units.js';

const URL_WANTED =
  '`embedded`, an http(s) URL without user, query and fragment, or `file:` and a folder of the project';
const HEADER_WANTED = 'text without line breaks and control characters';
/** What the connection itself decides. */
const OWN_HEADERS = ['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding'];

/** Where a page's datasets come from, and whether its headers name the date; what is wrong goes to `problems`. */
export function completeSource(
  form: SourceForm,
  { hasSlot, origins }: TextContext,
  problems: Problems,
): { readonly source: SourceDefinition; readonly usesDate: boolean } {
  const at = ['source', 'base_url'];
  if (!isBaseUrl(form.base_url)) addWanted(at, URL_WANTED, origins, problems);
  const usesDate = checkHeaders(form.headers, { hasSlot, origins }, problems);
  const headers = Object.entries(form.headers).map(
    ([name, text]) => [name, hide(['source', 'headers', name], text, origins)] as const,
  );
  const source = {
    baseUrl: form.base_url,
    allowHttp: form.allow_http,
    concurrency: form.concurrency,
    retries: form.retries,
    timeoutMs: parseDurationMs(form.timeout),
    rateLimit: form.rate_limit === undefined ? null : parseRate(form.rate_limit),
    headers: new Map(headers),
    auth: completeAuth(form, origins, problems),
    maxResponseBytes: parseSizeBytes(form.max_response),
    maxPages: form.max_pages,
    maxRecords: form.max_records,
  };
  return { source, usesDate };
}

function isBaseUrl(text: string): boolean {
  if (text === 'embedded' || isFileBase(text)) return true;
  if (!URL.canParse(text) || /[?#\s]/.test(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
}

function checkHeaders(headers: SourceForm['headers'], context: TextContext, problems: Problems): boolean {
  const met = new Set<string>();
  let usesDate = false;
  for (const [name, text] of Object.entries(headers)) {
    const path = ['source', 'headers', name];
    const lower = name.toLowerCase();
    if (met.has(lower)) problems.add(path, 'a header is met twice', 'remove one of the two');
    if (OWN_HEADERS.includes(lower)) problems.add(path, 'this header is set by the connection', 'remove it');
    if (/[^\t\x20-\x7e\x80-\xff]/.test(text)) addWanted(path, HEADER_WANTED, context.origins, problems);
    usesDate = checkText(path, text, context, problems) || usesDate;
    met.add(lower);
  }
  return usesDate;
}
