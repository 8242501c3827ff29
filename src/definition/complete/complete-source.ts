import type { AuthDefinition, RequestText, SourceDefinition } from '../../base/types/definition.js';
import type { SourceForm } from '../definition-shape.js';
import { isFileBase } from '../read/file-base.js';
import { keyOf } from '../read/interpolate.js';
import type { Problems } from '../read/problems.js';
import { addWanted, checkText, hide, type Origins, type TextContext } from '../read/request-texts.js';
import { parseDurationMs, parseRate, parseSizeBytes } from '../read/units.js';

const URL_WANTED =
  '`embedded`, an http(s) URL without user, query and fragment, or `file:` with a project folder';
const HEADER_WANTED = 'text without line breaks and control characters';
/** Headers that the HTTP client sets. */
const OWN_HEADERS = ['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding'];

/** The completed source, and whether its headers contain the date; errors go to `problems`. */
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
    maxWaitMs: parseDurationMs(form.max_wait),
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
    if (met.has(lower)) problems.add(path, 'duplicate header', 'remove one of them');
    if (OWN_HEADERS.includes(lower)) problems.add(path, 'the HTTP client sets this header', 'remove it');
    if (/[^\t\x20-\x7e\x80-\xff]/.test(text)) addWanted(path, HEADER_WANTED, context.origins, problems);
    usesDate = checkText(path, text, context, problems) || usesDate;
    met.add(lower);
  }
  return usesDate;
}

const AT = ['source', 'auth'];
const TOKEN_URL = 'an http(s) URL without user, query and fragment';

/** The authentication of a source, or null; errors go to `problems`. */
function completeAuth(form: SourceForm, origins: Origins, problems: Problems): AuthDefinition | null {
  const { auth } = form;
  if (auth === undefined) return null;
  if (isFileBase(form.base_url)) problems.add(AT, '`auth` is not allowed for files', 'remove `auth`');
  if (Object.keys(form.headers).some((name) => name.toLowerCase() === 'authorization')) {
    problems.add(AT, '`auth` and an Authorization header cannot be used together', 'remove one of them');
  }
  const textOf = (key: string, text: string) => hide([...AT, key], text, origins);
  switch (auth.type) {
    case 'basic':
      // RFC 7617, 2: the first colon ends the name.
      if (auth.username.includes(':'))
        addWanted([...AT, 'username'], 'text without a colon', origins, problems);
      assertSecret('password', origins, problems);
      return {
        type: 'basic',
        username: textOf('username', auth.username),
        password: textOf('password', auth.password),
      };
    case 'oauth2':
      if (!isAddress(auth.token_url)) addWanted([...AT, 'token_url'], TOKEN_URL, origins, problems);
      assertSecret('client_secret', origins, problems);
      return {
        type: 'oauth2',
        tokenUrl: auth.token_url,
        clientId: textOf('client_id', auth.client_id),
        clientSecret: textOf('client_secret', auth.client_secret),
        credentials: auth.credentials,
        params: completeParams(auth, origins),
      };
    case 'api_key':
      assertSecret('key', origins, problems);
      return { type: 'api_key', in: auth.in, name: auth.name, key: textOf('key', auth.key) };
    default:
      return auth satisfies never;
  }
}

type OAuth2Form = Extract<NonNullable<SourceForm['auth']>, { type: 'oauth2' }>;

/** What a token request asks for, by the names that RFC 6749, RFC 8707 and their users give it. */
function completeParams(auth: OAuth2Form, origins: Origins): ReadonlyMap<string, RequestText> {
  const named = (['scope', 'audience', 'resource'] as const).flatMap((key) => {
    const text = auth[key];
    return text === undefined ? [] : [[key, hide([...AT, key], text, origins)] as const];
  });
  const others = Object.entries(auth.params).map(
    ([key, text]) => [key, hide([...AT, 'params', key], text, origins)] as const,
  );
  return new Map([...named, ...others]);
}

/** Definitions are stored with the code, so they must not contain secrets. */
function assertSecret(key: string, origins: Origins, problems: Problems): void {
  if (origins.has(keyOf([...AT, key]))) return;
  const fix = `write \`${key}: \${NAME}\`, and list NAME under \`env\``;
  problems.add([...AT, key], 'the definition contains a secret', fix);
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text) || /[?#\s]/.test(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
}
