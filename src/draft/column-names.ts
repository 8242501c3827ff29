import { wordsOf } from './name-kinds.js';

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
