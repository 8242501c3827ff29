import { isDate, isDateTime, isTime } from '../base/dates/date-formats.js';
import type { FoundLeaf, Scalar } from './collect-leaves.js';
import { type Kind, kindOfName, MILD } from './name-kinds.js';
import { kindOfText } from './value-kinds.js';

/** The type of a leaf's values for a contract; `nothing` if there are none. */
export type Form =
  'text' | 'date' | 'date-time' | 'time' | 'uuid' | 'integer' | 'bigint' | 'number' | 'boolean' | 'nothing';

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const TEXTS: readonly (readonly [Form, (text: string) => boolean])[] = [
  ['date', isDate],
  ['date-time', isDateTime],
  ['time', isTime],
  ['uuid', (text) => UUID.test(text)],
];

/** The common format of all values of a leaf; they have one JSON type. */
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

/** Kinds that never land, regardless of the values. */
const DROPPED: readonly (Kind | null)[] = ['secret', 'sensitive', 'web', 'text'];
/** Kinds whose treatment keeps a part of the value, which is too much for other values. */
const PARTLY_KEPT: readonly (Kind | null)[] = [...MILD, 'birth', 'coordinate', 'postal'];
/** From this size on, a number may be a phone number or an id of a person. */
const LONG_NUMBER = 1_000_000;

/**
 * The kind of a leaf by its name and values; null if unknown. The stricter of the two counts, and one value that may
 * identify a person is enough.
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

/** The common kind of all texts; `person` if only some have a kind, since no single treatment fits. */
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
