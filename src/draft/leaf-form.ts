import { isDate, isDateTime, isTime } from '../date-text.js';
import type { FoundLeaf, Scalar } from './collect-leaves.js';

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
