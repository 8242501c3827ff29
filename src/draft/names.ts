import { isObject, type JsonObject } from '../base/json-values.js';
import { looksPersonal } from '../base/text/personal-text.js';
import { kindOfName, wordsOf } from './name-kinds.js';

/** Valid property names of the loader, and typical field names. */
const NAME = /^[\p{L}_$@][\p{L}\p{N}_$@:-]{0,59}$/u;
const SPACED = /^\p{L}[\p{L}\p{N}_$@:() .-]{0,59}$/u;
/** Annotations of OData, such as `@odata.etag`. */
const ANNOTATION = /^@\p{L}[\p{L}.]{0,59}$/u;
const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const HEX = /^(?=.*\d)[0-9a-f]{12,}$/i;
const MANY_DIGITS = 5;

/**
 * Whether a key may be shown as a field name. A key that looks like an address, a number, an id or a digest is data; a name
 * with blanks or dots must contain a word that is common in field names.
 */
export function isFieldName(key: string): boolean {
  if (key === '__proto__' || looksPersonal(key) || UUID.test(key) || HEX.test(key)) return false;
  if (/\d{4}/.test(key) || (key.match(/\d/g) ?? []).length >= MANY_DIGITS) return false;
  return NAME.test(key) || ANNOTATION.test(key) || (SPACED.test(key) && kindOfName([key]) !== null);
}

/** Minimum number of similar records under ids. */
const ALIKE = 3;

/**
 * Whether the values of an object are records and its keys their ids: all are objects, and either a key looks like data or
 * at least three share most of their fields.
 */
export function isKeyedMap(value: unknown): value is JsonObject {
  if (!isObject(value)) return false;
  const entries = Object.entries(value);
  if (entries.length === 0 || !entries.every(([, inner]) => isObject(inner))) return false;
  if (entries.some(([key]) => !isFieldName(key))) return true;
  return entries.length >= ALIKE && areAlike(entries.map(([, inner]) => Object.keys(inner as JsonObject)));
}

function areAlike(forms: readonly (readonly string[])[]): boolean {
  const [first = []] = forms;
  const names = new Set(first);
  return forms.every((form) => {
    const shared = form.filter((name) => names.has(name)).length;
    return shared > 0 && shared * 2 >= Math.max(form.length, names.size);
  });
}

const LONGEST = 63;
/** Reserved column names. */
const TAKEN = ['page', 'position'];

/**
 * Unique column names for leaf paths: `address.geoLat` becomes `address_geo_lat`. Null if the path gives no valid name.
 */
export function nameColumns(paths: readonly (readonly string[])[]): readonly (string | null)[] {
  const lower = paths.map((path) => path.join('.').toLowerCase());
  const taken = new Set(TAKEN);
  return paths.map((path, i) => {
    if (TAKEN.includes(lower[i] ?? '')) return null;
    const name = toName(path.join(' '));
    if (name === null) return null;
    const free = [name, ...Array.from(paths, (_, n) => `${name.slice(0, LONGEST - 4)}_${String(n + 2)}`)];
    const chosen = free.find((candidate) => !taken.has(candidate)) ?? null;
    if (chosen !== null) taken.add(chosen);
    return chosen;
  });
}

/** Tokens of one scope join: `user_id`, `userId` and `user.id` have the scope of users, `id` that of the dataset. */
export function scopeOf(path: readonly string[], dataset: string): string {
  const [own = '', above = ''] = path.slice(-2).reverse();
  const subject = wordsOf(own)
    .replace(/\s*\b(?:ids?|uuid|guid|key|number|no|ref|reference)$/, '')
    .trim();
  return singular(toName(subject) ?? (path.length > 1 ? toName(above) : null) ?? dataset);
}

/** Words that end in `s` without being plurals. */
const SINGULAR = /(?:ss|us|is|series|species|news|alias|canvas|atlas|bias|lens|sales|always)$/;

/** `employees` is `employee`, `companies` is `company`, `branches` is `branch`; `status` stays. */
export function singular(name: string): string {
  if (/(?:^|_)people$/.test(name)) return name.replace(/people$/, 'person');
  if (name.length <= 3 || !name.endsWith('s') || SINGULAR.test(name)) return name;
  if (/[^aeiou]ies$/.test(name) && !/movies$/.test(name)) return `${name.slice(0, -3)}y`;
  return /(?:ss|x|z|ch|sh|(?:stat|bon|camp|vir|cens)us)es$/.test(name)
    ? name.slice(0, -2)
    : name.slice(0, -1);
}

export function toName(text: string): string | null {
  const name = wordsOf(text.normalize('NFKD').replaceAll(/\p{M}/gu, ''))
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  if (name === '') return null;
  return (/^[a-z]/.test(name) ? name : `f_${name}`).slice(0, LONGEST);
}
