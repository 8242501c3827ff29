import type { FoundLeaf } from './collect-leaves.js';
import type { Form } from './leaf-form.js';
import type { Kind } from './name-kinds.js';
import { kindOfName, MILD } from './name-kinds.js';
import { kindOfText } from './value-kinds.js';

/** Kinds that never land, whatever the values look like. */
const DROPPED: readonly (Kind | null)[] = ['secret', 'sensitive', 'web', 'text'];
/** Of these a treatment keeps a part, which is too much of what they do not speak of. */
const PARTLY_KEPT: readonly (Kind | null)[] = [...MILD, 'birth', 'coordinate', 'postal'];
/** From here on a number may be one that somebody can be called or found by. */
const LONG_NUMBER = 1_000_000;

/**
 * What a leaf is, by its name and its values; null if neither says. The stricter of the two counts, and one value that
 * may identify somebody is enough.
 */
export function classifyLeaf(leaf: FoundLeaf, form: Form): Kind | null {
  const named = kindOfName(leaf.segments);
  if (DROPPED.includes(named) || form === 'boolean' || form === 'nothing') return named;
  if (form === 'date' || form === 'date-time') return MILD.includes(named) ? 'moment' : named;
  if (form === 'uuid') return MILD.includes(named) ? 'id' : named;
  const seen = form === 'text' ? seeTexts(leaf) : seeNumbers(leaf, named);
  if (seen === null || seen === named) return named;
  if (seen === 'secret' || MILD.includes(named)) return seen;
  return PARTLY_KEPT.includes(named) ? 'person' : named;
}

/** What all texts are; `person` where only some of them are anything, for then no one treatment fits them. */
function seeTexts({ values }: FoundLeaf): Kind | null {
  const kinds = values.map((value) => kindOfText(String(value)));
  const [first] = kinds;
  if (kinds.includes('secret')) return 'secret';
  if (first !== undefined && kinds.every((kind) => kind === first)) return first;
  return kinds.every((kind) => kind === null || kind === 'moment') ? null : 'person';
}

function seeNumbers({ values }: FoundLeaf, named: Kind | null): Kind | null {
  if (named === 'id' || named === 'moment') return null;
  return values.some((value) => Math.abs(Number(value)) >= LONG_NUMBER) ? 'person' : null;
}
