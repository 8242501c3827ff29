import { isObject, type JsonObject } from '../base/json-values.js';
import { looksPersonal } from '../base/text/personal-text.js';
import { kindOfName, wordsOf } from './name-kinds.js';

/** What the loader takes as the name of a property, and what a field's name looks like. */
const NAME = /^[\p{L}_$@][\p{L}\p{N}_$@:-]{0,59}$/u;
const SPACED = /^\p{L}[\p{L}\p{N}_$@:() -]{0,59}$/u;
const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const HEX = /^(?=.*\d)[0-9a-f]{12,}$/i;
const MANY_DIGITS = 5;

/**
 * Whether a key may be shown as the name of a field. What looks like an address, a number, an id or a digest is data
 * that somebody used as a key; of names with blanks only those are believed that hold a word which fields have.
 */
export function isFieldName(key: string): boolean {
  if (key === '__proto__' || looksPersonal(key) || UUID.test(key) || HEX.test(key)) return false;
  if (/\d{4}/.test(key) || (key.match(/\d/g) ?? []).length >= MANY_DIGITS) return false;
  return NAME.test(key) || (SPACED.test(key) && kindOfName([key]) !== null);
}

/** Records that were found under one another's ids: at least so many of one form. */
const ALIKE = 3;

/**
 * Whether the values of an object are records, and its keys their ids: all are objects, and a key looks like data, or
 * three and more have most fields in common.
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
/** Columns of our own. */
const TAKEN = ['page', 'position'];

/**
 * Names of columns for paths of leaves, each of its own: `address.geoLat` is `address_geo_lat`. Null where the letters
 * of a path give none, or where two paths differ in case only, for then neither can be a column beside the other.
 */
export function nameColumns(paths: readonly (readonly string[])[]): readonly (string | null)[] {
  const lower = paths.map((path) => path.join('.').toLowerCase());
  const taken = new Set(TAKEN);
  return paths.map((path, i) => {
    if (lower.indexOf(lower[i] ?? '') < i || TAKEN.includes(lower[i] ?? '')) return null;
    const name = toName(path.join(' '));
    if (name === null) return null;
    const free = [name, ...Array.from(paths, (_, n) => `${name.slice(0, LONGEST - 4)}_${String(n + 2)}`)];
    const chosen = free.find((candidate) => !taken.has(candidate)) ?? null;
    if (chosen !== null) taken.add(chosen);
    return chosen;
  });
}

/** Tokens of one scope join: `user_id`, `userId` and `user.id` are of the users' scope, `id` is of the dataset's own. */
export function scopeOf(path: readonly string[], dataset: string): string {
  const [own = '', above = ''] = path.slice(-2).reverse();
  const subject = wordsOf(own)
    .replace(/\s*\b(?:ids?|uuid|guid|key|number|no|ref|reference)$/, '')
    .trim();
  return singular(toName(subject) ?? (path.length > 1 ? toName(above) : null) ?? dataset);
}

function singular(name: string): string {
  return /[^s]s$/.test(name) && name.length > 3 ? name.slice(0, -1) : name;
}

function toName(text: string): string | null {
  const name = wordsOf(text.normalize('NFKD').replaceAll(/\p{M}/gu, ''))
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  if (name === '') return null;
  return (/^[a-z]/.test(name) ? name : `f_${name}`).slice(0, LONGEST);
}
