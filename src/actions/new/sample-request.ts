import { isObject, type JsonObject } from '../../base/json-values.js';
import { failure, type LakeveilError } from '../../base/errors.js';
import { readText } from '../../base/files/small-file.js';
import { looksSecret } from '../../base/text/personal-text.js';
import { kindOfName, wordsOf } from '../../draft/name-kinds.js';

/** What a sample is requested with, as typed; texts may contain `${NAME}`. */
export interface SampleFlags {
  readonly header: readonly string[];
  readonly query: readonly string[];
  readonly auth: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly 'token-url': string | undefined;
  readonly 'client-id': string | undefined;
  readonly 'client-secret': string | undefined;
  readonly scope: string | undefined;
  /** Path of a JSON file. */
  readonly post: string | undefined;
}

/** The same as parts of a definition; secrets are `${NAME}`, never values. */
export interface SampleRequest {
  readonly headers: ReadonlyMap<string, string>;
  readonly auth: Readonly<Record<string, string>> | null;
  readonly query: ReadonlyMap<string, string>;
  /** Sent as JSON with POST; null for GET. */
  readonly body: JsonObject | null;
}

const HEADER = /^([A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}):[ \t]*(.*)$/;
const REFERENCE = /\$\{[A-Z_][A-Z0-9_]{0,99}\}/g;
/** Words that stand before a secret in a header. */
const SCHEMES =
  /^(?:bearer|basic|token|oauth|jwt|key|api-?key|apikey|ssws|geniekey|klaviyo-api-key|zoho-oauthtoken|splunk|private-token|discogs)$/i;
const HINT = 'write `${NAME}` in single quotes, so that the shell does not replace it, and set NAME in .env';

/**
 * Reads the flags of a sample. A secret that is written out is rejected, because command lines and drafts are not secret.
 * Messages contain names only. @throws E_USAGE, E_DISK_READ, E_DRAFT
 */
export async function readSampleRequest(flags: SampleFlags): Promise<SampleRequest> {
  return {
    headers: toMap('header', flags.header.map(readHeader)),
    query: toMap('query', flags.query.map(readParameter)),
    auth: readAuth(flags),
    body: flags.post === undefined ? null : await readBody(flags.post),
  };
}

/** True if a flag makes sense only for a request. */
export function hasRequestFlags({ header, query, auth, post, ...flags }: SampleFlags): boolean {
  const hasAuth = auth !== undefined || AUTH_FLAGS.some((flag) => flags[flag] !== undefined);
  return header.length + query.length > 0 || post !== undefined || hasAuth;
}

/** The second of two would replace the first silently. */
function toMap(flag: string, entries: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  const names = entries.map(([name]) => (flag === 'header' ? name.toLowerCase() : name));
  const at = names.findIndex((name, i) => names.indexOf(name) < i);
  const [name] = entries[at] ?? [];
  if (name !== undefined) throw usage(`--${flag} sets ${name} twice`, 'remove one of them');
  return new Map(entries);
}

function readHeader(given: string): readonly [string, string] {
  const [, name, text = ''] = HEADER.exec(given) ?? [];
  if (name === undefined) {
    throw usage(
      '--header must have the form NAME: VALUE',
      "for example: `--header 'Authorization: Bearer ${API_TOKEN}'`",
    );
  }
  const example = `--header '${name}: ${/^authorization$/i.test(name) ? 'Bearer ' : ''}\${${variableFor(name)}}'`;
  assertNoSecret(`header ${name}`, name, text, example);
  return [name, text];
}

function readParameter(given: string): readonly [string, string] {
  const at = given.indexOf('=');
  const name = given.slice(0, Math.max(0, at));
  if (at < 1 || !/^[\w.:[\]$@-]{1,100}$/.test(name)) {
    throw usage('--query must have the form NAME=VALUE', 'for example: `--query status=active`');
  }
  const text = given.slice(at + 1);
  assertNoSecret(`query parameter ${name}`, name, text, `--query '${name}=\${${variableFor(name)}}'`);
  return [name, text];
}

/** The flags of each method, and the keys of `auth` in a definition. */
const METHODS = {
  basic: [
    ['username', true],
    ['password', true],
  ],
  oauth2: [
    ['token-url', false],
    ['client-id', false],
    ['client-secret', true],
    ['scope', false],
  ],
} as const;

