import type { FoundLeaf } from './collect-leaves.js';
import type { Form } from './leaf-form.js';
import { isListWord } from './list-words.js';
import type { Kind } from './name-kinds.js';

/** Lengths and ranges use a few sizes, ten times those of the sample or more, so that they reveal nothing about it. */
const LENGTHS = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
const HEADROOM = 10;
const MOST = 999_999;
/** Maximum length of an email address (RFC 5321). */
const EMAIL_LENGTH = 254;
const MOST_MEMBERS = 20;
const LEAST_MET = 5;

/**
 * The sorted members of a closed list of words; null if it may not be one. Each member occurs in at least five records,
 * there are at most twenty, each is a word that is no name, and the leaf's name is that of a plain or coarse fact.
 */
export function findMembers(
  { values, segments }: FoundLeaf,
  form: Form,
  kind: Kind | null,
): readonly string[] | null {
  if (form !== 'text' || (kind !== 'fact' && kind !== 'coarse')) return null;
  const counts = new Map<string, number>();
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  const isClosed = counts.size <= MOST_MEMBERS && [...counts.values()].every((count) => count >= LEAST_MET);
  const isListed = [...counts.keys()].every((text) => isListWord(text, segments.at(-1) ?? ''));
  return isClosed && isListed ? [...counts.keys()].sort() : null;
}

/**
 * The leaf's own keywords of JSON Schema, without its class.
 * @param isHidden nothing of it lands, so that its length does not matter
 */
export function describeForm(
  { values }: FoundLeaf,
  form: Form,
  kind: Kind | null,
  isHidden: boolean,
): Readonly<Record<string, string | number>> {
  switch (form) {
    case 'text':
    case 'uuid':
      if (isHidden) return { type: 'string' };
      return {
        type: 'string',
        maxLength: chooseLength(
          values.map((value) => String(value).length),
          kind,
        ),
      };
    case 'date':
    case 'date-time':
    case 'time':
      return { type: 'string', format: form };
    case 'integer':
      return kind === 'count' && !isHidden
        ? { type: 'integer', ...chooseRange(values.map(Number)) }
        : { type: 'integer' };
    case 'bigint':
      return { type: 'integer', format: 'bigint' };
    case 'number':
    case 'boolean':
      return { type: form };
    case 'nothing':
      return isHidden ? { type: 'string' } : { type: 'string', maxLength: LENGTHS[1] ?? 0 };
    default:
      return form satisfies never;
  }
}

function chooseLength(lengths: readonly number[], kind: Kind | null): number {
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  if (kind === 'email' && longest <= EMAIL_LENGTH) return EMAIL_LENGTH;
  return LENGTHS.find((length) => length >= HEADROOM * longest) ?? LENGTHS.at(-1) ?? 0;
}

/** `classifyLeaf` does not treat longer numbers as counts; one of them later becomes null, and the record lands. */
function chooseRange(numbers: readonly number[]): Readonly<Record<string, string | number>> {
  const minimum = numbers.some((number) => number < 0) ? -MOST : 0;
  return { minimum, maximum: MOST, 'x-on-invalid': 'set_null' };
}
