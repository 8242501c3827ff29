import { isDate, isDateTime, isTime } from '../base/dates/date-formats.js';
import type { FoundLeaf, Scalar } from './collect-leaves.js';
import { type Kind, kindOfName, MILD } from './name-kinds.js';
import { kindOfText } from './value-kinds.js';

/** What the values of a leaf are to a contract; `nothing` where none was met. */
export type Form =
  'text' | 'date' | 'date-time' | 'time' | 'uuid' | 'integer' | 'bigint' | 'number' | 'boolean' | 'nothing';

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const TEXTS: readonly (readonly [Form, (text: string) => boolean])[] = [
  ['date', isDate],
  ['date-time', isDateTime],
  ['time', isTime],
  ['uuid', (text) => UUID.test(text)],
];

/** The form that all values of a leaf have; they are of one type of JSON. */
export function formOf({ values }: Pick<FoundLeaf, 'values'>): Form {
  const [first] = values;
  if (first === undefined) return 'nothing';
  if (typeof first === 'boolean') return 'boolean';
  if (typeof first === 'number') return formOfNumbers(values);
  return TEXTS.find(([, fits]) => values.every((value) => fits(String(value))))?.[0] ?? 'text';
}

function formOfNumbers(values: readonly Scalar[]): Form {
  if (!values.every(Number.isInteger)) return 'number';
  return values.every(Number.isSafeInteger) ? 'integer' : 'bigint';
}

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