const AUTH_FLAGS = Object.values(METHODS).flatMap((method) => method.map(([flag]) => flag));

function readAuth(flags: SampleFlags): SampleRequest['auth'] {
  const { auth } = flags;
  const wanted = auth === 'basic' || auth === 'oauth2' ? METHODS[auth] : [];
  const stray = AUTH_FLAGS.find(
    (flag) => flags[flag] !== undefined && !wanted.some(([name]) => name === flag),
  );
  if (stray !== undefined) {
    const method = METHODS.basic.some(([name]) => name === stray) ? 'basic' : 'oauth2';
    throw usage(`--${stray} requires --auth ${method}`, `add \`--auth ${method}\`, or leave --${stray} out`);
  }
  if (auth === undefined) return null;
  const keys = wanted.flatMap(([flag, isSecret]) => {
    const text = flags[flag];
    const variable = `\${API_${flag.replace('-', '_').toUpperCase()}}`;
    const example = `--${flag} ${flag === 'token-url' ? 'https://id.example.org/token' : `'${variable}'`}`;
    if (text === undefined && flag === 'scope') return [];
    if (text === undefined) throw usage(`--auth ${auth} requires --${flag}`, `for example: \`${example}\``);
    if (isSecret && !isReferenceOnly(text)) throw secretFailure(`--${flag}`, example);
    assertNoSecret(`--${flag}`, flag === 'token-url' ? 'url' : flag, text, example);
    return [[flag.replace('-', '_'), text] as const];
  });
  return Object.fromEntries([['type', auth], ...keys]);
}

/** Errors name the file as typed, and the path of a value in it. */
async function readBody(file: string): Promise<JsonObject> {
  const body = parseJson(await readText(file, file));
  if (!isObject(body)) {
    throw usage(
      'the file of --post must contain one JSON object',
      'for example: `{"filter": {"status": "active"}}`',
    );
  }
  assertBody(body, []);
  return body;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text.
    return null;
  }
}

function assertBody(value: unknown, path: readonly string[]): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) assertBody(inner, [...path, key]);
    return;
  }
  const name = path.filter((step) => !/^\d+$/.test(step)).at(-1) ?? '';
  const where = `\`${path.join('.')}\` in the body`;
  const example = `"${name}": "\${${variableFor(name)}}"`;
  if (typeof value === 'string') assertNoSecret(where, name, value, example);
  else if (typeof value === 'number' && isSecretName(name)) throw secretFailure(where, example);
}

function assertNoSecret(where: string, name: string, text: string, example: string): void {
  const rest = text.replaceAll(REFERENCE, '');
  if (rest.includes('${')) {
    throw usage(
      `${where} has an invalid variable reference`,
      'write `${NAME}`, in capital letters, without a default',
    );
  }
  const words = rest.split(/[\s;,"']+/).filter((word) => word !== '');
  const isSpelledOut = words.some((word) => !SCHEMES.test(word) && !/^[A-Za-z_-]{1,40}=$/.test(word));
  const isSecret = isSecretName(name) && (rest === text || isSpelledOut);
  const isKey = words.some((word) => looksSecret(word.replace(/^[\w-]+=/, '')));
  if (isSecret || isKey || /[^\s@]@[^\s@]+\.[^\s@]|%40/.test(rest)) throw secretFailure(where, example);
}

function isReferenceOnly(text: string): boolean {
  return text !== '' && text.replaceAll(REFERENCE, '') === '';
}

/** Names such as `sort_key` hold the name of a field. */
function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  if (/\b(?:sort|order|group|partition) (?:by )?key$/.test(words) || words === 'client id') return false;
  return (
    kindOfName([name]) === 'secret' || /key$|\bkey\b|\bsig\b|\bauth|password|passwd|credential/.test(words)
  );
}

function variableFor(name: string): string {
  const words = wordsOf(name)
    .replace(/^x /, '')
    .replace(/^authorization$|^auth$/, 'token');
  const own = words
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  return (own.startsWith('API_') ? own : `API_${own}`).slice(0, 60);
}

function secretFailure(where: string, example: string): LakeveilError {
  return usage(`${where} contains a secret or an address as text`, `use a variable: \`${example}\`; ${HINT}`);
}

function usage(what: string, hint: string): LakeveilError {
  return failure('E_USAGE', { what, hint });
}
