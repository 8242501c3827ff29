import type { Leaf } from '../definition/definition.js';
import { loosenPattern } from './loose-pattern.js';

/** Texts up to this length, and ranges with no more numbers than they have, are few values. */
const SHORT_TEXT = 5;
const FEW_NUMBERS = 100_000;

/**
 * An enum, a boolean, a date, a narrow range or a very short text: few values, of known frequency. A pseudonym of one
 * alone is named by how often it is met, without any key.
 */
export function isGuessable({ bound, type, schema }: Leaf): boolean {
  if (bound?.kind === 'enum' || type === 'BOOLEAN' || type === 'DATE' || type === 'TIME') return true;
  if (bound?.kind === 'range') return bound.maximum - bound.minimum < FEW_NUMBERS;
  if (bound?.kind === 'pattern' && loosenPattern(bound.pattern).most <= SHORT_TEXT) return true;
  return type === 'VARCHAR' && Number(schema['maxLength']) <= SHORT_TEXT;
}
